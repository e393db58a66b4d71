/// Exit codes of sysexits(3), as CONTRACT §1 uses them.
package enum ExitStatus: Int32, Sendable {
    case usage = 64
    case badData = 65
    case noInput = 66
    case unavailable = 69
    case internalError = 70
    case cantCreate = 73
    case tryAgain = 75
    case notPermitted = 77
    case configuration = 78
}

/// Why a program ends before its work is done: one line for a person, and an exit code.
package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, where, and what to do.
    package let words: String
    package let status: ExitStatus

    package init(_ words: String, _ status: ExitStatus) {
        self.words = words
        self.status = status
    }

    package var description: String { self.words }
}
