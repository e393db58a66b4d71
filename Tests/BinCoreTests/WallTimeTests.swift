import BinCore
import Testing

struct WallTimeTests {
    /// Seconds by `date -u -d TEXT +%s` of GNU coreutils.
    @Test(
        "RFC 3339 reads and writes the same moment",
        arguments: [
            ("1970-01-01T00:00:00.000Z", 0), ("1969-12-31T23:59:59.999Z", -1),
            ("2026-11-23T08:15:30.250Z", 1_795_421_730_250),
            ("2026-12-01T00:00:00.000Z", 1_796_083_200_000),
            ("2000-02-29T12:00:00.000Z", 951_825_600_000),
            ("2024-02-29T23:59:59.999Z", 1_709_251_199_999),
            ("2100-03-01T00:00:00.000Z", 4_107_542_400_000),
            ("0000-01-01T00:00:00.000Z", -62_167_219_200_000),
            ("0000-02-29T00:00:00.000Z", -62_162_121_600_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] as [(String, Int64)])
    func readsAndWrites(text: String, ms: Int64) {
        #expect(WallTime(rfc3339: text)?.millisecondsSince1970 == ms)
        #expect(WallTime(millisecondsSince1970: ms).rfc3339 == text)
    }

    @Test(
        "fewer than three decimals of a second are read",
        arguments: [
            ("2026-12-01T00:00:00Z", "2026-12-01T00:00:00.000Z"),
            ("2026-12-01T00:00:00.5Z", "2026-12-01T00:00:00.500Z"),
            ("2026-12-01T00:00:00.05Z", "2026-12-01T00:00:00.050Z"),
        ])
    func readsFewerDecimals(text: String, full: String) {
        #expect(WallTime(rfc3339: text)?.rfc3339 == full)
    }

    @Test(
        "what isn't a UTC moment is refused",
        arguments: [
            "", "Z", "2026", "2026-12-01", "2026-12-01T00:00:00", "2026-12-01T00:00:00.Z",
            "2026-12-01T00:00:00.0000Z", "2026-12-01T00:00:00,000Z", "2026-12-01 00:00:00.000Z",
            "2026-12-01T00:00:00.000z", "2026-12-01t00:00:00.000Z", "2026-12-01T00:00:00+00:00",
            "2026-12-01T00:00:00.000+Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
            "2026-12-00T00:00:00Z", "2026-12-32T00:00:00Z", "2026-02-29T00:00:00Z",
            "2026-04-31T00:00:00Z", "2100-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
            "2026-12-01T24:00:00Z", "2026-12-01T00:60:00Z", "2016-12-31T23:59:60Z",
            "-001-12-01T00:00:00Z", "+026-12-01T00:00:00Z", "2026-1a-01T00:00:00Z",
            "２０２６-12-01T00:00Z", " 2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z\n",
            "2026-12-01T00:00:00\u{301}Z",
        ])
    func refuses(text: String) {
        #expect(WallTime(rfc3339: text) == nil)
    }

    @Test func beyondTheRangeItStopsAtTheEnds() {
        #expect(WallTime(millisecondsSince1970: .max).rfc3339 == "9999-12-31T23:59:59.999Z")
        #expect(WallTime(millisecondsSince1970: .min).rfc3339 == "0000-01-01T00:00:00.000Z")
    }

    @Test func theDayChangesAtMidnightAlsoBefore1970() {
        #expect(WallTime(millisecondsSince1970: -1).day == -1)
        #expect(WallTime(millisecondsSince1970: -86_400_000).day == -1)
        #expect(WallTime(millisecondsSince1970: -86_400_001).day == -2)
        #expect(WallTime(millisecondsSince1970: 86_399_999).day == 0)
        #expect(WallTime(millisecondsSince1970: 86_400_000).day == 1)
    }

    /// Every day of the 400 years after which the Gregorian calendar repeats.
    @Test func everyDayOfACycleSurvivesTheRoundTrip() {
        var lost = 0
        for day in Int64(-10_957)..<Int64(135_140) {
            let time = WallTime(millisecondsSince1970: day * 86_400_000 + 1)
            if WallTime(rfc3339: time.rfc3339) != time { lost += 1 }
        }
        #expect(lost == 0)
    }
}
