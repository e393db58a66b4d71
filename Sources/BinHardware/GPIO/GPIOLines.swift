import CGPIO
import Glibc

/// Lines of one chip, requested together. They are given back when it ends.
package struct GPIOLines: ~Copyable {
    /// What other programs see as the lines' user.
    private static let consumer = "steelyardd"
    /// Edges read at a time: more than the 16 that each of a few lines has in the kernel.
    private static let room = 128
    /// How often at a time: more than the kernel keeps, and an end where edges come faster than
    /// they are read.
    private static let mostRounds = 16

    private let raw: OpaquePointer
    private let chip: String
    private let lines: [Int]
    /// Whether the kernel debounces the lines, if that was asked for.
    package let isDebounced: Bool

    /// Requests lines that are read.
    ///
    /// - Parameter chip: Name, label or path; found anew each time, since numbers move.
    package init(chip: String, inputs: [Int], _ setup: InputSetup) throws(LineError) {
        let edges =
            switch setup.edges {
            case .none: CGPIO_EDGES_NONE
            case .falling: CGPIO_EDGES_FALLING
            case .rising: CGPIO_EDGES_RISING
            case .both: CGPIO_EDGES_BOTH
            }
        let bias =
            switch setup.bias {
            case .asIs: CGPIO_BIAS_AS_IS
            case .pullUp: CGPIO_BIAS_PULL_UP
            case .pullDown: CGPIO_BIAS_PULL_DOWN
            }
        let wanted = cgpio_setup(
            consumer: nil, direction: Int32(CGPIO_INPUT), edges: Int32(edges), bias: Int32(bias),
            active_low: setup.isActiveLow ? 1 : 0,
            debounce_us: Int32(clamping: setup.debounceUs))
        try self.init(chip: chip, lines: inputs, wanted, values: nil)
    }

    /// Requests lines that are driven, beginning with `values`, one for each.
    package init(
        chip: String, outputs: [Int], values: [Bool], isActiveLow: Bool = false
    ) throws(LineError) {
        let wanted = cgpio_setup(
            consumer: nil, direction: Int32(CGPIO_OUTPUT), edges: Int32(CGPIO_EDGES_NONE),
            bias: Int32(CGPIO_BIAS_AS_IS), active_low: isActiveLow ? 1 : 0, debounce_us: 0)
        guard values.count == outputs.count else {
            throw LineError(.refused(EINVAL), chip: chip, lines: outputs)
        }
        try self.init(chip: chip, lines: outputs, wanted, values: values.map { $0 ? 1 : 0 })
    }

    private init(
        chip: String, lines: [Int], _ setup: cgpio_setup, values: [Int32]?
    ) throws(LineError) {
        let offsets = lines.compactMap { UInt32(exactly: $0) }
        guard offsets.count == lines.count else {
            throw LineError(.lineMissing, chip: chip, lines: lines)
        }
        let path = try Self.path(of: chip, lines: lines)
        var raw: OpaquePointer?
        let result = Self.consumer.withCString { consumer in
            var setup = setup
            setup.consumer = consumer
            return cgpio_request(
                path, offsets, Int32(clamping: offsets.count), &setup, values, &raw)
        }
        guard result >= 0, let raw else {
            throw LineError.requesting(result, path: path, chip: chip, lines: lines)
        }
        self.raw = raw
        self.chip = chip
        self.lines = lines
        self.isDebounced = setup.debounce_us > 0 && result != CGPIO_NOT_DEBOUNCED
    }

    deinit { cgpio_release(self.raw) }

    /// The path of the device of the chip that is called `chip`.
    package static func path(of chip: String, lines: [Int] = []) throws(LineError) -> String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let result = cgpio_find_chip(chip, &path, path.count)
        guard result >= 0 else { throw LineError.finding(result, chip: chip, lines: lines) }
        return path.withUnsafeBytes { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// What the shim knows them by, for as long as `body` runs.
    func withRaw<Result>(_ body: (OpaquePointer) -> Result) -> Result { body(self.raw) }

    package func isActive(_ index: Int) throws(LineError) -> Bool {
        try self.checked(cgpio_get(self.raw, Int32(clamping: index))) != 0
    }

    package func set(_ index: Int, to isActive: Bool) throws(LineError) {
        _ = try self.checked(cgpio_set(self.raw, Int32(clamping: index), isActive ? 1 : 0))
    }

    /// The edges that are there, in the order of time, up to 16 times the room. Does not block.
    package func edges() throws(LineError) -> EdgeBatch {
        var batch = EdgeBatch()
        let room = max(Self.room, 16 * self.lines.count)
        let edges = UnsafeMutableBufferPointer<cgpio_edge>.allocate(capacity: room)
        defer { edges.deallocate() }
        for _ in 0..<Self.mostRounds {
            var lost: Int64 = 0
            let result = cgpio_read(self.raw, edges.baseAddress, Int32(clamping: room), &lost)
            let count = Int(try self.checked(result))
            batch.lost += lost
            batch.edges += edges[..<count].map {
                LineEdge(index: Int($0.index), isRising: $0.is_rising != 0, atNs: $0.at_ns)
            }
            if count < room { break }
        }
        return batch
    }

    /// What a negative result of using requested lines means.
    func failure(_ code: Int32) -> LineError {
        LineError(.gone(-code), chip: self.chip, lines: self.lines)
    }

    func checked(_ result: Int32) throws(LineError) -> Int32 {
        guard result >= 0 else { throw self.failure(result) }
        return result
    }
}
