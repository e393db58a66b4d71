import Foundation
import Glibc
import Synchronization

/// A program that a test has started, with its output in files. Killed when it is let go of.
final class Child: Sendable {
    enum Ending: Equatable, Sendable {
        case exited(Int32)
        case killed(by: Int32)
    }

    struct Trouble: Error, CustomStringConvertible {
        var description: String
    }

    let name: String
    let output: String
    let errors: String
    private let pid: pid_t
    private let ending = Mutex<Ending?>(nil)

    /// - Parameters:
    ///   - name: What its files are called.
    ///   - folder: Where it runs and where its files are; they are appended to.
    ///   - input: The file that is its standard input.
    init(
        _ program: String, _ arguments: [String], name: String, in folder: String,
        input: String = "/dev/null"
    ) throws {
        self.name = name
        self.output = "\(folder)/\(name).out"
        self.errors = "\(folder)/\(name).err"
        // `env -C` changes the folder and becomes the program: the number stays the same.
        self.pid = try Self.spawn(
            ["env", "-C", folder, program] + arguments,
            files: [input, self.output, self.errors])
    }

    deinit { self.end() }

    /// Kills it if it still runs, and waits for that.
    func end() {
        self.ending.withLock { ending in
            guard ending == nil else { return }
            kill(self.pid, SIGKILL)
            ending = Self.wait(for: self.pid, options: 0)
        }
    }

    func signal(_ number: Int32) {
        self.ending.withLock { ending in
            // A process that has been waited for has lost its number to others.
            if ending == nil { kill(self.pid, number) }
        }
    }

    /// How it ended, or `nil` while it runs.
    var ended: Ending? {
        self.ending.withLock { ending in
            if ending == nil { ending = Self.wait(for: self.pid, options: WNOHANG) }
            return ending
        }
    }

    /// Its resident memory.
    func residentKiB() throws -> Int64 {
        let status = try String(contentsOfFile: "/proc/\(self.pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        guard let words = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }),
            words.count >= 2, let number = Int64(words[1])
        else { throw Trouble(description: "\(self.name) has no resident memory") }
        return number
    }

    /// Waits until it has ended by itself or by a signal.
    func wait(seconds: Int = 60) async throws -> Ending {
        try await waiting(for: "the end of \(self.name)", seconds: seconds) { self.ended }
    }

    private static func wait(for pid: pid_t, options: Int32) -> Ending? {
        var status: Int32 = 0
        guard waitpid(pid, &status, options) == pid else { return nil }
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(by: signal)
    }

    /// Foundation's `Process` hands the caller's blocked signals on, and threads of a pool block
    /// SIGTERM: a program started so can't be asked to stop.
    private static func spawn(_ words: [String], files: [String]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let writing = O_WRONLY | O_CREAT | O_APPEND
        for (number, path) in files.enumerated() {
            posix_spawn_file_actions_addopen(
                &actions, Int32(number), path, number == 0 ? O_RDONLY : writing, 0o644)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
        var arguments = words.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        arguments.append(nil)
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, words[0], &actions, &attributes, arguments, environ)
        guard code == 0 else {
            throw Trouble(
                description: "\(words[0]) can't be started: \(String(cString: strerror(code)))")
        }
        return pid
    }
}

/// What a program said until its end.
struct Said: Sendable {
    var code: Int32
    var output: String
    var errors: String

    /// Its output without the last line's end.
    var line: String { self.output.trimmingCharacters(in: .newlines) }
    var errorLines: [Substring] { self.errors.split(separator: "\n") }
}

/// Waits until `look` finds something; what it throws counts as nothing.
///
/// - Throws: `Child.Trouble` when nothing was found in time. The time is no expectation: it only
///   ends a test that would wait for ever, and is far above what a slow machine needs.
func waiting<Found: Sendable>(
    for what: String, seconds: Int = 60, _ look: () async throws -> Found?
) async throws -> Found {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var trouble: (any Error)?
    while ContinuousClock.now < deadline {
        do {
            if let found = try await look() { return found }
            trouble = nil
        } catch { trouble = error }
        try await Task.sleep(for: .milliseconds(20))
    }
    let reason = trouble.map { ": \($0)" } ?? ""
    throw Child.Trouble(description: "waited \(seconds) s in vain for \(what)\(reason)")
}
