extension RegisterBlock {
    /// The longest stretch worth reading at once for the sake of two blocks in it. At 9,600 baud
    /// each register more costs 2 ms, a request of its own over 20 ms.
    package static let longestJoint = 16

    /// The one block that covers this one and `other`, or `nil` if they are in different tables or
    /// too far apart.
    package func joined(with other: RegisterBlock) -> RegisterBlock? {
        guard self.table == other.table, self.isReadable, other.isReadable else { return nil }
        let start = min(self.address, other.address)
        let end = max(self.address + self.count, other.address + other.count)
        guard end - start <= Self.longestJoint else { return nil }
        return RegisterBlock(table: self.table, address: start, count: end - start)
    }

    /// The block with the register behind it, or the one before it if it is the last there is.
    package var widened: RegisterBlock {
        let isLast = self.address + self.count > 65_535
        return RegisterBlock(
            table: self.table, address: isLast ? self.address - 1 : self.address,
            count: self.count + 1)
    }

    /// Whether one reply can carry it (at most 125 registers) and its addresses exist.
    private var isReadable: Bool {
        (0...65_535).contains(self.address) && (1...125).contains(self.count)
            && self.address + self.count <= 65_536
    }

    /// Whether all of `other` is in this block.
    package func covers(_ other: RegisterBlock) -> Bool {
        self.table == other.table && self.address <= other.address
            && other.address - self.address <= self.count - other.count
    }

    /// This block's part of the `values` that were read for `whole`, which covers it.
    package func part(of values: [UInt16], from whole: RegisterBlock) -> [UInt16] {
        Array(values.dropFirst(self.address - whole.address).prefix(self.count))
    }
}
