import BinCore

/// How one transmitter is read.
struct ScalePoll: Hashable, Sendable {
    private let registers: ScaleRegisters
    private let weight: RegisterBlock
    private let pair: PairedBlocks?

    init(_ registers: ScaleRegisters) {
        self.registers = registers
        let weight = RegisterBlock(
            table: registers.weight.table, address: registers.weight.address,
            count: registers.weight.coding.registerCount)
        self.weight = weight
        self.pair = registers.status.map { status in
            PairedBlocks(
                sign: RegisterBlock(table: status.table, address: status.address, count: 1),
                value: weight)
        }
    }

    func reading<Access: RegisterAccess & ~Copyable>(
        _ access: borrowing Access, of unit: Int, clock: any MonotonicClock
    ) throws(BusError) -> Reading {
        let status: UInt16?
        let weight: [UInt16]
        if let pair {
            let registers = try pair.read(access, of: unit)
            status = registers.sign.first
            weight = registers.value
        } else {
            status = nil
            weight = try access.read(self.weight, of: unit)
        }
        do {
            return try self.registers.reading(weight: weight, status: status, at: clock.now())
        } catch {
            throw BusError(.badValue)
        }
    }
}
