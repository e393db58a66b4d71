import BinCore

/// Where the decimal point of a weight is.
extension SettingsDraft {
    private static let mostDecimals = 7
    private static let lastRegister = 65_535
    /// An index has at most five bits in all devices that are known.
    private static let mostDivisions = 32

    /// The decimals under `decimals` of a weight; none if it has no such key.
    ///
    /// - Parameter configured: What `configured` stands for.
    func decimals(in weight: Table, configured: Int?) -> ScaleRegisters.Decimals? {
        guard let value = weight.value("decimals", isOptional: true) else {
            return weight.has("decimals") ? nil : .fixed(0)
        }
        guard case .mapping = value.content else {
            if let configured, weight.peek("decimals") == "configured" { return .fixed(configured) }
            return weight.integer("decimals", 0...Self.mostDecimals).map { .fixed($0) }
        }
        let keys = ["status", "function", "address", "bits", "divisions"]
        guard let table = weight.table("decimals", keys: keys) else { return nil }
        if table.has("status") { return self.bitField("status", in: table).map { .status($0) } }
        let function = table.choice("function", of: RegisterTable.self)
        let address = table.integer("address", 0...Self.lastRegister)
        let bits = table.has("bits") ? self.bitField("bits", in: table) : .word
        let digits = self.divisions(in: table)
        guard let function, let address, let bits, let digits else { return nil }
        return .division(table: function, address: address, bits: bits, digits: digits)
    }

    /// The number of decimals of each division in the list `divisions`, which is by index.
    private func divisions(in table: Table) -> [Int]? {
        guard let items = table.list("divisions", of: "divisions") else { return nil }
        let digits = items.compactMap { item -> Int? in
            guard case .scalar(let text, _) = item.content, let count = Self.digits(text) else {
                table.refuse(
                    item,
                    "`\(table.path("divisions"))` must be divisions as the display shows them, "
                        + "such as 5 or 0.002")
                return nil
            }
            return count
        }
        guard digits.count == items.count, (1...Self.mostDivisions).contains(digits.count) else {
            return nil
        }
        return digits
    }

    /// How many digits are behind the point of `text`; `nil` if it is no decimal number.
    private static func digits(_ text: String) -> Int? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let isNumber = parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { (48...57).contains($0) }
        }
        guard isNumber, (1...2).contains(parts.count) else { return nil }
        let count = parts.count == 2 ? parts[1].count : 0
        return count <= Self.mostDecimals ? count : nil
    }

    /// Bits of a register, `0-7`, or `3` for a single one.
    func bitField(_ key: String, in table: Table) -> BitField? {
        guard let value = table.value(key) else { return nil }
        if case .scalar(let text, _) = value.content {
            let ends = text.split(separator: "-", omittingEmptySubsequences: false)
                .map { Int($0) }
            if let first = ends.first, let low = first, let last = ends.last, let high = last,
                ends.count <= 2, low >= 0, low <= high, high <= 15
            {
                return BitField(low: low, count: high - low + 1)
            }
        }
        table.refuse(value, "`\(table.path(key))` must be bits from 0 to 15, such as 0-7")
        return nil
    }
}
