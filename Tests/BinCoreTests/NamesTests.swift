import BinCore
import Testing

/// The rule of CONTRACT §7: `a`–`z`, `0`–`9` and single hyphens inside.
struct NamesTests {
    @Test(
        "names keep the rule",
        arguments: [
            "a", "0", "pet", "pet-bottle", "a-b-c", "7up", String(repeating: "x", count: 63),
        ])
    func accepts(text: String) {
        #expect(Name(text)?.text == text)
        #expect(Name(text)?.description == text)
    }

    @Test(
        "names that break the rule are refused",
        arguments: [
            "", "-", "-a", "a-", "a--b", "A", "pet_bottle", "pet bottle", "pet.bottle", "é",
            "e\u{301}", "a\u{0}", "a\n", "\u{212A}", "ａ", String(repeating: "x", count: 64),
        ])
    func refuses(text: String) {
        #expect(Name(text) == nil)
        #expect(DeviceID(text) == nil)
    }

    @Test func aDeviceIdHasAtLeastThree() {
        #expect(DeviceID("b1") == nil)
        #expect(DeviceID("b-1")?.text == "b-1")
        #expect(DeviceID("baiyun-017")?.description == "baiyun-017")
        #expect(DeviceID(String(repeating: "x", count: 64)) == nil)
    }

    @Test func namesSortByTheirText() throws {
        let names = try ["pet", "film", "0"].map { try #require(Name($0)) }
        #expect(names.sorted().map(\.text) == ["0", "film", "pet"])
    }
}
