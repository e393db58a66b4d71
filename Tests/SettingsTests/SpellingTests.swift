import Testing

@testable import Settings

@Suite struct SpellingTests {
    /// Counted by hand.
    @Test(
        "counts edits",
        arguments: [
            ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("scale", "scales", 1),
            ("buad", "baud", 1),
            ("dvisoin", "division", 2), ("kitten", "sitting", 3), ("白云", "白雲", 1),
        ])
    func distance(from: String, to: String, expected: Int) {
        let (left, right) = (Array(from.unicodeScalars), Array(to.unicodeScalars))
        #expect(Spelling.distance(left, right) == expected)
        #expect(Spelling.distance(right, left) == expected)
    }

    @Test func prefersTheNearestAndThenTheFirst() {
        #expect(Spelling.nearest(to: "scael", among: ["scales", "scale"]) == "scale")
        #expect(Spelling.nearest(to: "pat", among: ["pit", "pet"]) == "pet")
        #expect(Spelling.nearest(to: "xyz", among: ["pet"]) == nil)
        #expect(Spelling.nearest(to: String(repeating: "a", count: 65), among: ["a"]) == nil)
    }

    @Test func quotesOnOneLineAndCutsOff() {
        #expect(Spelling.quoted("a\nb") == "`a b`")
        let long = String(repeating: "x", count: 41)
        #expect(Spelling.quoted(long) == "`\(long.dropLast())…`")
    }
}
