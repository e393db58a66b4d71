/// Writes compact JSON: no white space, only the escapes that RFC 8259 demands.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

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
            self.list(object.members, "{", "}") {
                $0.write($1.key)
                $0.raw(":")
                $0.write($1.value)
            }
        }
    }

    private mutating func list<Item>(
        _ items: [Item], _ open: String, _ close: String, _ write: (inout Self, Item) -> Void
    ) {
        self.raw(open)
        for (index, item) in items.enumerated() {
            if index > 0 { self.raw(",") }
            write(&self, item)
        }
        self.raw(close)
    }

    private mutating func raw(_ text: String) { self.bytes.append(contentsOf: text.utf8) }

    private mutating func write(_ text: String) {
        self.raw("\"")
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
        self.raw("\"")
    }
}
