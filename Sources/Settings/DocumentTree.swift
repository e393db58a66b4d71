import Yams

/// A value of the document with its place, free of what a configuration may not use.
struct DocumentValue {
    enum Content {
        /// A key without a value, `~` or `null`.
        case nothing
        case scalar(String, isQuoted: Bool)
        /// A tag on its own, for instance `!5`.
        case tag(String)
        case list([DocumentValue])
        case mapping([DocumentEntry])
        /// Already reported.
        case refused
    }

    let content: Content
    let place: Place
}

/// A key and its value; within one mapping every key occurs once.
struct DocumentEntry {
    let key: String
    let place: Place
    let value: DocumentValue
}

/// Turns Yams' nodes into document values, and refuses what a configuration may not use: anchors
/// and aliases (an alias repeated in aliases grows without bound), tags, keys that are not plain
/// words, keys given twice, and deep nesting.
struct DocumentTree {
    /// The deepest value of CONTRACT §7, a status bit, stands at level 6.
    private static let deepestLevel = 12

    static let keyRule = "a key must be one word, not a list or a mapping"

    let log: FaultLog
    /// Keys that were masked to get them past Yams, by place.
    let masked: [Place: String]

    func value(of node: Node, level: Int = 1) -> DocumentValue {
        let place = Place(node.mark)
        let content = self.content(of: node, at: place, level: level)
        return DocumentValue(content: content, place: place)
    }

    private func content(of node: Node, at place: Place, level: Int) -> DocumentValue.Content {
        guard node.anchor == nil else { return self.refuseAlias(at: place) }
        guard level <= Self.deepestLevel else {
            self.log.add("is nested too deeply; nothing here needs it", at: place)
            return .refused
        }
        switch node {
        case .scalar(let scalar):
            return self.content(of: scalar, at: place)
        case .sequence(let sequence):
            guard Self.isUntagged(sequence.tag) else { return self.refuseTag(at: place) }
            return .list(sequence.map { self.value(of: $0, level: level + 1) })
        case .mapping(let mapping):
            guard Self.isUntagged(mapping.tag) else { return self.refuseTag(at: place) }
            return .mapping(self.entries(of: mapping, level: level))
        case .alias:
            return self.refuseAlias(at: place)
        }
    }

    private func content(of scalar: Node.Scalar, at place: Place) -> DocumentValue.Content {
        let isQuoted = scalar.style != .plain
        guard Self.isUntagged(scalar.tag) else {
            return scalar.string.isEmpty && !isQuoted
                ? .tag(scalar.tag.description) : self.refuseTag(at: place)
        }
        if !isQuoted, ["", "~", "null"].contains(scalar.string) { return .nothing }
        return .scalar(scalar.string, isQuoted: isQuoted)
    }

    private func entries(of mapping: Node.Mapping, level: Int) -> [DocumentEntry] {
        var result: [DocumentEntry] = []
        var lines: [String: Int] = [:]
        for (keyNode, valueNode) in mapping {
            let place = Place(keyNode.mark)
            guard case .scalar(let scalar) = keyNode else {
                self.log.add(Self.keyRule, at: place)
                continue
            }
            guard scalar.anchor == nil else {
                _ = self.refuseAlias(at: place)
                continue
            }
            let key = self.masked[place] ?? scalar.string
            let value = self.value(of: valueNode, level: level + 1)
            if let line = lines[key] {
                self.log.add(
                    "\(Spelling.quoted(key)) is given twice, first on line \(line)", at: place)
                continue
            }
            lines[key] = place.line
            result.append(DocumentEntry(key: key, place: place, value: value))
        }
        return result
    }

    private func refuseAlias(at place: Place) -> DocumentValue.Content {
        self.log.add(
            "anchors and aliases are not supported here; write the value out", at: place)
        return .refused
    }

    private func refuseTag(at place: Place) -> DocumentValue.Content {
        self.log.add("tags are not supported here; write the value without it", at: place)
        return .refused
    }

    private static func isUntagged(_ tag: Tag) -> Bool {
        [Tag.Name.implicit, .str, .map, .seq].map(\.rawValue).contains(tag.rawValue)
    }
}

extension Place {
    /// Yams gives every parsed node a mark; the start stands for one without.
    init(_ mark: Mark?) {
        self.init(line: mark?.line ?? 1, column: mark?.column ?? 1)
    }
}
