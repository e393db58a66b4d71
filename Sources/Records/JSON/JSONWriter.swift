/// Writes compact JSON: no white space, only the escapes that RFC 8259 demands.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    /// A record and most answers fit without growing.
    private static let usualBytes = 512

    init() { self.bytes.reserveCapacity(Self.usualBytes) }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: self.raw("null")
        case .bool(let flag): self.raw(flag ? "true" : "false")
        case .integer(let number): self.raw(String(number))
        case .decimal(let lexeme): self.raw(lexeme)
        case .string(let text): self.write(text)
        case .array(let items):
            self.list(items, "[", "]") { $0.write($1) }
        case .object(let object):
            self.list(object.members, "{", "}") { $0.write($1.key, $1.value) }
        }
    }

    /// Writes an object whose keys are known to be unique.
    mutating func write(_ members: [(String, JSONValue)]) {
        self.list(members, "{", "}") { $0.write($1.0, $1.1) }
    }

    private mutating func write(_ key: String, _ value: JSONValue) {
        self.write(key)
        self.mark(":")
        self.write(value)
    }

    private mutating func list<Item>(
        _ items: [Item], _ open: Unicode.Scalar, _ close: Unicode.Scalar,
        _ write: (inout Self, Item) -> Void
    ) {
        self.mark(open)
        for (index, item) in items.enumerated() {
            if index > 0 { self.mark(",") }
            write(&self, item)
        }
        self.mark(close)
    }

    private mutating func mark(_ mark: Unicode.Scalar) { self.bytes.append(UInt8(ascii: mark)) }

    private mutating func raw(_ text: String) { self.bytes.append(contentsOf: text.utf8) }

    private mutating func write(_ text: String) {
        self.mark("\"")
        let isPlain = text.utf8.withContiguousStorageIfAvailable { $0.allSatisfy(Self.isPlain) }
        if isPlain == true {
            self.raw(text)
        } else {
            self.escape(text)
        }
        self.mark("\"")
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private mutating func escape(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): self.raw("\\\"")
            case UInt8(ascii: "\\"): self.raw("\\\\")
            case 0x0A: self.raw("\\n")
            case 0x0D: self.raw("\\r")
            case 0x09: self.raw("\\t")
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                self.raw("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
            default: self.bytes.append(byte)
            }
        }
    }
}
