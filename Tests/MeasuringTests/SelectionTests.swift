import Console
import Measuring
import Testing

struct SelectionTests {
    private static let known = ["commit", "modbus-poll", "gpio-edges"]

    @Test(
        "what is asked for is run once each, in the order of the list",
        arguments: [
            ([], known, false),
            (["commit"], ["commit"], true),
            (["gpio-edges", "commit", "commit"], ["commit", "gpio-edges"], true),
        ] as [([String], [String], Bool)])
    func selects(wanted: [String], names: [String], isNamed: Bool) throws {
        let selection = try Selection(wanted, of: Self.known)
        #expect(selection.names == names)
        #expect(selection.isNamed == isNamed)
    }

    @Test(
        "a name that there isn't is an error of usage that names it",
        arguments: [["comit"], ["commit", ""], ["Commit"]])
    func refuses(wanted: [String]) throws {
        let failure = try #require(throws: Failure.self) {
            _ = try Selection(wanted, of: Self.known)
        }
        #expect(failure.status == .usage)
        #expect(failure.words.contains("commit, modbus-poll, gpio-edges"))
    }
}
