import BinCore

/// What is corrected of a scale's mass.
extension SettingsDraft {
    private static let mostPoints = 16
    /// A kilogram: far more than a scale that can be repaired by a few points is off.
    private static let largestCorrection = 1_000

    /// The points under `linearity`; none if there is no such key, `nil` if one is faulty.
    ///
    /// - Parameter capacity: No point may lie above it, if it is known.
    func linearity(in table: Table, capacity: Grams?) -> Linearity? {
        guard let value = table.value("linearity", isOptional: true) else {
            return table.has("linearity") ? nil : .straight
        }
        guard let items = table.list("linearity", of: "points `{ at: …, correction: … }`") else {
            return nil
        }
        guard (1...Self.mostPoints).contains(items.count) else {
            self.log.add(
                "`\(table.path("linearity"))` must have 1 to \(Self.mostPoints) points",
                at: value.place)
            return nil
        }
        let read = items.map { self.point($0, in: table, capacity: capacity) }
        let points = read.compactMap(\.self)
        guard points.count == items.count else { return nil }
        for count in 1...points.count where Linearity(points: Array(points.prefix(count))) == nil {
            let isAscending = count == 1 || points[count - 2].line < points[count - 1].line
            self.log.add(
                "`\(table.path("linearity"))` "
                    + (isAscending
                        ? "falls so steeply that a greater load would show less"
                        : "must have its points in the order of `at`, each once"),
                at: items[count - 1].place)
            return nil
        }
        return Linearity(points: points)
    }

    private func point(
        _ item: DocumentValue, in parent: Table, capacity: Grams?
    ) -> Linearity.Point? {
        guard
            var table = Table(
                item, title: parent.path("linearity"), at: item.place, log: self.log)
        else { return nil }
        table.allow(["at", "correction"])
        let at = table.integer("at", 1...Int(capacity?.value ?? 1_000_000))
        let largest = Self.largestCorrection
        let correction = table.thousandths("correction", -largest...largest)
        guard let at, let correction else { return nil }
        return Linearity.Point(line: Grams(Int64(at)), correction: Milligrams(correction))
    }

    /// The coefficient under `temperature`, for a scale that delivers its temperature.
    ///
    /// - Parameter settings: `nil` if they are faulty, which is reported already.
    func temperature(
        in table: Table, of settings: ScaleSettings.Driver?, driver: String
    ) -> TemperatureCoefficient? {
        guard table.value("temperature", isOptional: true) != nil else { return nil }
        switch settings {
        case .hx711?, .iio?:
            self.log.add(
                "`\(table.path("temperature"))` can't be corrected: driver \(driver) delivers no "
                    + "temperature", at: table.place(of: "temperature"))
            return nil
        case .modbus(let transmitter)? where transmitter.registers.temperature == nil:
            self.log.add(
                "`\(table.path("temperature"))` can't be corrected: `registers` has no "
                    + "`temperature` to tell it", at: table.place(of: "temperature"))
            return nil
        case .modbus?, nil: break
        }
        guard
            let coefficient = table.table(
                "temperature", keys: ["reference", "zero", "span-ppm"])
        else { return nil }
        let reference = coefficient.thousandths("reference", -100...100)
        let zero = coefficient.thousandths("zero", -1_000...1_000)
        let span = coefficient.integer("span-ppm", -1_000...1_000)
        guard let reference, let zero, let span else { return nil }
        return TemperatureCoefficient(
            reference: reference, zero: Milligrams(zero), spanPpm: Int64(span))
    }
}

extension Table {
    /// A decimal number within a range of whole ones, with at most three digits behind its point,
    /// in thousandths.
    fileprivate func thousandths(_ key: String, _ range: ClosedRange<Int>) -> Int64? {
        guard let value = self.value(key) else { return nil }
        let thousands = Int64(range.lowerBound) * 1000...Int64(range.upperBound) * 1000
        guard case .scalar(let text, isQuoted: false) = value.content,
            let number = Self.thousandths(text), thousands.contains(number)
        else {
            self.refuse(
                value,
                "`\(self.path(key))` must be a number from \(range.lowerBound) to "
                    + "\(range.upperBound) with at most three decimals")
            return nil
        }
        return number
    }

    /// `-2`, `-2.0` or `0.125`; no sign but a minus, no exponent, digits on both sides of a point.
    private static func thousandths(_ text: String) -> Int64? {
        let isNegative = text.hasPrefix("-")
        let digits = isNegative ? text.dropFirst() : Substring(text)
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        let isNumber = parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { (48...57).contains($0) }
        }
        guard isNumber, (1...2).contains(parts.count) else { return nil }
        let behind = parts.count == 2 ? parts[1] : ""
        guard parts[0].count <= 9, behind.count <= 3 else { return nil }
        let zeros = String(repeating: "0", count: 3 - behind.count)
        return Int64(parts[0] + behind + zeros).map { isNegative ? -$0 : $0 }
    }
}
