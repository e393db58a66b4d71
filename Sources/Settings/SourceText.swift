/// The text of a document by line and column, as libyaml counts them.
struct SourceText {
    private(set) var scalars: [Unicode.Scalar]

    /// A byte order mark in front is dropped; libyaml refuses it once the encoding is known.
    init(_ text: String) {
        let all = Array(text.unicodeScalars)
        self.scalars = all.first == "\u{FEFF}" ? Array(all.dropFirst()) : all
    }

    var text: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: self.scalars)
        return String(view)
    }

    /// The first character that YAML forbids, with its place.
    ///
    /// Source: YAML 1.1, production `c-printable`, as libyaml's reader applies it.
    var forbidden: (scalar: Unicode.Scalar, place: Place)? {
        guard let offset = self.scalars.firstIndex(where: { !Self.isAllowed($0) }) else {
            return nil
        }
        return (self.scalars[offset], self.place(of: offset))
    }

    /// Where the character at `offset` stands.
    func place(of offset: Int) -> Place {
        var line = 1
        var column = 1
        for index in self.scalars.indices.prefix(offset) {
            if self.endsLine(at: index) {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return Place(line: line, column: column)
    }

    /// The offset of the character at `place`, or `nil` if the text has no such place.
    func offset(of place: Place) -> Int? {
        var line = 1
        var start = 0
        for index in self.scalars.indices where line < place.line && self.endsLine(at: index) {
            line += 1
            start = index + 1
        }
        let offset = start + place.column - 1
        return line == place.line && self.scalars.indices.contains(offset) ? offset : nil
    }

    mutating func replace(at offset: Int, with scalar: Unicode.Scalar) {
        guard self.scalars.indices.contains(offset) else { return }
        self.scalars[offset] = scalar
    }

    /// Whether the character at `index` is the last one of a line; of CR LF that is the LF.
    private func endsLine(at index: Int) -> Bool {
        switch self.scalars[index] {
        case "\n", "\u{85}", "\u{2028}", "\u{2029}":
            return true
        case "\r":
            return index + 1 == self.scalars.count || self.scalars[index + 1] != "\n"
        default:
            return false
        }
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
            0x1_0000...0x10_FFFF:
            true
        default:
            false
        }
    }
}
