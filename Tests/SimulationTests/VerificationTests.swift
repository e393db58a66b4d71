import BinCore
import Simulation
import Testing

@Suite struct VerificationTests {
    /// UK SI 1995/1907, schedule 2, paragraph 4: 500 e and 2,000 e belong to the lower band.
    @Test(
        "the bands of the permissible error",
        arguments: [
            (0, 0.5), (500, 0.5), (501, 1.0), (2_000, 1.0), (2_001, 1.5), (10_000, 1.5),
        ] as [(Double, Double)])
    func bands(intervals: Double, mpe: Double) {
        #expect(VerificationTest.mpe(intervals: intervals) == mpe)
    }

    /// Instrument 9 converts 10 times a second, and instrument 10 converts 80 times.
    @Test("instruments keep every limit", arguments: Verification.instruments)
    func instrumentsPass(limits: ScaleLimits) {
        let report = VerificationReport.make(limits: limits, seeds: 9..<11)
        #expect(Set(report.rows.map(\.test)) == Set(VerificationTest.allCases))
        for row in report.rows {
            let (error, load) = (row.worst.error, row.worst.intervals)
            #expect(row.isPassed, "\(row.test): \(error) e at \(load) e, seed \(row.seed)")
        }
        #expect(report.rows.contains { $0.naiveBroken > 0 })
    }

    @Test func aBrokenLimitIsFound() throws {
        var report = VerificationReport(limits: try #require(Verification.instruments.first))
        report.add(
            [
                Finding(test: .creep, intervals: 3_000, error: 0.49, naive: 0),
                Finding(test: .creep, intervals: 3_000, error: -0.51, naive: 2),
                Finding(test: .creep, intervals: 3_000, error: 0.3, naive: -3),
            ], seed: 7)
        let row = try #require(report.rows.first)
        #expect(!report.isPassed)
        #expect(row.worst.error == -0.51)
        #expect(row.seed == 7)
        #expect(row.broken == 1)
        #expect(row.naive.naive == -3)
        #expect(row.naiveBroken == 2)
        var whole = VerificationReport(limits: report.limits)
        whole.merge(report)
        whole.merge(report)
        #expect(whole.rows.first?.count == 6)
        #expect(whole.seeds == 2)
    }

    @Test func aMarginIsKeptOrNot() throws {
        let limits = try #require(Verification.instruments.first)
        let findings = [
            Finding(test: .creep, intervals: 3_000, error: 0.3, naive: nil),
            Finding(test: .net, intervals: 500, error: 0.1, naive: nil),
        ]
        for (margin, isPassed) in [(0, true), (40, true), (41, false), (100, false)] {
            var report = VerificationReport(limits: limits, margin: margin)
            report.add(findings, seed: 1)
            #expect(report.isPassed == isPassed, "margin \(margin)")
        }
    }

    @Test func theSameSeedIsTheSameInstrument() throws {
        let limits = try #require(Verification.instruments.first)
        let first = Verification.findings(limits: limits, seed: 3)
        #expect(first == Verification.findings(limits: limits, seed: 3))
        #expect(first != Verification.findings(limits: limits, seed: 4))
    }
}
