import ArgumentParser
import Console
import HubCore
import Records

struct Key: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the hub's public key, for `trust` in a bin's configuration.")

    @OptionGroup var database: DatabaseOption
    @OptionGroup var output: OutputOption

    func run() async throws {
        let key = try await self.database.open().signingKey().publicKey
        if self.output.json {
            try Console.print(["key": .string(key.base64)])
        } else {
            try Console.print(key.base64)
        }
    }
}
