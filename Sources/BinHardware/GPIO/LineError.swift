import CGPIO
import Glibc

/// Why GPIO lines can't be used.
package struct LineError: Error, Hashable, Sendable {
    package enum Cause: Hashable, Sendable {
        /// No chip has this name, label or path.
        case chipMissing
        /// Two chips have it.
        case chipAmbiguous
        /// The chip has no such line.
        case lineMissing
        /// Somebody has the line.
        case busy(line: Int, consumer: String)
        /// The device file can't be opened.
        case forbidden
        /// The chip can't do what is asked of the line: the errno.
        case refused(Int32)
        /// The chip or its driver went away: the errno.
        case gone(Int32)
        /// The system has no thread to use them on: the errno.
        case noThread(Int32)
    }

    /// As the configuration names it.
    package let chip: String
    package let lines: [Int]
    package let cause: Cause

    init(_ cause: Cause, chip: String, lines: [Int]) {
        self.chip = chip
        self.lines = lines
        self.cause = cause
    }

    /// The short code of a fault.
    package var code: String {
        switch self.cause {
        case .chipMissing: "chip-missing"
        case .chipAmbiguous: "chip-ambiguous"
        case .lineMissing: "line-missing"
        case .busy: "line-busy"
        case .forbidden: "line-forbidden"
        case .refused: "line-refused"
        case .gone: "line-gone"
        case .noThread: "no-thread"
        }
    }

    /// What is wrong and what to do, for technicians; at most 200 bytes unless names are long.
    package var hint: String {
        let names = self.lines.map(String.init).joined(separator: ", ")
        let place = "\(self.lines.count == 1 ? "line" : "lines") \(names) of \(self.chip)"
        switch self.cause {
        case .chipMissing: return "no GPIO chip is called \(self.chip): see `gpiodetect`"
        case .chipAmbiguous:
            return "two GPIO chips are called \(self.chip): name one by its path, see `gpiodetect`"
        case .lineMissing: return "\(place): the chip has fewer lines, see `gpioinfo`"
        case .busy(let line, let consumer):
            let user = consumer.isEmpty ? "somebody" : consumer
            return "line \(line) of \(self.chip) is used by \(user): stop it, or use another line"
        case .forbidden:
            return "\(place): permission denied; the service's user must be in the group of "
                + "/dev/gpiochip*"
        case .refused(let errno): return "\(place) can't be used like this (errno \(errno))"
        case .gone(let errno): return "\(place) went away (errno \(errno)): check the adapter"
        case .noThread(let errno):
            return "no thread is left for \(place) (errno \(errno)): look what uses them, with `ps`"
        }
    }

    /// What a negative result of finding a chip means.
    static func finding(_ code: Int32, chip: String, lines: [Int]) -> LineError {
        switch -code {
        case ENODEV, ENOENT: LineError(.chipMissing, chip: chip, lines: lines)
        case ENOTUNIQ: LineError(.chipAmbiguous, chip: chip, lines: lines)
        case EACCES, EPERM: LineError(.forbidden, chip: chip, lines: lines)
        case let errno: LineError(.refused(errno), chip: chip, lines: lines)
        }
    }

    /// What a negative result of requesting lines of the chip at `path` means.
    static func requesting(
        _ code: Int32, path: String, chip: String, lines: [Int]
    ) -> LineError {
        switch -code {
        case EBUSY:
            for line in lines {
                guard let user = LineUser(path: path, line: line), user.isUsed else { continue }
                return LineError(
                    .busy(line: line, consumer: user.consumer), chip: chip, lines: lines)
            }
            return LineError(
                .busy(line: lines.first ?? 0, consumer: ""), chip: chip, lines: lines)
        case EACCES, EPERM: return LineError(.forbidden, chip: chip, lines: lines)
        case ENODEV, ENOENT, ENXIO: return LineError(.gone(-code), chip: chip, lines: lines)
        case EINVAL where lines.contains { LineUser(path: path, line: $0) == nil }:
            return LineError(.lineMissing, chip: chip, lines: lines)
        case let errno: return LineError(.refused(errno), chip: chip, lines: lines)
        }
    }
}

/// Who uses a line.
struct LineUser {
    let isUsed: Bool
    let consumer: String

    /// Returns `nil` if the chip at `path` has no such line or can't be asked.
    init?(path: String, line: Int) {
        var info = cgpio_info()
        guard let offset = UInt32(exactly: line), cgpio_line_info(path, offset, &info) >= 0 else {
            return nil
        }
        self.isUsed = info.is_used != 0
        self.consumer = withUnsafeBytes(of: info.consumer) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
