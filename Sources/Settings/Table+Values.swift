import BinCore

extension Table {
    /// The longest text: a path on Linux (PATH_MAX).
    private static let longestText = 4096

    /// A whole number within `range`, written in decimal without quotes; `fallback` if absent.
    func integer(_ key: String, _ range: ClosedRange<Int>, default fallback: Int? = nil) -> Int? {
        guard let value = self.value(key, isOptional: fallback != nil) else { return fallback }
        guard let number = Self.integer(value), range.contains(number) else {
            self.refuse(
                value,
                "`\(self.path(key))` must be a whole number from \(range.lowerBound) to "
                    + "\(range.upperBound)")
            return nil
        }
        return number
    }

    /// A whole number out of `allowed`.
    func integer(_ key: String, oneOf allowed: [Int], default fallback: Int? = nil) -> Int? {
        guard let value = self.value(key, isOptional: fallback != nil) else { return fallback }
        guard let number = Self.integer(value), allowed.contains(number) else {
            let list = allowed.map(String.init).joined(separator: ", ")
            self.refuse(value, "`\(self.path(key))` must be one of \(list)")
            return nil
        }
        return number
    }

    /// A word out of the raw values of `Choice`.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, of type: Choice.Type = Choice.self, default fallback: Choice? = nil
    ) -> Choice? where Choice.RawValue == String {
        guard let value = self.value(key, isOptional: fallback != nil) else { return fallback }
        return self.choice(value, key: key, among: Array(type.allCases))
    }

    /// `value`, which stands under `key` or in its list, as one of `allowed`.
    func choice<Choice: RawRepresentable>(
        _ value: DocumentValue, key: String, among allowed: [Choice]
    ) -> Choice? where Choice.RawValue == String {
        let words = allowed.map(\.rawValue)
        if case .scalar(let text, _) = value.content, words.contains(text) {
            return Choice(rawValue: text)
        }
        var hint = ""
        if case .scalar(let text, _) = value.content {
            hint = Spelling.hint(for: text, among: words)
        }
        self.refuse(
            value, "`\(self.path(key))` must be one of \(words.joined(separator: ", "))",
            hint: hint)
        return nil
    }

    /// A text of one line, 1 to 4,096 bytes.
    func text(_ key: String, isOptional: Bool = false) -> String? {
        guard let value = self.value(key, isOptional: isOptional) else { return nil }
        return self.text(value, key: key)
    }

    func text(_ value: DocumentValue, key: String) -> String? {
        guard case .scalar(let text, _) = value.content else {
            self.refuse(value, "`\(self.path(key))` must be a text")
            return nil
        }
        let isPrintable = text.unicodeScalars.allSatisfy {
            $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)
        }
        guard !text.isEmpty, text.utf8.count <= Self.longestText, isPrintable else {
            self.log.add(
                "`\(self.path(key))` must be a text of one line, 1 to \(Self.longestText) bytes",
                at: value.place)
            return nil
        }
        return text
    }

    func name(_ key: String) -> Name? {
        guard let text = self.text(key) else { return nil }
        guard let name = Name(text) else {
            self.log.add(Self.nameRule(text), at: self.place(of: key))
            return nil
        }
        return name
    }

    /// An address to listen on.
    func listenAddress(_ key: String) -> ListenAddress? {
        guard let text = self.text(key) else { return nil }
        guard let address = ListenAddress(text), NetworkHost.isWritten(address.host) else {
            self.log.add(
                "`\(self.path(key))` must be HOST:PORT with a port from 0 to 65535, not "
                    + Spelling.quoted(text), at: self.place(of: key))
            return nil
        }
        return address
    }

    /// Reports that `value` breaks `rule`, with what stands there.
    func refuse(_ value: DocumentValue, _ rule: String, hint: String = "") {
        switch value.content {
        case .refused:
            break
        case .nothing:
            self.log.add("\(rule), and has no value", at: value.place)
        case .scalar(let text, let isQuoted):
            let quotes = isQuoted && Int(text) != nil ? " in quotes" : ""
            self.log.add("\(rule), not \(Spelling.quoted(text))\(quotes)\(hint)", at: value.place)
        case .tag(let tag):
            self.log.add("\(rule), not \(Spelling.quoted(tag))", at: value.place)
        case .list:
            self.log.add("\(rule), not a list", at: value.place)
        case .mapping:
            self.log.add("\(rule), not a mapping", at: value.place)
        }
    }

    /// A decimal number without quotes or leading zeros: YAML 1.1 would read `017` as 15.
    private static func integer(_ value: DocumentValue) -> Int? {
        guard case .scalar(let text, isQuoted: false) = value.content, let number = Int(text),
            String(number) == text
        else { return nil }
        return number
    }
}
