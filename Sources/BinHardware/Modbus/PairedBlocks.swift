import BinCore

/// Two blocks that have to belong together: one that tells of the other, and the other.
struct PairedBlocks: Hashable, Sendable {
    /// How often registers that take several requests are read again when they changed in between.
    static let attempts = 3

    let sign: RegisterBlock
    let value: RegisterBlock
    /// The block that covers both, if one request can.
    private let joint: RegisterBlock?
    private var joining = Joining()

    struct Pair: Hashable, Sendable {
        let sign: [UInt16]
        let value: [UInt16]
    }

    init(sign: RegisterBlock, value: RegisterBlock) {
        self.sign = sign
        self.value = value
        self.joint = sign.joined(with: value)
    }

    /// Whether one request covers both.
    var areAdjacent: Bool { self.joint != nil }

    /// Reads both: with one request where they are adjacent and the device permits it, else
    /// sign–value–sign, until the signs are equal.
    mutating func read<Access: RegisterAccess & ~Copyable>(
        _ access: borrowing Access, of unit: Int, at now: BootInstant
    ) throws(BusError) -> Pair {
        let (sign, value) = (self.sign, self.value)
        guard let joint else { return try Self.apart(sign, value, access, of: unit) }
        return try self.joining.read(
            at: now,
            joined: { () throws(BusError) in
                let values = try access.read(joint, of: unit)
                return Pair(
                    sign: sign.part(of: values, from: joint),
                    value: value.part(of: values, from: joint))
            },
            apart: { () throws(BusError) in try Self.apart(sign, value, access, of: unit) })
    }

    private static func apart<Access: RegisterAccess & ~Copyable>(
        _ sign: RegisterBlock, _ value: RegisterBlock, _ access: borrowing Access, of unit: Int
    ) throws(BusError) -> Pair {
        var before = try access.read(sign, of: unit)
        for _ in 0..<Self.attempts {
            let values = try access.read(value, of: unit)
            let after = try access.read(sign, of: unit)
            if before == after { return Pair(sign: after, value: values) }
            before = after
        }
        throw BusError(.inconsistent)
    }
}
