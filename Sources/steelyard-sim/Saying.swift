import ArgumentParser
import Console

extension AsyncParsableCommand {
    /// Runs a verb; what fails is said in one line.
    func saying(_ body: () async throws -> Void) async throws {
        do { try await body() } catch let failure as Failure {
            Console.note(failure.words)
            throw ExitCode(failure.status.rawValue)
        }
    }
}

extension Console {
    /// Says one line on standard error, under this program's name.
    static func note(_ message: String) { Self.say("steelyard-sim: \(message)") }

    /// Says every line, and with which code to end.
    static func refusal(_ messages: [String], _ status: ExitStatus) -> ExitCode {
        for message in messages { Self.note(message) }
        return ExitCode(status.rawValue)
    }
}
