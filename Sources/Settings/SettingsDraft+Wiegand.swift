import BinCore

/// Card readers on two GPIO lines, and the layouts of their frames.
extension SettingsDraft {
    func wiegand(in table: Table) -> WiegandSettings? {
        let chip = self.chip(in: table)
        let d0 = self.lineOffset("d0", of: chip, in: table)
        let d1 = self.lineOffset("d1", of: chip, in: table)
        let formats = self.formats(in: table)
        guard let chip, let d0, let d1 else { return nil }
        return WiegandSettings(chip: chip, d0: d0, d1: d1, formats: formats)
    }

    /// The names of built-in formats and layouts, mixed; no two of one length, since nothing on the
    /// wire tells them apart.
    private func formats(in table: Table) -> [WiegandFormat] {
        let known = WiegandFormat.builtIn.map(\.name).joined(separator: ", ")
        guard let items = table.list("formats", of: "formats") else { return [] }
        if items.isEmpty {
            self.log.add(
                "`\(table.path("formats"))` is empty; name some of \(known)",
                at: table.place(of: "formats"))
        }
        var formats: [WiegandFormat] = []
        for item in items {
            guard let format = self.format(item, in: table) else { continue }
            if let other = formats.first(where: { $0.bits == format.bits }) {
                let isDouble = other.name == format.name
                self.log.add(
                    isDouble
                        ? "\(format.name) is in the list twice"
                        : "\(other.name) and \(format.name) both have \(format.bits) bits and "
                            + "can't be told apart; keep one",
                    at: item.place)
            }
            formats.append(format)
        }
        return formats
    }

    private func format(_ item: DocumentValue, in table: Table) -> WiegandFormat? {
        switch item.content {
        case .mapping:
            return self.layout(item, in: table)
        case .scalar(let text, _):
            let names = WiegandFormat.builtIn.map(\.name)
            if let format = WiegandFormat.builtIn.first(where: { $0.name == text }) {
                return format
            }
            table.refuse(item, self.formatRule(table), hint: Spelling.hint(for: text, among: names))
            return nil
        case .nothing, .tag, .list, .refused:
            table.refuse(item, self.formatRule(table))
            return nil
        }
    }

    private func formatRule(_ table: Table) -> String {
        let names = WiegandFormat.builtIn.map(\.name).joined(separator: ", ")
        return "`\(table.path("formats"))` must hold \(names) or layouts `{ name, bits, payload }`"
    }

    /// `{ name: w32, bits: 32, payload: 0-31 }`, and optionally `even` and `odd`, the parity bits
    /// as `[{ bit: 0, over: 1-12 }]`, and for people `facility` and `number`.
    private func layout(_ item: DocumentValue, in readers: Table) -> WiegandFormat? {
        let title = readers.path("formats")
        guard var table = Table(item, title: title, at: item.place, log: self.log) else {
            return nil
        }
        table.allow(["name", "bits", "payload", "even", "odd", "facility", "number"])
        let name = table.text("name")
        let bits = table.integer("bits", CardNumber.Format.wiegandBits)
        let payload = table.value("payload").flatMap { self.ranges($0, "payload", in: table) }
        let facility = self.field("facility", in: table)
        let number = self.field("number", in: table)
        let even = self.parities(.even, in: table)
        let odd = self.parities(.odd, in: table)
        guard let name, let bits, let payload, let facility, let number, let even, let odd else {
            return nil
        }
        guard name == "w\(bits)" else {
            self.log.add(
                "`\(table.path("name"))` must be `w\(bits)`, as its card numbers begin, not "
                    + Spelling.quoted(name), at: table.place(of: "name"))
            return nil
        }
        do {
            return try WiegandFormat(
                bits: bits, payload: payload, parities: even + odd, facility: facility.first,
                number: number.first)
        } catch {
            let (key, problem) = Self.wording(of: error, bits: bits)
            self.log.add("`\(table.path(key))` \(problem)", at: table.place(of: key))
            return nil
        }
    }

    /// The key that a fault of a layout is about, and what is wrong with it.
    private static func wording(
        of fault: WiegandFormat.Fault, bits: Int
    ) -> (key: String, problem: String) {
        let inFrame = "of the frame's bits 0 to \(bits - 1)"
        switch fault {
        case .bits: return ("bits", "must be a whole number from 4 to 128")
        case .keypad: return ("bits", "can't be 4 or 8: these are frames of keypads")
        case .payloadBit(let bit):
            return ("payload", "names bit \(bit) twice, or it is none \(inFrame)")
        case .payloadSize(let size): return ("payload", "must have 1 to 64 bits, not \(size)")
        case .payloadFixed(let size):
            return ("payload", "must have \(size) bits, as all `w\(bits)` card numbers")
        case .parityBit(let bit):
            return (
                "bits",
                "has a parity bit \(bit) that is none \(inFrame), has two rules, or is in "
                    + "the payload"
            )
        case .coveredBit(let bit):
            return ("bits", "has parity over bit \(bit), which is itself or none \(inFrame)")
        case .field: return ("payload", "must hold all bits of `facility` and `number`")
        }
    }

    private func parities(
        _ kind: WiegandFormat.Parity.Kind, in table: Table
    ) -> [WiegandFormat.Parity]? {
        let key = kind.rawValue
        guard table.has(key) else { return [] }
        guard let items = table.list(key, isOptional: true, of: "parity bits") else { return nil }
        let title = table.path(key)
        let parities = items.map { item -> WiegandFormat.Parity? in
            guard var rule = Table(item, title: title, at: item.place, log: self.log) else {
                return nil
            }
            rule.allow(["bit", "over"])
            let bit = rule.integer("bit", 0...(WiegandFrame.mostBits - 1))
            let over = rule.value("over").flatMap { self.ranges($0, "over", in: rule) }
            guard let bit, let over else { return nil }
            return WiegandFormat.Parity(kind, bit: bit, over: over.flatMap(Array.init))
        }
        return parities.contains(nil) ? nil : parities.compactMap(\.self)
    }

    /// The one range under `key`, `[]` without it, and `nil` after a fault.
    private func field(_ key: String, in table: Table) -> [ClosedRange<Int>]? {
        guard table.has(key) else { return [] }
        guard let value = table.value(key, isOptional: true) else { return nil }
        return self.range(value, key, in: table).map { [$0] }
    }

    /// `1-24`, `5`, or a list of these.
    private func ranges(
        _ value: DocumentValue, _ key: String, in table: Table
    ) -> [ClosedRange<Int>]? {
        guard case .list(let items) = value.content else {
            return self.range(value, key, in: table).map { [$0] }
        }
        let ranges = items.map { self.range($0, key, in: table) }
        return ranges.contains(nil) ? nil : ranges.compactMap(\.self)
    }

    private func range(
        _ value: DocumentValue, _ key: String, in table: Table
    ) -> ClosedRange<Int>? {
        if case .scalar(let text, _) = value.content {
            let ends = text.split(separator: "-", omittingEmptySubsequences: false)
            let numbers = ends.compactMap { end in
                Int(end).flatMap { String($0) == end ? $0 : nil }
            }
            if ends.count == numbers.count, let first = numbers.first, let last = numbers.last,
                numbers.count <= 2, first >= 0, first <= last, last < WiegandFrame.mostBits
            {
                return first...last
            }
        }
        table.refuse(
            value,
            "`\(table.path(key))` must be bits from 0 to 127, as `5`, `1-24` or a list of these")
        return nil
    }
}
