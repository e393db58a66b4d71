import BinCore

/// One mapping of the document while it is read: every getter reports what is wrong by itself and
/// then returns `nil`, so that reading goes on and all faults come out at once.
struct Table {
    /// The path to the mapping, for instance `scales.pet`; empty for the root.
    let title: String
    /// Where its key stands: what is missing is reported there.
    let place: Place
    let log: FaultLog
    private let entries: [String: DocumentEntry]
    /// In the document's order.
    let all: [DocumentEntry]
    /// Known keys that an unknown one was taken for: they are not reported as missing as well.
    private var misspelled: Set<String> = []

    /// Returns `nil`, with a fault, unless `value` is a mapping.
    init?(_ value: DocumentValue, title: String, at place: Place, log: FaultLog) {
        guard case .mapping(let entries) = value.content else {
            if case .refused = value.content { return nil }
            let what = title.isEmpty ? "the configuration" : "`\(title)`"
            log.add("\(what) must be a mapping, `key: value`", at: value.place)
            return nil
        }
        self.title = title
        self.place = place
        self.log = log
        self.all = entries
        self.entries = Dictionary(entries.map { ($0.key, $0) }, uniquingKeysWith: { old, _ in old })
    }

    /// The path to `key` of this mapping.
    func path(_ key: String) -> String { self.title.isEmpty ? key : "\(self.title).\(key)" }

    /// Reports every key that is not in `known`. To be called before anything is read.
    mutating func allow(_ known: [String]) {
        let within = self.title.isEmpty ? "" : " in `\(self.title)`"
        for entry in self.all where !known.contains(entry.key) {
            let free = known.filter { self.entries[$0] == nil }
            let nearest = Spelling.nearest(to: entry.key, among: free)
            let hint =
                nearest.map { "did you mean `\($0)`?" }
                ?? "known here: \(known.joined(separator: ", "))"
            if let nearest { self.misspelled.insert(nearest) }
            self.log.add(
                "\(Spelling.quoted(entry.key)) is not known\(within); \(hint)", at: entry.place)
        }
    }

    /// Whether `key` is there, or is probably meant by a misspelled one.
    func has(_ key: String) -> Bool {
        self.entries[key] != nil || self.misspelled.contains(key)
    }

    /// The text under `key` without any check or fault.
    func peek(_ key: String) -> String? {
        guard case .scalar(let text, _) = self.entries[key]?.value.content else { return nil }
        return text
    }

    /// The text at the end of a path of keys, without any check or fault.
    func peek(_ path: [String]) -> String? {
        guard let key = path.first else { return nil }
        guard path.count > 1 else { return self.peek(key) }
        guard let value = self.entries[key]?.value,
            let table = Table(value, title: "", at: value.place, log: FaultLog(file: ""))
        else { return nil }
        return table.peek(Array(path.dropFirst()))
    }

    /// Where the key at the end of a path of keys stands, or the last one that is there.
    func place(of path: [String]) -> Place {
        guard let key = path.first, let entry = self.entries[key] else { return self.place }
        guard path.count > 1,
            let table = Table(
                entry.value, title: "", at: entry.place, log: FaultLog(file: ""))
        else { return entry.place }
        return table.place(of: Array(path.dropFirst()))
    }

    /// Where the value under `key` stands, or the mapping if there is none.
    func place(of key: String) -> Place { self.entries[key]?.value.place ?? self.place }

    /// The value under `key`, which must be there unless `isOptional`.
    func value(_ key: String, isOptional: Bool = false) -> DocumentValue? {
        guard let entry = self.entries[key] else {
            if !isOptional, !self.misspelled.contains(key) { self.reportMissing(key) }
            return nil
        }
        switch entry.value.content {
        case .nothing:
            self.log.add("`\(self.path(key))` has no value", at: entry.place)
            return nil
        case .refused:
            return nil
        case .scalar, .tag, .list, .mapping:
            return entry.value
        }
    }

    private func reportMissing(_ key: String) {
        let what = self.title.isEmpty ? "the configuration" : "`\(self.title)`"
        self.log.add("\(what) lacks `\(key)`", at: self.place)
    }

    /// The mapping under `key`, with its keys checked.
    func table(_ key: String, isOptional: Bool = false, keys: [String]) -> Table? {
        guard let value = self.value(key, isOptional: isOptional),
            var table = Table(
                value, title: self.path(key), at: self.entries[key]?.place ?? self.place,
                log: self.log)
        else { return nil }
        table.allow(keys)
        return table
    }

    /// The list under `key`: at least one value, in the document's order.
    func list(_ key: String, isOptional: Bool = false, of what: String) -> [DocumentValue]? {
        guard let value = self.value(key, isOptional: isOptional) else { return nil }
        guard case .list(let items) = value.content else {
            self.log.add("`\(self.path(key))` must be a list of \(what), `[…]`", at: value.place)
            return nil
        }
        return items
    }

    /// The mappings under `key`, each under a name of its own. Read with `read`; those that are
    /// faulty are left out.
    func named<Value>(
        _ key: String, isOptional: Bool = true, read: (Name, inout Table) -> Value?
    ) -> [Name: Value] {
        guard let value = self.value(key, isOptional: isOptional),
            let section = Table(
                value, title: self.path(key), at: self.entries[key]?.place ?? self.place,
                log: self.log)
        else { return [:] }
        if section.all.isEmpty, !isOptional {
            self.log.add("`\(section.title)` is empty; name at least one", at: value.place)
        }
        var result: [Name: Value] = [:]
        for entry in section.all {
            guard let name = Name(entry.key) else {
                self.log.add(Self.nameRule(entry.key), at: entry.place)
                continue
            }
            guard
                var table = Table(
                    entry.value, title: section.path(name.text), at: entry.place, log: self.log)
            else { continue }
            if let value = read(name, &table) { result[name] = value }
        }
        return result
    }

    /// The valid names under `key`, whether what they name is right or not.
    func names(in key: String) -> [String] {
        guard case .mapping(let entries) = self.entries[key]?.value.content else { return [] }
        return entries.map(\.key).filter { Name($0) != nil }
    }

    static func nameRule(_ text: String, shortest: Int = 1) -> String {
        "\(Spelling.quoted(text)) is not a name: use \(shortest) to 63 of a-z, 0-9 and single "
            + "hyphens inside"
    }
}
