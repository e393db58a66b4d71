package import ArgumentParser
package import Console

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How every program of Steelyard begins and ends: with exit codes of sysexits(3), and one line on
/// standard error that says what is wrong, where, and what to do.
package enum Program {
    /// Parses and runs `root`, and ends the process if that fails.
    ///
    /// - Parameters:
    ///   - arguments: Those of the process unless given.
    ///   - explain: The words for an error that isn't a `Failure` yet.
    package static func run<Root: AsyncParsableCommand>(
        _ root: Root.Type, arguments: [String]? = nil,
        explaining explain: @Sendable (any Error) -> Failure? = { _ in nil }
    ) async {
        do {
            var command = try root.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            let failure = error as? Failure ?? explain(error)
            self.leave(root, because: error, failure)
        }
    }

    /// Says every line under the program's name; returns what ends the program.
    package static func refusal<Root: AsyncParsableCommand>(
        of root: Root.Type, _ lines: [String], _ status: ExitStatus
    ) -> ExitCode {
        for line in lines { Console.say("\(root._commandName): \(line)") }
        return ExitCode(status.rawValue)
    }

    private static func leave<Root: AsyncParsableCommand>(
        _ root: Root.Type, because error: any Error, _ failure: Failure?
    ) -> Never {
        let name = root._commandName
        if let failure {
            Console.say("\(name): \(failure.words)")
            exit(failure.status.rawValue)
        }
        let code = root.exitCode(for: error)
        // Help and version are asked for, and a bare code was explained before.
        if code.isSuccess || error is ExitCode { root.exit(withError: error) }
        let message = root.message(for: error).split(separator: "\n").first ?? "unknown"
        Console.say("\(name): \(message); see `\(name) --help`")
        exit(code.rawValue)
    }
}
