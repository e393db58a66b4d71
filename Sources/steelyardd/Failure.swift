import ArgumentParser

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why the daemon can't run, with the exit code of sysexits(3).
struct Failure: Error {
    enum Code: Int32 {
        case unavailable = 69
        case cantCreate = 73
        case tryAgain = 75
        case configuration = 78
    }

    var words: String
    var code: Code

    /// Says each line on standard error and returns what ends the program.
    static func say(_ lines: [String], code: Code) -> ExitCode {
        for line in lines { fputs("steelyardd: \(line)\n", stderr) }
        return ExitCode(code.rawValue)
    }
}
