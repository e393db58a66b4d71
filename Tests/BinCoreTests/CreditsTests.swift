import BinCore
import Testing

struct CreditsTests {
    private func rates(
        price: Int64 = 0, each: Int64 = 0, factor: Int64 = 0
    ) -> AppliedRates {
        AppliedRates(
            tariff: 7, price: PricePerTonne(price), each: PricePerPiece(each), carbon: 3,
            factor: CarbonFactor(factor))
    }

    /// DOMAIN §6 "Rounding vectors" in µCNY and CNY per tonne.
    @Test(
        "value is mass × price + pieces × each, exactly",
        arguments: [
            (10_100, 0, 800, 0, 8_080_000), (25, 0, 700, 0, 17_500), (0, 3, 0, 40_000, 120_000),
            (535, 2, 2_800, 40_000, 1_578_000), (-535, -2, 2_800, 40_000, -1_578_000),
            (1_000_000_000, 0, 10_000_000, 0, 10_000_000_000_000_000),
        ] as [(Int64, Int64, Int64, Int64, Int64)])
    func values(mass: Int64, pieces: Int64, price: Int64, each: Int64, value: Int64) {
        let rates = self.rates(price: price, each: each)
        #expect(rates.value(of: Grams(mass), pieces: pieces) == MicroYuan(value))
    }

    @Test func carbonIsMassTimesFactor() {
        #expect(self.rates(factor: 1_164).co2e(of: Grams(535)) == MilligramsCO2e(622_740))
        #expect(self.rates(factor: 1_164).co2e(of: Grams(-5)) == MilligramsCO2e(-5_820))
    }

    @Test(
        "what exceeds 64 bits is no value",
        arguments: [
            (Int64.max, 0, 2, 0), (Int64.min, 0, 2, 0), (0, Int64.max, 0, 2),
            (Int64.max, 1, 1, 1), (Int64.min, -1, 1, 1), (Int64.max, Int64.max, 1, 1),
        ] as [(Int64, Int64, Int64, Int64)])
    func overflows(mass: Int64, pieces: Int64, price: Int64, each: Int64) {
        #expect(self.rates(price: price, each: each).value(of: Grams(mass), pieces: pieces) == nil)
    }

    @Test func carbonThatExceeds64BitsIsNone() {
        #expect(self.rates(factor: 1).co2e(of: Grams(.max)) == MilligramsCO2e(.max))
        #expect(self.rates(factor: 2).co2e(of: Grams(.max)) == nil)
        #expect(self.rates(factor: 2).co2e(of: Grams(.min)) == nil)
    }

    @Test func whatADepositMayHoldNeverOverflows() {
        let rates = self.rates(
            price: PricePerTonne.allowed.upperBound, each: PricePerPiece.allowed.upperBound,
            factor: CarbonFactor.allowed.upperBound)
        #expect(rates.value(of: Grams(1_000_000_000), pieces: 1_000_000) != nil)
        #expect(rates.co2e(of: Grams(-1_000_000_000)) != nil)
    }

    @Test func earningNothingKeepsTheVersions() {
        let nothing = self.rates(price: 1, each: 2, factor: 3).earningNothing
        #expect(nothing == self.rates())
        #expect(nothing.tariff == 7)
        #expect(nothing.carbon == 3)
    }
}
