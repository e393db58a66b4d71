import Foundation
import Glibc
import Synchronization

/// A pseudo-terminal, and a thread that answers at its far end what the near end asks.
///
/// The line is cut when the last reference goes.
final class PseudoTerminal: Sendable {
    enum Answer: Sendable {
        case silence
        case bytes([UInt8])
        case late([UInt8], afterMs: Int)
    }

    /// How long a request is: eight bytes, but for function 16, which has the count of its data in
    /// the seventh. `nil` if that is still to come.
    private static func length(of heard: [UInt8]) -> Int? {
        guard heard.count >= 8 else { return nil }
        return heard[1] == 16 ? 9 + Int(heard[6]) : 8
    }

    /// Where the near end can be opened.
    let device: String
    private let far: Int32
    private let stopping: Int32

    init(answer: @escaping @Sendable ([UInt8]) -> Answer) throws {
        var (far, near): (Int32, Int32) = (-1, -1)
        var name = [CChar](repeating: 0, count: 128)
        var pipes: [Int32] = [-1, -1]
        guard openpty(&far, &near, &name, nil, nil) == 0, pipe(&pipes) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        // A child process that held them would keep the line from being cut.
        for descriptor in [far, near] + pipes { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        let device = name.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { String(cString: $0) } ?? ""
        }
        self.device = device
        self.far = far
        self.stopping = pipes[1]
        let stop = pipes[0]
        // The near end stays open, so that it may be closed and opened again without a hang-up.
        let held = [near, far, stop]
        Thread.detachNewThread { [far] in
            Self.serve(far, until: stop, answer)
            for descriptor in held { close(descriptor) }
        }
    }

    deinit { close(self.stopping) }

    /// Puts bytes on the line unasked.
    func send(_ bytes: [UInt8]) { Self.put(bytes, on: self.far) }

    private static func serve(
        _ far: Int32, until stop: Int32, _ answer: ([UInt8]) -> Answer
    ) {
        var heard: [UInt8] = []
        var ends = [
            pollfd(fd: far, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stop, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            guard poll(&ends, 2, -1) >= 0 || errno == EINTR, ends[1].revents == 0 else { return }
            var buffer = [UInt8](repeating: 0, count: 256)
            let count = read(far, &buffer, buffer.count)
            guard count > 0 else { return }
            heard += buffer.prefix(count)
            while let length = self.length(of: heard), heard.count >= length {
                let request = Array(heard.prefix(length))
                guard Frame.isSealed(request) else {
                    heard.removeFirst()
                    continue
                }
                heard.removeFirst(length)
                switch answer(request) {
                case .silence: break
                case .bytes(let bytes): self.put(bytes, on: far)
                case .late(let bytes, let ms):
                    var end = ends[1]
                    guard poll(&end, 1, Int32(ms)) == 0 else { return }
                    self.put(bytes, on: far)
                }
            }
        }
    }

    private static func put(_ bytes: [UInt8], on far: Int32) {
        _ = bytes.withUnsafeBytes { write(far, $0.baseAddress, $0.count) }
    }
}

/// A serial adapter behind a path that stays the same, to be unplugged and plugged in again.
final class SerialAdapter {
    let path: String
    private let answer: @Sendable ([UInt8]) -> PseudoTerminal.Answer
    private(set) var terminal: PseudoTerminal?

    init(answer: @escaping @Sendable ([UInt8]) -> PseudoTerminal.Answer) {
        self.path = NSTemporaryDirectory() + "/steelyard-line-\(UUID().uuidString)"
        self.answer = answer
    }

    deinit { unlink(self.path) }

    func plug() throws {
        let terminal = try PseudoTerminal(answer: self.answer)
        unlink(self.path)
        guard symlink(terminal.device, self.path) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        self.terminal = terminal
    }

    func unplug() {
        unlink(self.path)
        self.terminal = nil
    }
}

/// The requests that a pseudo-terminal heard.
final class Asked: Sendable {
    private let requests = Mutex<[[UInt8]]>([])

    var all: [[UInt8]] { self.requests.withLock { $0 } }

    func add(_ request: [UInt8]) { self.requests.withLock { $0.append(request) } }
}
