import BinCore

/// How one transmitter is read.
struct ScalePoll: Hashable, Sendable {
    private let registers: ScaleRegisters
    private let joined: ScaleRequests
    /// `nil` if that would be the same, or the device hands its registers out as one.
    private let apart: ScaleRequests?
    /// By how much two readings of one load may differ.
    private let tolerance: Milligrams
    private var joining = Joining()
    private var watch: FreshnessWatch?
    private var said = LastWord<Reading>()
    /// Whether the device said the same as often as the last poll demanded.
    private(set) var hasAgreed = false

    init(_ registers: ScaleRegisters, division: Grams = .zero) {
        self.registers = registers
        self.tolerance = division.milligrams
        self.joined = ScaleRequests(registers, joined: true)
        let apart = ScaleRequests(registers, joined: false)
        self.apart = registers.isAtomic || apart == self.joined ? nil : apart
        self.watch = FreshnessWatch(registers)
    }

    /// - Parameters:
    ///   - late: How many replies that look like the device's may still be on their way.
    ///   - isInTime: Whether what it said before needs to be said only once.
    /// - Returns: `nil` if the converter has made no new weight since the last poll. If the
    ///   device didn't say the same as often as `late` demands, `unsure`; `nil` if there is nothing
    ///   to be unsure of.
    mutating func reading<Access: RegisterAccess & ~Copyable>(
        _ access: borrowing Access, of unit: Int, clock: any MonotonicClock, late: Int = 0,
        isInTime: Bool = true
    ) throws(BusError) -> Reading? {
        self.hasAgreed = false
        guard var values = try self.agreed(late, isInTime, access, of: unit, clock: clock) else {
            return self.unsure(at: clock.now())
        }
        switch self.freshness(of: values, at: clock.now()) {
        case .fresh: break
        case .unmoved:
            // A count may have come round to the same number since the last poll, but not also in
            // the time of a request.
            guard let again = try self.agreed(late, isInTime, access, of: unit, clock: clock) else {
                return self.unsure(at: clock.now())
            }
            values = again
            switch self.freshness(of: values, at: clock.now()) {
            case .fresh: break
            case .unmoved: return nil
            case .frozen: throw BusError(.frozen)
            }
        case .frozen: throw BusError(.frozen)
        }
        let reading = try self.registers.reading(from: values, at: clock.now())
        self.said.take(reading, at: reading.at)
        return reading
    }

    /// Something moves, or replies are mixed up: what was said lately is no weight at rest.
    private func unsure(at now: BootInstant) -> Reading? {
        guard self.said.value(at: now) != nil else { return nil }
        return Reading(mass: .zero, isStable: false, condition: .unsure, at: now)
    }

    private mutating func freshness(
        of values: ReadRegisters, at now: BootInstant
    ) -> FreshnessWatch.Verdict {
        self.watch?.polled(values, of: self.registers, at: now) ?? .fresh
    }

    /// Reads until it is sure what the device says, as `LateReplies.agreed`: the newest values, if
    /// all weights are one.
    private mutating func agreed<Access: RegisterAccess & ~Copyable>(
        _ late: Int, _ isInTime: Bool, _ access: borrowing Access, of unit: Int,
        clock: any MonotonicClock
    ) throws(BusError) -> ReadRegisters? {
        var values = try self.values(access, of: unit, clock: clock)
        guard late > 0 else { return values }
        let first = try self.registers.reading(from: values, at: clock.now())
        let isSaid = self.said.value(at: first.at).map { self.isSame(first, $0) } ?? false
        for _ in 0..<LateReplies.more(late, isSaid: isSaid, isInTime: isInTime) {
            values = try self.values(access, of: unit, clock: clock)
            let next = try self.registers.reading(from: values, at: clock.now())
            guard self.isSame(first, next) else { return nil }
        }
        self.hasAgreed = true
        return values
    }

    private func isSame(_ one: Reading, _ other: Reading) -> Bool {
        one.condition == other.condition && one.isStable == other.isStable
            && (one.mass - other.mass).magnitude <= self.tolerance
    }

    private mutating func values<Access: RegisterAccess & ~Copyable>(
        _ access: borrowing Access, of unit: Int, clock: any MonotonicClock
    ) throws(BusError) -> ReadRegisters {
        guard let apart else { return try Self.read(self.joined, access, of: unit) }
        let joined = self.joined
        return try self.joining.read(
            at: clock.now(),
            joined: { () throws(BusError) in try Self.read(joined, access, of: unit) },
            apart: { () throws(BusError) in try Self.read(apart, access, of: unit) })
    }

    private static func read<Access: RegisterAccess & ~Copyable>(
        _ requests: ScaleRequests, _ access: borrowing Access, of unit: Int
    ) throws(BusError) -> ReadRegisters {
        var before = try Self.read(requests.around, access, of: unit)
        for _ in 0..<PairedBlocks.attempts {
            var values = ReadRegisters()
            values.add(requests.weight, try access.read(requests.weight, of: unit))
            let after = try Self.read(requests.around, access, of: unit)
            guard before == after else {
                before = after
                continue
            }
            values.add(contentsOf: after)
            if let live = requests.live { values.add(live, try access.read(live, of: unit)) }
            try Self.addTemperature(requests, to: &values, access, of: unit)
            return values
        }
        throw BusError(.inconsistent)
    }

    /// A device that refuses its temperature has a weight all the same.
    private static func addTemperature<Access: RegisterAccess & ~Copyable>(
        _ requests: ScaleRequests, to values: inout ReadRegisters, _ access: borrowing Access,
        of unit: Int
    ) throws(BusError) {
        guard let block = requests.temperature else { return }
        do throws(BusError) { values.add(block, try access.read(block, of: unit)) } catch {
            guard case .exception = error.cause else { throw error }
        }
    }

    private static func read<Access: RegisterAccess & ~Copyable>(
        _ blocks: [RegisterBlock], _ access: borrowing Access, of unit: Int
    ) throws(BusError) -> ReadRegisters {
        var values = ReadRegisters()
        for block in blocks { values.add(block, try access.read(block, of: unit)) }
        return values
    }
}

/// What the requests of one poll brought.
struct ReadRegisters: Hashable, Sendable {
    private struct Piece: Hashable, Sendable {
        let block: RegisterBlock
        let values: [UInt16]
    }

    private var pieces: [Piece] = []

    mutating func add(_ block: RegisterBlock, _ values: [UInt16]) {
        self.pieces.append(Piece(block: block, values: values))
    }

    mutating func add(contentsOf other: ReadRegisters) { self.pieces += other.pieces }

    /// The registers of `block`, if one request covered it.
    subscript(block: RegisterBlock) -> [UInt16]? {
        self.pieces.first { $0.block.covers(block) }
            .map { block.part(of: $0.values, from: $0.block) }
    }
}

extension ScaleRegisters {
    /// The reading that the registers of one poll make.
    func reading(from values: ReadRegisters, at now: BootInstant) throws(BusError) -> Reading {
        do {
            return try self.reading(
                weight: values[self.weightBlock] ?? [],
                status: self.statusBlock.flatMap { values[$0]?.first },
                division: self.divisionBlock.flatMap { values[$0]?.first },
                temperature: self.temperatureBlock.flatMap { values[$0]?.first }, at: now)
        } catch {
            throw BusError(.badValue)
        }
    }
}
