import Settings
import Testing

/// Whatever stands in a file, reading it ends with settings or with faults inside the text.
@Suite struct MutationTests {
    /// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            self.state &+= 0x9E37_79B9_7F4A_7C15
            var z = self.state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let pieces = [
        "{", "}", "[", "]", ":", ": ", ",", "- ", "\n", "\n  ", "\t", "\"", "'", "#", " #", "&a ",
        "*a", "!", "!!str ", "!5 ", "? ", "|\n", ">", "%", "@", "`", "~", "---\n", "...\n", "<<: ",
        "\\", "\u{85}", "\u{2028}", "\r", "é", "白", "\u{E000}", "0", "-1", "99999999999999999999",
        "1/0", "null", "pet", "device: ", "scales: ",
    ]

    private func check(_ bytes: [UInt8]) {
        let lines = bytes.count + 1
        for fault in faults(ofBytes: bytes) {
            let numbers = fault.split(separator: ":").prefix(2).compactMap { Int($0) }
            #expect(numbers.count == 2 && numbers.allSatisfy { (1...lines + 1).contains($0) })
            #expect(!fault.contains("\n"))
        }
    }

    @Test("survives mutations of the example", arguments: [1, 2, 3, 4] as [UInt64])
    func mutations(seed: UInt64) {
        var random = SplitMix(state: seed)
        let original = Array(Example.contract.utf8)
        for _ in 0..<250 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let start = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, start + Int.random(in: 0...12, using: &random))
                let piece = Self.pieces.randomElement(using: &random) ?? ""
                bytes.replaceSubrange(start..<end, with: Array(piece.utf8))
            }
            self.check(bytes)
        }
    }

    @Test("survives random bytes and random pieces", arguments: [5, 6] as [UInt64])
    func noise(seed: UInt64) {
        var random = SplitMix(state: seed)
        for _ in 0..<500 {
            let count = Int.random(in: 0...60, using: &random)
            self.check((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
            let pieces = (0..<count).map { _ in Self.pieces.randomElement(using: &random) ?? "" }
            self.check(Array(pieces.joined().utf8))
        }
    }
}
