import ArgumentParser
import Console
import HubCore
import Records

struct Card: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep the registry of cards.", subcommands: [ImportCards.self])

    struct ImportCards: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: "Add or change the cards of a CSV file, and tell the bins.",
            discussion: """
                The file has a header and the columns card, account and role in any order. Cards \
                that it doesn't name stay as they are. Nothing is taken if one line is wrong. \
                Earlier orders of a card that had no account go to the account it is given.
                """)

        @Argument(help: "The CSV file; - is standard input.") var file: String
        @OptionGroup var database: DatabaseOption
        @OptionGroup var output: OutputOption

        func run() async throws {
            let bytes = try Console.read(self.file)
            let cards: [RegisteredCard]
            do { cards = try CardTable.parse(bytes) } catch {
                for fault in error.faults {
                    Console.say("steelyard-hub: \(self.file), line \(fault.line): \(fault.problem)")
                }
                throw Failure("\(self.file): nothing was taken; correct it and try again", .badData)
            }
            let result = try await self.database.open().importCards(cards, at: .now)
            if self.output.json {
                try Console.print([
                    "cards": .integer(Int64(result.cards)),
                    "changed": .integer(Int64(result.changed)),
                    "claimed": .integer(Int64(result.claimed)),
                    "version": result.version.map { .integer($0) } ?? .null,
                ])
            } else {
                let version = result.version.map { "published as cards \($0)" }
                try Console.print(
                    "\(result.changed) of \(result.cards) cards changed, \(result.claimed) earlier "
                        + "orders claimed, \(version ?? "nothing to publish")")
            }
        }
    }
}
