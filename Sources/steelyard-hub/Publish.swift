import ArgumentParser
import BinCore
import Console
import HubCore
import Records

struct Tariff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Publish prices.", subcommands: [Publish.self])

    struct Publish: PublishVerb {
        static let kind = BulletinKind.tariff
        static let configuration = CommandConfiguration(abstract: "Publish a tariff.")
        @OptionGroup var options: PublishOptions
    }
}

struct Carbon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Publish carbon factors.", subcommands: [Publish.self])

    struct Publish: PublishVerb {
        static let kind = BulletinKind.carbon
        static let configuration = CommandConfiguration(abstract: "Publish a carbon set.")
        @OptionGroup var options: PublishOptions
    }
}

struct Notice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Publish what the resident's page tells.", subcommands: [Publish.self])

    struct Publish: PublishVerb {
        static let kind = BulletinKind.notices
        static let configuration = CommandConfiguration(abstract: "Publish notices.")
        @OptionGroup var options: PublishOptions
    }
}

struct PolicyVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Publish the bins' policy.",
        subcommands: [Publish.self])

    struct Publish: PublishVerb {
        static let kind = BulletinKind.policy
        static let configuration = CommandConfiguration(abstract: "Publish a policy.")
        @OptionGroup var options: PublishOptions
    }
}

struct PublishOptions: ParsableArguments {
    @Argument(help: "JSON with `body` and perhaps `effective`; - is standard input.")
    var file: String
    @Option(help: "Whom it is for: *, community:NAME or a device id.")
    var to = "*"
    @OptionGroup var database: DatabaseOption
    @OptionGroup var output: OutputOption
}

/// A verb that publishes one kind of bulletin.
protocol PublishVerb: AsyncParsableCommand {
    static var kind: BulletinKind { get }
    var options: PublishOptions { get }
}

extension PublishVerb {
    func run() async throws {
        let options = self.options
        guard let audience = Audience(options.to) else {
            throw Failure(
                "`\(options.to)` is no audience; give *, community:NAME or a device id", .usage)
        }
        let bytes = try Console.read(options.file)
        let bulletin: Bulletin
        do {
            bulletin = try await options.database.open().publish(
                try BulletinDraft(bytes: bytes), kind: Self.kind, to: audience, at: .now)
        } catch let error as BulletinDraftError {
            throw Failure("\(options.file): \(error.problem)", .badData)
        } catch HubFault.bulletin(let problem) {
            throw Failure("\(options.file): \(problem)", .badData)
        }
        if options.output.json {
            try Console.print([
                "kind": .string(bulletin.kind.rawValue), "version": .integer(bulletin.version),
                "effective": .string(bulletin.effective.rfc3339),
                "to": .string(bulletin.audience.description),
                "sha256": .string(bulletin.digest.hex),
            ])
        } else {
            try Console.print(
                "published \(bulletin.kind.rawValue) \(bulletin.version) for "
                    + "\(bulletin.audience), effective \(bulletin.effective.rfc3339)")
        }
    }
}
