/// Finds a master's requests in a stream of bytes that comes in any pieces.
///
/// A pseudo-terminal keeps no time between characters, so frames are told apart by the length that
/// their function implies and by the checksum; silence only ends what can't be completed.
package struct RTURequestParser: Sendable {
    /// What is kept of a stream in which no request is found: two frames of the greatest length.
    package static let bufferMax = 512
    private static let frameMax = 256

    private var buffer: [UInt8] = []

    package init() {}

    /// Whether bytes are kept that may be the beginning of a request.
    package var isWaiting: Bool { !self.buffer.isEmpty }

    /// Takes the bytes that came and returns the requests that they complete.
    package mutating func append(_ bytes: some Sequence<UInt8>) -> [RTUFrame] {
        self.buffer.append(contentsOf: bytes)
        let frames = self.scan(isOver: false)
        if self.buffer.count > Self.bufferMax {
            self.buffer.removeFirst(self.buffer.count - Self.bufferMax)
        }
        return frames
    }

    /// Tells that nothing came for longer than a frame may pause: returns the requests that stand
    /// behind a beginning which never ended, and forgets the rest.
    package mutating func silence() -> [RTUFrame] {
        let frames = self.scan(isOver: true)
        self.buffer.removeAll()
        return frames
    }

    private mutating func scan(isOver: Bool) -> [RTUFrame] {
        var frames: [RTUFrame] = []
        var start = self.buffer.startIndex
        // Left when a frame is incomplete; every turn consumes at least one byte.
        scanning: while start < self.buffer.endIndex {
            let rest = self.buffer[start...]
            switch Self.measure(rest) {
            case .frame(let length):
                if let frame = RTUFrame(sealed: rest.prefix(length)) { frames.append(frame) }
                start += length
            case .noFrame:
                start += 1
            case .incomplete where isOver:
                start += 1
            case .incomplete:
                break scanning
            }
        }
        self.buffer.removeSubrange(..<start)
        return frames
    }

    private enum Measure {
        case frame(Int)
        /// No request begins here.
        case noFrame
        /// One may begin here.
        case incomplete
    }

    private static func measure(_ bytes: ArraySlice<UInt8>) -> Measure {
        guard let function = bytes.dropFirst().first else { return .incomplete }
        switch function {
        case 1...6:
            return Self.measure(bytes, length: 8)
        case 15, 16:
            guard let count = bytes.dropFirst(6).first else { return .incomplete }
            return Self.measure(bytes, length: 9 + Int(count))
        case 128...:
            return .noFrame  // the upper half is for exception replies
        default:
            return Self.measureByChecksum(bytes)
        }
    }

    private static func measure(_ bytes: ArraySlice<UInt8>, length: Int) -> Measure {
        guard length <= Self.frameMax else { return .noFrame }
        guard bytes.count >= length else { return .incomplete }
        return RTUChecksum.holds(for: bytes.prefix(length)) ? .frame(length) : .noFrame
    }

    /// A function whose length isn't known ends where the checksum first fits.
    private static func measureByChecksum(_ bytes: ArraySlice<UInt8>) -> Measure {
        let candidate = bytes.prefix(Self.frameMax)
        if let length = RTUChecksum.shortestFrame(in: candidate) { return .frame(length) }
        return candidate.count == Self.frameMax ? .noFrame : .incomplete
    }
}
