/// The rates that one deposit is credited at, with the bulletin versions they come from.
package struct AppliedRates: Hashable, Sendable {
    /// 0 while no tariff was adopted.
    package var tariff: Int64
    package var price: PricePerTonne
    package var each: PricePerPiece
    /// 0 while no carbon set was adopted.
    package var carbon: Int64
    package var factor: CarbonFactor

    package init(
        tariff: Int64, price: PricePerTonne, each: PricePerPiece, carbon: Int64,
        factor: CarbonFactor
    ) {
        self.tariff = tariff
        self.price = price
        self.each = each
        self.carbon = carbon
        self.factor = factor
    }

    /// The same versions with nothing earned, for a deposit that is recorded but not paid.
    package var earningNothing: AppliedRates {
        AppliedRates(
            tariff: self.tariff, price: .zero, each: .zero, carbon: self.carbon, factor: .zero)
    }

    /// The same versions with nothing earned by mass, for a mass that the scale can't vouch for.
    package var payingPiecesOnly: AppliedRates {
        AppliedRates(
            tariff: self.tariff, price: .zero, each: self.each, carbon: self.carbon,
            factor: .zero)
    }

    /// `mass × price + pieces × each`, µCNY (CONTRACT §3, law 3); `nil` if it exceeds 64 bits.
    package func value(of mass: Grams, pieces: Int64) -> MicroYuan? {
        let byMass = mass.value.multipliedReportingOverflow(by: self.price.value)
        let byPiece = pieces.multipliedReportingOverflow(by: self.each.value)
        let sum = byMass.partialValue.addingReportingOverflow(byPiece.partialValue)
        guard !byMass.overflow, !byPiece.overflow, !sum.overflow else { return nil }
        return MicroYuan(sum.partialValue)
    }

    /// `mass × factor`, milligrams CO2e (CONTRACT §3, law 3); `nil` if it exceeds 64 bits.
    package func co2e(of mass: Grams) -> MilligramsCO2e? {
        let product = mass.value.multipliedReportingOverflow(by: self.factor.value)
        return product.overflow ? nil : MilligramsCO2e(product.partialValue)
    }
}

extension RateBook {
    /// What `material` is credited at, and the flags that say what is missing.
    package func rates(for material: Name, at moment: Moment) -> (AppliedRates, Set<DepositFlag>) {
        let tariff = self.tariff(at: moment)
        let carbon = self.carbonSet(at: moment)
        let price = tariff?.prices[material]
        let each = tariff?.each[material]
        let factor = carbon?.factors[material]
        var flags: Set<DepositFlag> = []
        if price == nil, each == nil { flags.insert(.noPrice) }
        if factor == nil { flags.insert(.noFactor) }
        if moment.clock == .unset { flags.insert(.clockUnset) }
        let rates = AppliedRates(
            tariff: tariff?.version ?? 0, price: price ?? .zero, each: each ?? .zero,
            carbon: carbon?.version ?? 0, factor: factor ?? .zero)
        return (rates, flags)
    }
}
