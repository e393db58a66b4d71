/// Where a transmitter keeps weight and status, and how they are coded.
package struct ScaleRegisters: Hashable, Sendable {
    package enum Coding: String, CaseIterable, Sendable {
        case int16, uint16, int32, uint32, float32
        /// An unsigned 32-bit magnitude; the sign is the status bit `negative`.
        case magnitude32

        package var registerCount: Int {
            switch self {
            case .int16, .uint16: 1
            case .int32, .uint32, .float32, .magnitude32: 2
            }
        }
    }

    /// Which of two registers comes first.
    package enum WordOrder: String, CaseIterable, Sendable { case big, little }

    /// How many digits of the raw value are behind the decimal point.
    package enum Decimals: Hashable, Sendable {
        case fixed(Int)
        /// The number is in bits of the status register.
        case status(BitField)
        /// A register holds the division's index; the number for each index from 0 on.
        case division(table: RegisterTable, address: Int, bits: BitField, digits: [Int])
    }

    package struct Weight: Hashable, Sendable {
        package var table: RegisterTable
        package var address: Int
        package var coding: Coding
        package var order: WordOrder
        /// raw × scale ÷ 10^decimals = gram.
        package var scale: Ratio
        package var decimals: Decimals

        package init(
            table: RegisterTable, address: Int, coding: Coding, order: WordOrder, scale: Ratio,
            decimals: Decimals = .fixed(0)
        ) {
            self.table = table
            self.address = address
            self.coding = coding
            self.order = order
            self.scale = scale
            self.decimals = decimals
        }
    }

    package struct Status: Hashable, Sendable {
        package var table: RegisterTable
        package var address: Int
        package var stable: StatusBit?
        /// Any of them says so.
        package var overload: [StatusBit]
        /// Any of them says that the mass means nothing: a broken cell, a load below the range.
        package var error: [StatusBit]
        package var negative: StatusBit?

        package init(
            table: RegisterTable, address: Int, stable: StatusBit? = nil,
            overload: [StatusBit] = [], error: [StatusBit] = [], negative: StatusBit? = nil
        ) {
            self.table = table
            self.address = address
            self.stable = stable
            self.overload = overload
            self.error = error
            self.negative = negative
        }
    }

    /// What moves in a converter that works.
    package struct Liveness: Hashable, Sendable {
        package enum Kind: String, CaseIterable, Sendable {
            /// Counts conversions: with a count that stands still there is no new weight.
            case counter
            /// The converter's raw code, in which noise moves the last digits: it may be the same
            /// twice by chance, but not for seconds.
            case noise
        }

        package var kind: Kind
        package var block: RegisterBlock
        /// The bits that count, of the block's last register.
        package var bits: BitField

        package init(kind: Kind, block: RegisterBlock, bits: BitField = .word) {
            self.kind = kind
            self.block = block
            self.bits = bits
        }
    }

    /// Where the device tells its temperature, as a signed register.
    package struct Temperature: Hashable, Sendable {
        package var table: RegisterTable
        package var address: Int
        /// raw × scale = degrees Celsius.
        package var scale: Ratio

        package init(table: RegisterTable, address: Int, scale: Ratio) {
            self.table = table
            self.address = address
            self.scale = scale
        }
    }

    package var weight: Weight
    package var status: Status?
    package var liveness: Liveness?
    package var temperature: Temperature?
    /// The device hands out weight and status as one: never read apart, whatever it answers.
    package var isAtomic: Bool

    package init(
        weight: Weight, status: Status?, liveness: Liveness? = nil,
        temperature: Temperature? = nil, isAtomic: Bool = false
    ) {
        self.temperature = temperature
        self.weight = weight
        self.status = status
        self.liveness = liveness
        self.isAtomic = isAtomic
    }
}
