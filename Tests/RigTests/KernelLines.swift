import Glibc

/// What the kernel refused: the errno.
struct KernelRefusal: Error, Hashable {
    let errno: Int32
}

/// A GPIO chip seen with nothing but the kernel's own calls, so that the rig is not judged by a
/// library that is itself to be judged on it.
///
/// Source of numbers and offsets: the kernel's `linux/gpio.h`, version 2 of its interface.
struct KernelChip: ~Copyable {
    private static let infoCall: UInt = 0x8044_B401
    private static let lineInfoCall: UInt = 0xC100_B405

    fileprivate let file: Int32

    init(_ device: String) throws(KernelRefusal) {
        self.file = open(device, O_RDWR | O_CLOEXEC)
        guard self.file >= 0 else { throw KernelRefusal(errno: errno) }
    }

    deinit { close(self.file) }

    var label: String {
        get throws(KernelRefusal) { try self.info().text(at: 32) }
    }

    var linesCount: Int {
        get throws(KernelRefusal) { Int(try self.info().load(UInt32.self, at: 64)) }
    }

    /// Empty if it has none.
    func name(ofLine line: Int) throws(KernelRefusal) -> String {
        var info = KernelStruct(bytes: 256)
        info.store(UInt32(line), at: 64)
        _ = try info.call(Self.lineInfoCall, on: self.file)
        return info.text(at: 0)
    }

    private func info() throws(KernelRefusal) -> KernelStruct {
        var info = KernelStruct(bytes: 68)
        _ = try info.call(Self.infoCall, on: self.file)
        return info
    }
}

/// Lines as a program has them.
struct KernelLines: ~Copyable {
    enum Use: UInt64 {
        case input = 0b100
        case output = 0b1000
        case fallingEdges = 0b10_0100
        case bothEdges = 0b11_0100
    }

    struct Edge: Hashable {
        let line: Int
        let isRising: Bool
        /// CLOCK_MONOTONIC.
        let atUs: Int
        /// Counted by the kernel over all lines of the request, from 1.
        let number: Int
    }

    private static let requestCall: UInt = 0xC250_B407
    private static let getCall: UInt = 0xC010_B40E
    private static let setCall: UInt = 0xC010_B40F
    private static let edgeBytes = 48

    private let file: Int32
    private let count: Int

    init(_ device: String, _ lines: [Int], as use: Use) throws(KernelRefusal) {
        let chip = try KernelChip(device)
        var request = KernelStruct(bytes: 592)
        for (index, line) in lines.enumerated() {
            request.store(UInt32(line), at: 4 * index)
        }
        request.store(use.rawValue, at: 288)
        request.store(UInt32(lines.count), at: 560)
        request.store(UInt32(use == .fallingEdges || use == .bothEdges ? 1024 : 0), at: 564)
        _ = try request.call(Self.requestCall, on: chip.file)
        self.file = request.load(Int32.self, at: 588)
        self.count = lines.count
    }

    deinit { close(self.file) }

    /// In the order of the request.
    func values() throws(KernelRefusal) -> [Bool] {
        var values = KernelStruct(bytes: 16)
        values.store(UInt64(1) << UInt64(self.count) - 1, at: 8)
        _ = try values.call(Self.getCall, on: self.file)
        let bits = values.load(UInt64.self, at: 0)
        return (0..<self.count).map { bits >> UInt64($0) & 1 == 1 }
    }

    func set(_ levels: [Bool]) throws(KernelRefusal) {
        var values = KernelStruct(bytes: 16)
        let bits = levels.enumerated().reduce(UInt64(0)) { $0 | ($1.1 ? 1 << UInt64($1.0) : 0) }
        values.store(bits, at: 0)
        values.store(UInt64(1) << UInt64(levels.count) - 1, at: 8)
        _ = try values.call(Self.setCall, on: self.file)
    }

    /// The next edge, waited for if need be; `nil` if none comes.
    func nextEdge(withinMs timeout: Int) throws(KernelRefusal) -> Edge? {
        var poller = pollfd(fd: self.file, events: Int16(POLLIN), revents: 0)
        let ready = poll(&poller, 1, Int32(timeout))
        guard ready >= 0 else { throw KernelRefusal(errno: errno) }
        guard ready > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: Self.edgeBytes)
        guard read(self.file, &bytes, bytes.count) == bytes.count else {
            throw KernelRefusal(errno: errno)
        }
        let event = KernelStruct(bytes)
        return Edge(
            line: Int(event.load(UInt32.self, at: 12)),
            isRising: event.load(UInt32.self, at: 8) == 1,
            atUs: Int(event.load(UInt64.self, at: 0) / 1000),
            number: Int(event.load(UInt32.self, at: 16)))
    }
}

/// The bytes of a C struct that the kernel fills.
private struct KernelStruct {
    private var bytes: [UInt8]

    init(bytes count: Int) { self.bytes = [UInt8](repeating: 0, count: count) }

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func store(_ value: some BitwiseCopyable, at offset: Int) {
        self.bytes.withUnsafeMutableBytes {
            $0.storeBytes(of: value, toByteOffset: offset, as: type(of: value))
        }
    }

    func load<Value: BitwiseCopyable>(_ type: Value.Type, at offset: Int) -> Value {
        self.bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
    }

    /// 32 bytes, ended by a zero.
    func text(at offset: Int) -> String {
        let bytes = self.bytes[offset..<(offset + 32)]
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    mutating func call(_ number: UInt, on file: Int32) throws(KernelRefusal) -> Int32 {
        let result = ioctl(file, number, &self.bytes)
        guard result >= 0 else { throw KernelRefusal(errno: errno) }
        return result
    }
}
