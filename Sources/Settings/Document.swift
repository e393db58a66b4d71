import Yams

/// Reads YAML into document values.
///
/// Yams stops at the first mapping with a key given twice, which would hide all other faults. Such
/// a key is therefore masked by a private-use character and the text is read again; line and column
/// of everything else stay as they are.
struct Document {
    /// How many keys given twice are masked before the first remaining one is reported alone.
    private static let mostMasks = 64
    private static let firstMask: UInt32 = 0xE000
    /// How many aliases a text may seem to have, if it seems to have an anchor at all. Yams hashes
    /// keys with all that their aliases stand for: with 24 aliases that is at most e^(24/e), about
    /// 7,000 values, whatever they are nested in.
    private static let mostAliases = 24

    private let log: FaultLog
    private var source: SourceText
    private var masked: [Place: String] = [:]

    /// The document's root; `nil` once a fault that hides everything else was reported.
    static func root(of text: String, log: FaultLog) -> DocumentValue? {
        var document = Document(log: log, source: SourceText(text))
        if let forbidden = document.source.forbidden {
            let code = String(forbidden.scalar.value, radix: 16, uppercase: true)
            log.add("has the control character U+\(code); remove it", at: forbidden.place)
            return nil
        }
        guard document.hasFewAliases() else { return nil }
        for _ in 0...Self.mostMasks {
            switch document.compose() {
            case .root(let value): return value
            case .failed: return nil
            case .masked: continue
            }
        }
        return nil
    }

    private init(log: FaultLog, source: SourceText) {
        self.log = log
        self.source = source
    }

    private enum Outcome {
        case root(DocumentValue)
        case failed
        case masked
    }

    private mutating func compose() -> Outcome {
        do {
            let parser = try Parser(yaml: self.source.text, resolver: .basic, encoding: .utf8)
            guard let root = try parser.singleRoot() else { return self.reportEmpty() }
            // The parser owns the anchors, which nodes refer to weakly.
            let tree = DocumentTree(log: self.log, masked: self.masked)
            let value = withExtendedLifetime(parser) { tree.value(of: root) }
            if case .nothing = value.content { return self.reportEmpty() }
            return .root(value)
        } catch let error as YamlError {
            return self.handle(error)
        } catch {
            self.log.add("is not valid YAML: \(error)", at: .start)
            return .failed
        }
    }

    private func reportEmpty() -> Outcome {
        self.log.add("is empty; see steelyard.example.yaml", at: .start)
        return .failed
    }

    private mutating func handle(_ error: YamlError) -> Outcome {
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            self.report(problem, context: context?.text, at: Place(mark))
        case .duplicatedKeysInMapping(let keys, let context):
            let place = Place(context.mark)
            if let key = keys.first, self.mask(key, at: place) { return .masked }
            if let offset = self.source.offset(of: place),
                "[{".unicodeScalars.contains(self.source.scalars[offset])
            {
                self.log.add(DocumentTree.keyRule, at: place)
            } else {
                let key = keys.first.map(Spelling.quoted) ?? "a key"
                self.log.add("\(key) is given twice in one mapping", at: place)
            }
        case .memory:
            self.log.add("does not fit into memory", at: .start)
        case .no, .reader, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            self.log.add("is not valid YAML", at: .start)
        }
        return .failed
    }

    /// Reports what libyaml said, with a hint for what people trip over.
    private func report(_ problem: String, context: String?, at place: Place) {
        let start = self.source.offset(of: place)
        var hint = ""
        if context == "while scanning a tag" {
            hint = "; an inverted bit needs a space behind it, or quotes: \"!5\""
        } else if let start, self.source.scalars[start] == "\t" {
            hint = "; indent with spaces, not with tabs"
        } else if problem.hasPrefix("but found another document") {
            hint = "; a configuration is one document"
        }
        self.log.add("is not valid YAML: \(problem)\(hint)", at: place)
    }

    /// Makes the key at `place` differ from its double. Returns `false` if it can't be done: a key
    /// that is not a word, or one more than `mostMasks`.
    private mutating func mask(_ key: String, at place: Place) -> Bool {
        guard self.masked.count < Self.mostMasks, self.masked[place] == nil,
            var offset = self.source.offset(of: place),
            let mask = Unicode.Scalar(Self.firstMask + UInt32(self.masked.count))
        else { return false }
        let quote = self.source.scalars[offset]
        if quote == "\"" || quote == "'" {
            offset += 1
            guard offset < self.source.scalars.count, self.source.scalars[offset] != quote else {
                return false
            }
        } else if "[]{}&*!|>?".unicodeScalars.contains(quote) {
            return false
        }
        self.source.replace(at: offset, with: mask)
        self.masked[place] = key
        return true
    }

    /// Counts what may be an alias, also inside quotes and comments, before Yams resolves them.
    private func hasFewAliases() -> Bool {
        guard let anchor = self.references("&").first else { return true }
        guard self.references("*").count > Self.mostAliases else { return true }
        self.log.add(
            "anchors and aliases are not supported here; write the values out",
            at: self.source.place(of: anchor))
        return false
    }

    /// Where `sign` stands in front of what libyaml takes for an anchor's name.
    private func references(_ sign: Unicode.Scalar) -> [Int] {
        let scalars = self.source.scalars
        return scalars.indices.dropLast().filter {
            guard scalars[$0] == sign else { return false }
            let next = scalars[$0 + 1]
            return next == "-" || next == "_" || ("0"..."9").contains(next)
                || ("a"..."z").contains(next) || ("A"..."Z").contains(next)
        }
    }
}
