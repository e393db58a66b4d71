import ArgumentParser
import BinCore
import Console
import Foundation
import HubCore
import HubStore

/// Where the hub's database is.
struct DatabaseOption: ParsableArguments {
    private static let flag = "--database"
    private static let sqlite = "sqlite:"
    private static let postgres = ["postgres:", "postgresql:"]

    @Option(help: "The database, as sqlite:PATH.")
    var database = "sqlite:/var/lib/steelyard-hub/hub.sqlite"

    /// Opens the store, and makes it if it isn't there.
    func open() throws -> any HubStoring {
        if Self.postgres.contains(where: self.database.hasPrefix) {
            throw Failure(
                "this version has no PostgreSQL; give --database sqlite:PATH", .configuration)
        }
        guard self.database.hasPrefix(Self.sqlite),
            self.database.count > Self.sqlite.count
        else {
            throw Failure("`\(self.database)` is no database; give sqlite:PATH", .usage)
        }
        return try SQLiteHubStore(path: String(self.database.dropFirst(Self.sqlite.count)))
    }

    /// `--database URL VERB …` as `VERB … --database URL`, since the option belongs to each verb.
    ///
    /// Before anything else than one of `verbs` it says nothing, and is left out.
    static func movedBehindVerb(_ arguments: [String], verbs: Set<String>) -> [String] {
        let length: Int
        if arguments.first == self.flag, arguments.count >= 2 {
            length = 2
        } else if arguments.first?.hasPrefix(self.flag + "=") == true {
            length = 1
        } else {
            return arguments
        }
        var moved = Array(arguments.dropFirst(length))
        guard let verb = moved.first, verbs.contains(verb) else { return moved }
        let end = moved.firstIndex(of: "--") ?? moved.endIndex
        moved.insert(contentsOf: arguments.prefix(length), at: end)
        return moved
    }
}

/// Whether a script reads the output.
struct OutputOption: ParsableArguments {
    @Flag(help: "Print JSON.")
    var json = false
}

extension DeviceID: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
}

extension Name: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
}

extension WallTime {
    static var now: WallTime {
        WallTime(millisecondsSince1970: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
