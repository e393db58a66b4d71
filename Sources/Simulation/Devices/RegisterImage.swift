package import BinCore

/// The registers that a device has, and what is in them.
package struct RegisterImage: Hashable, Sendable {
    private struct Key: Hashable, Sendable {
        let table: RegisterTable
        let address: Int
    }

    private var values: [Key: UInt16] = [:]

    package init() {}

    /// Puts `words` into adjacent registers from `address` on.
    package mutating func place(_ words: [UInt16], table: RegisterTable, address: Int) {
        for (offset, word) in words.enumerated() {
            self.values[Key(table: table, address: address + offset)] = word
        }
    }

    /// Puts `bytes`, most significant first, right-aligned into the registers of `block`; what is
    /// longer than the block loses its front.
    package mutating func place(_ bytes: [UInt8], rightAlignedIn block: RegisterBlock) {
        let width = block.count * 2
        let padded = [UInt8](repeating: 0, count: max(0, width - bytes.count)) + bytes.suffix(width)
        let words = stride(from: 0, to: width, by: 2).map {
            UInt16(padded[$0]) << 8 | UInt16(padded[$0 + 1])
        }
        self.place(words, table: block.table, address: block.address)
    }

    /// `count` adjacent registers, or `nil` if the device lacks one of them.
    package func words(table: RegisterTable, address: Int, count: Int) -> [UInt16]? {
        var words: [UInt16] = []
        for offset in 0..<count {
            guard let word = self.values[Key(table: table, address: address + offset)] else {
                return nil
            }
            words.append(word)
        }
        return words
    }
}
