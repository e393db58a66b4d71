import BinCore

extension RegisterBlock {
    /// The longest stretch worth reading at once for the sake of two blocks in it. At 9,600 baud
    /// each register more costs 2 ms, a request of its own over 20 ms.
    static let longestJoint = 16

    /// The one block that covers this one and `other`, or `nil` if they are in different tables or
    /// too far apart.
    func joined(with other: RegisterBlock) -> RegisterBlock? {
        guard self.table == other.table, self.isReadable, other.isReadable else { return nil }
        let start = min(self.address, other.address)
        let end = max(self.address + self.count, other.address + other.count)
        guard end - start <= Self.longestJoint else { return nil }
        return RegisterBlock(table: self.table, address: start, count: end - start)
    }

    /// Whether one reply can carry it (at most 125 registers) and its addresses exist.
    private var isReadable: Bool {
        (0...65_535).contains(self.address) && (1...125).contains(self.count)
            && self.address + self.count <= 65_536
    }

    /// This block's part of the `values` that were read for `whole`, which covers it.
    func part(of values: [UInt16], from whole: RegisterBlock) -> [UInt16] {
        Array(values.dropFirst(self.address - whole.address).prefix(self.count))
    }
}

/// Two blocks that have to belong together: one that tells of the other, and the other.
struct PairedBlocks: Hashable, Sendable {
    /// How often registers that take several requests are read again when they changed in between.
    static let attempts = 3

    let sign: RegisterBlock
    let value: RegisterBlock
    /// The block that covers both, if one request can.
    private let joint: RegisterBlock?

    init(sign: RegisterBlock, value: RegisterBlock) {
        self.sign = sign
        self.value = value
        self.joint = sign.joined(with: value)
    }

    /// Whether one request covers both.
    var areAdjacent: Bool { self.joint != nil }

    /// Reads both: with one request where they are adjacent, else sign–value–sign, until the signs
    /// are equal.
    func read<Access: RegisterAccess & ~Copyable>(
        _ access: borrowing Access, of unit: Int
    ) throws(BusError) -> (sign: [UInt16], value: [UInt16]) {
        if let joint {
            let values = try access.read(joint, of: unit)
            return (
                self.sign.part(of: values, from: joint), self.value.part(of: values, from: joint)
            )
        }
        var before = try access.read(self.sign, of: unit)
        for _ in 0..<Self.attempts {
            let value = try access.read(self.value, of: unit)
            let after = try access.read(self.sign, of: unit)
            if before == after { return (after, value) }
            before = after
        }
        throw BusError(.inconsistent)
    }
}
