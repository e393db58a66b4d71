/// The requests that one reading of a transmitter takes.
///
/// A reply names neither its registers nor its request: only its function and its length tell whose
/// it is. So no two requests of a device have both the same, and a reply that is late is not taken
/// for that to another request. Where the device's registers would make it so, one more is read.
package struct ScaleRequests: Hashable, Sendable {
    /// Has the weight, and all else that is near enough to it.
    package let weight: RegisterBlock
    /// What tells of the weight but is too far from it: read before and after it, until both times
    /// are the same.
    package let around: [RegisterBlock]
    /// What moves in a converter that works, if it is too far from the weight.
    package let live: RegisterBlock?
    /// The temperature, if it is too far from the weight. It changes in minutes: when it is read
    /// doesn't matter.
    package let temperature: RegisterBlock?

    /// - Parameter joined: Whether neighbours are read at once.
    package init(_ registers: ScaleRegisters, joined: Bool) {
        var core = registers.weightBlock
        var far: [RegisterBlock] = []
        for block in [registers.statusBlock, registers.divisionBlock].compactMap(\.self) {
            if joined, let joint = core.joined(with: block) {
                core = joint
            } else if joined, let last = far.last, let joint = last.joined(with: block) {
                far[far.count - 1] = joint
            } else {
                far.append(block)
            }
        }
        var live = registers.liveness?.block
        if joined, let block = live, let joint = core.joined(with: block) {
            core = joint
            live = nil
        }
        var temperature = registers.temperatureBlock
        if joined, let block = temperature, let joint = core.joined(with: block) {
            core = joint
            temperature = nil
        }
        var asked = [core]
        self.weight = core
        guard joined else {
            // For devices that refuse to hand out registers beside those asked for.
            self.around = far
            self.live = live
            self.temperature = temperature
            return
        }
        self.around = far.map { Self.apart($0, from: &asked) }
        self.live = live.map { Self.apart($0, from: &asked) }
        self.temperature = temperature.map { Self.apart($0, from: &asked) }
    }

    /// `block`, longer by as many registers as it takes not to be mistaken for one of `asked`.
    private static func apart(
        _ block: RegisterBlock, from asked: inout [RegisterBlock]
    ) -> RegisterBlock {
        var block = block
        while asked.contains(where: { $0.table == block.table && $0.count == block.count }) {
            block = block.widened
        }
        asked.append(block)
        return block
    }

    /// In the order of the line, without what is read again because it changed.
    package var all: [RegisterBlock] {
        self.around + [self.weight] + self.around
            + [self.live, self.temperature].compactMap(\.self)
    }
}

extension ScaleRegisters {
    package var weightBlock: RegisterBlock {
        RegisterBlock(
            table: self.weight.table, address: self.weight.address,
            count: self.weight.coding.registerCount)
    }

    package var statusBlock: RegisterBlock? {
        self.status.map { RegisterBlock(table: $0.table, address: $0.address, count: 1) }
    }

    package var temperatureBlock: RegisterBlock? {
        self.temperature.map { RegisterBlock(table: $0.table, address: $0.address, count: 1) }
    }

    package var divisionBlock: RegisterBlock? {
        switch self.weight.decimals {
        case .fixed, .status: nil
        case .division(let table, let address, _, _):
            RegisterBlock(table: table, address: address, count: 1)
        }
    }
}
