import ArgumentParser
import Foundation

/// The exit codes of sysexits(3) that this program uses.
enum SysExit: Int32 {
    case usage = 64
    case badData = 65
    case notReachable = 69
    case cannotCreate = 73
    case badConfiguration = 78
}

/// What is written for people and scripts, a line at a time and without delay: scripts wait for it.
enum Terminal {
    static func print(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    /// Says what is wrong on standard error, and with which code to end.
    static func failure(_ message: String, _ code: SysExit) -> ExitCode {
        Self.note(message)
        return ExitCode(code.rawValue)
    }

    static func note(_ message: String) {
        FileHandle.standardError.write(Data("steelyard-sim: \(message)\n".utf8))
    }
}
