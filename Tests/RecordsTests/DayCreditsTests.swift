import BinCore
import Records
import Testing

@Suite struct DayCreditsTests {
    private static let hourMs: Int64 = 3_600_000
    /// 2026-11-26T14:00:00Z.
    private static let asked = WallTime(millisecondsSince1970: 1_795_701_600_000)
    private static let up = BootInstant(milliseconds: 100 * hourMs)

    /// 100 g, recorded so many hours ago.
    private func record(
        hoursAgo: Int64, boot: Int64 = 2, at: WallTime? = nil, clock: ClockState = .synced,
        price: Int64 = 2800, by card: String = "uid:04A1B2C3"
    ) throws -> Record {
        let rates = AppliedRates(
            tariff: 1, price: PricePerTonne(price), each: .zero, carbon: 0, factor: .zero)
        let fact = DepositFact(
            order: 1, card: try #require(CardNumber(card)), compartment: try #require(Name("pet")),
            material: try #require(Name("pet-bottle")), before: .zero, after: Grams(100),
            division: Grams(5), pieces: 0, rates: rates, value: MicroYuan(100 * price),
            co2e: .zero, flags: [])
        return Record(
            header: self.header(hoursAgo: hoursAgo, boot: boot, at: at, clock: clock),
            fact: .deposit(fact))
    }

    private func header(
        hoursAgo: Int64, boot: Int64, at: WallTime?, clock: ClockState
    ) -> RecordHeader {
        let ms = -hoursAgo * Self.hourMs
        return RecordHeader(
            seq: 1, boot: boot,
            moment: Moment(
                up: Self.up.advanced(byMs: ms), at: at ?? Self.asked.advanced(byMs: ms),
                clock: clock))
    }

    private func credited(
        _ records: [Record], clock: ClockState = .synced
    ) throws -> Int64 {
        var credits = DayCredits()
        for record in records { credits.add(record) }
        return credits.credited(
            to: try #require(CardNumber("uid:04A1B2C3")),
            onDayOf: Moment(up: Self.up, at: Self.asked, clock: clock), boot: 2
        ).value
    }

    private static let unset = WallTime(millisecondsSince1970: 1_735_689_600_000)

    @Test func theDayBeginsAtMidnight() throws {
        #expect(try self.credited([self.record(hoursAgo: 14)]) == 100)
        #expect(try self.credited([self.record(hoursAgo: 15)]) == 0)
    }

    @Test func whatThisStartRecordedIsPlacedByItsMonotonicTime() throws {
        let records = try [3, 15].map {
            try self.record(hoursAgo: $0, at: Self.unset, clock: .unset)
        }
        #expect(try self.credited(records) == 100)
    }

    @Test func anEarlierStartCountsWithItsClock() throws {
        #expect(try self.credited([self.record(hoursAgo: 6, boot: 1)]) == 100)
        #expect(try self.credited([self.record(hoursAgo: 30, boot: 1)]) == 0)
        #expect(try self.credited([self.record(hoursAgo: 6, boot: 1)], clock: .unset) == 0)
    }

    /// A bin that is switched off every night and never told the time is at the same date each
    /// morning.
    @Test func anEarlierStartWithoutAClockRefusesNobody() throws {
        let old = try self.record(hoursAgo: 6, boot: 1, clock: .unset)
        #expect(try self.credited([old], clock: .unset) == 0)
        #expect(try self.credited([old]) == 0)
    }

    @Test func aClockThatWasSetLaterTellsTheDayOfWhatCameBefore() throws {
        let old = try self.record(hoursAgo: 6, boot: 1, at: Self.unset, clock: .unset)
        let step = Record(
            header: self.header(hoursAgo: 2, boot: 1, at: nil, clock: .synced),
            fact: .clock(ClockFact(from: Self.unset, to: Self.asked)))
        #expect(try self.credited([old, step]) == 100)
    }

    @Test func onlyWhatWasPaidForByWeightCountsAndOnlyForItsCard() throws {
        let unpaid = try self.record(hoursAgo: 1, price: 0)
        let others = try self.record(hoursAgo: 1, by: "uid:0BADCAFE")
        #expect(try self.credited([unpaid, others]) == 0)
    }

    @Test func theOldestAreForgotten() throws {
        let one = try self.record(hoursAgo: 1)
        #expect(try self.credited(Array(repeating: one, count: 8_192)) == 819_200)
        #expect(try self.credited(Array(repeating: one, count: 8_193)) == 409_600)
    }
}
