/// Why bytes aren't JSON, and where: the offset counts bytes from 0.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    package var offset: Int
    package var problem: String

    package var description: String { "not JSON at byte \(self.offset): \(self.problem)" }
}

/// Strict JSON (RFC 8259) with what a ledger must insist on: keys are unique, UTF-8 is valid, depth
/// is bounded. Bounding the size is the caller's part.
package struct JSONParser {
    private static let deepest = 32

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Parses exactly one value.
    ///
    /// - Throws: `JSONError` with the offset of the first byte that doesn't fit.
    package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.position == bytes.count else { throw parser.error("more after the value") }
        return value
    }

    /// The same for text that is known to be one object.
    package static func object(_ bytes: [UInt8]) throws(JSONError) -> JSONObject {
        guard let object = try self.parse(bytes).object else {
            throw JSONError(offset: 0, problem: "an object was expected")
        }
        return object
    }

    private func error(_ problem: String) -> JSONError {
        JSONError(offset: self.position, problem: problem)
    }

    private var current: UInt8? {
        self.position < self.bytes.count ? self.bytes[self.position] : nil
    }

    private mutating func skipSpace() {
        while let byte = self.current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
        {
            self.position += 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard self.current == byte else { return false }
        self.position += 1
        return true
    }

    private mutating func take(_ literal: StaticString) -> Bool {
        let length = literal.utf8CodeUnitCount
        guard self.position + length <= self.bytes.count else { return false }
        let matches = literal.withUTF8Buffer { text in
            (0..<length).allSatisfy { self.bytes[self.position + $0] == text[$0] }
        }
        if matches { self.position += length }
        return matches
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < Self.deepest else { throw self.error("nested too deeply") }
        self.skipSpace()
        switch self.current {
        case UInt8(ascii: "{"): return .object(try self.object(depth: depth))
        case UInt8(ascii: "["): return .array(try self.array(depth: depth))
        case UInt8(ascii: "\""): return .string(try self.string())
        case UInt8(ascii: "t") where self.take("true"): return .bool(true)
        case UInt8(ascii: "f") where self.take("false"): return .bool(false)
        case UInt8(ascii: "n") where self.take("null"): return .null
        case let byte? where byte == UInt8(ascii: "-") || (48...57).contains(byte):
            return try self.number()
        case nil: throw self.error("it ends too early")
        default: throw self.error("a value was expected")
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        self.position += 1
        var items: [JSONValue] = []
        self.skipSpace()
        if self.take(UInt8(ascii: "]")) { return items }
        while true {
            items.append(try self.value(depth: depth + 1))
            self.skipSpace()
            if self.take(UInt8(ascii: "]")) { return items }
            guard self.take(UInt8(ascii: ",")) else { throw self.error("`,` or `]` was expected") }
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        self.position += 1
        var object = JSONObject()
        var keys = KeySet()
        self.skipSpace()
        if self.take(UInt8(ascii: "}")) { return object }
        while true {
            self.skipSpace()
            guard self.current == UInt8(ascii: "\"") else { throw self.error("a key was expected") }
            let key = try self.string()
            guard keys.insert(key, into: object) else { throw self.error("a key stands twice") }
            self.skipSpace()
            guard self.take(UInt8(ascii: ":")) else { throw self.error("`:` was expected") }
            object.append(unique: key, try self.value(depth: depth + 1))
            self.skipSpace()
            if self.take(UInt8(ascii: "}")) { return object }
            guard self.take(UInt8(ascii: ",")) else { throw self.error("`,` or `}` was expected") }
        }
    }

    private mutating func digits() -> Int {
        let start = self.position
        while let byte = self.current, (48...57).contains(byte) { self.position += 1 }
        return self.position - start
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = self.position
        _ = self.take(UInt8(ascii: "-"))
        let leadingZero = self.current == 48
        let whole = self.digits()
        guard whole > 0, !(leadingZero && whole > 1) else { throw self.error("a bad number") }
        var isInteger = true
        if self.take(UInt8(ascii: ".")) {
            isInteger = false
            guard self.digits() > 0 else { throw self.error("a digit was expected") }
        }
        if self.take(UInt8(ascii: "e")) || self.take(UInt8(ascii: "E")) {
            isInteger = false
            _ = self.take(UInt8(ascii: "+")) || self.take(UInt8(ascii: "-"))
            guard self.digits() > 0 else { throw self.error("a digit was expected") }
        }
        let lexeme = String(decoding: self.bytes[start..<self.position], as: UTF8.self)
        if isInteger, let value = Int64(lexeme) { return .integer(value) }
        return .decimal(lexeme)
    }

    private mutating func string() throws(JSONError) -> String {
        self.position += 1
        var (text, start): ([UInt8], Int) = ([], self.position)
        // Of all bytes: a set highest bit stays.
        var bits: UInt8 = 0
        while let byte = self.current {
            switch byte {
            case UInt8(ascii: "\""):
                let last = self.bytes[start..<self.position]
                self.position += 1
                // Most strings; ASCII is always valid.
                if text.isEmpty, bits < 0x80 { return String(decoding: last, as: UTF8.self) }
                guard let string = String(validating: text + last, as: UTF8.self) else {
                    self.position -= 1
                    throw self.error("invalid UTF-8")
                }
                return string
            case UInt8(ascii: "\\"):
                text += self.bytes[start..<self.position]
                self.position += 1
                text += try self.escape()
                start = self.position
            case 0..<0x20:
                throw self.error("a control character in a string")
            default:
                bits |= byte
                self.position += 1
            }
        }
        throw self.error("a string doesn't end")
    }

    private mutating func escape() throws(JSONError) -> [UInt8] {
        guard let byte = self.current else { throw self.error("it ends too early") }
        self.position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(try self.unicodeEscape()).utf8)
        default: throw self.error("an unknown escape")
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> Character {
        let first = try self.fourDigits()
        var code = UInt32(first)
        if (0xD800..<0xDC00).contains(first), self.take("\\u") {
            let second = try self.fourDigits()
            guard (0xDC00..<0xE000).contains(second) else { throw self.error("half a pair") }
            code = 0x10000 + (UInt32(first - 0xD800) << 10 | UInt32(second - 0xDC00))
        }
        guard let scalar = Unicode.Scalar(code) else { throw self.error("half a pair") }
        return Character(scalar)
    }

    private mutating func fourDigits() throws(JSONError) -> UInt16 {
        guard self.position + 4 <= self.bytes.count else { throw self.error("it ends too early") }
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(self.bytes[self.position])).hexDigitValue
            else { throw self.error("a hexadecimal digit was expected") }
            value = value << 4 | UInt16(digit)
            self.position += 1
        }
        return value
    }
}

/// An object's keys so far. Looking through a few is faster than hashing them; for many it would be
/// a way to keep the reader busy.
private struct KeySet {
    private static let few = 24
    private var many: Set<String> = []

    /// Returns whether `key` is new.
    mutating func insert(_ key: String, into object: JSONObject) -> Bool {
        if object.members.count < Self.few { return !object.members.contains { $0.key == key } }
        if self.many.isEmpty { self.many = Set(object.members.map(\.key)) }
        return self.many.insert(key).inserted
    }
}
