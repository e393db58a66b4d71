import BinCore
import Testing

/// Which set is in force (CONTRACT §5), and what a material is credited at.
struct RatesTests {
    private let pet: Name
    private let film: Name
    private let change: WallTime
    private let book: RateBook

    init() throws {
        self.pet = try #require(Name("pet-bottle"))
        self.film = try #require(Name("pe-film"))
        self.change = try #require(WallTime(rfc3339: "2026-12-01T00:00:00Z"))
        self.book = RateBook(
            tariffs: [
                Tariff(
                    version: 7, effective: self.change, prices: [self.pet: PricePerTonne(3_000)],
                    each: [self.film: PricePerPiece(0)]),
                Tariff(version: 6, effective: .epoch, prices: [self.pet: PricePerTonne(2_800)]),
            ],
            carbonSets: [
                CarbonSet(
                    version: 2, effective: .epoch, factors: [self.pet: CarbonFactor(1_164)])
            ])
    }

    private func moment(msAfterChange ms: Int64, _ clock: ClockState = .synced) -> Moment {
        let at = WallTime(millisecondsSince1970: self.change.millisecondsSince1970 + ms)
        return Moment(up: BootInstant(milliseconds: 1), at: at, clock: clock)
    }

    @Test(
        "a set is used from its time on, and the one before it until then",
        arguments: [
            (-1, ClockState.synced, 6), (0, .synced, 7), (1, .synced, 7), (-1, .holdover, 6),
            (0, .holdover, 7), (-1_000_000_000_000, .unset, 7), (0, .unset, 7),
        ] as [(Int64, ClockState, Int64)])
    func selects(ms: Int64, clock: ClockState, version: Int64) {
        #expect(self.book.tariff(at: self.moment(msAfterChange: ms, clock))?.version == version)
    }

    @Test func beforeTheFirstSetThereIsNone() {
        var book = self.book
        book.tariffs.removeLast()
        #expect(book.tariff(at: self.moment(msAfterChange: -1)) == nil)
        #expect(book.tariff(at: self.moment(msAfterChange: -1, .unset))?.version == 7)
        #expect(RateBook().carbonSet(at: self.moment(msAfterChange: 0, .unset)) == nil)
    }

    /// A newer version may set an earlier time: the version decides, not the time.
    @Test func theNewestVersionWhoseTimeHasComeWins() {
        var book = self.book
        book.tariffs.append(Tariff(version: 8, effective: .epoch, prices: [:]))
        #expect(book.tariff(at: self.moment(msAfterChange: 1))?.version == 8)
    }

    @Test func knownMaterialsHaveNoFlags() {
        let (rates, flags) = self.book.rates(for: self.pet, at: self.moment(msAfterChange: 0))
        let expected = AppliedRates(
            tariff: 7, price: PricePerTonne(3_000), each: .zero, carbon: 2,
            factor: CarbonFactor(1_164))
        #expect(rates == expected)
        #expect(flags.isEmpty)
    }

    /// A price of 0 is a price; a missing factor is never a neighbour's.
    @Test func aPriceByThePieceIsAPriceAndAMissingFactorIsSaid() {
        let (rates, flags) = self.book.rates(for: self.film, at: self.moment(msAfterChange: 0))
        #expect(flags == [.noFactor])
        #expect(rates.factor == .zero)
        #expect(rates.carbon == 2)
    }

    @Test func withoutAnySetEverythingMissingIsFlagged() {
        let moment = self.moment(msAfterChange: 0, .unset)
        let (rates, flags) = RateBook().rates(for: self.pet, at: moment)
        #expect(flags == [.noPrice, .noFactor, .clockUnset])
        #expect(rates.tariff == 0)
        #expect(rates.carbon == 0)
        #expect(rates.value(of: Grams(535), pieces: 3) == .zero)
    }
}
