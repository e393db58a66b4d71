import Testing

@testable import BinCore

struct ConverterMachineTests {
    /// A machine with a clock that runs on by a period with every attempt.
    private struct Bench {
        var machine = ConverterMachine(source: "scale film", timing: HX711Timing(rate: 10))
        var now = BootInstant(milliseconds: 5000)

        mutating func take(_ read: ConverterRead) -> ConverterMachine.Step {
            self.now = self.now.advanced(byMs: 100)
            return self.machine.take(read, at: self.now)
        }

        /// The counts that are told of `bits`, one after the other.
        mutating func take(_ bits: [UInt32]) throws -> [Int64] {
            try bits.flatMap { bits in
                self.take(.word(try #require(HX711Word(bits)))).conversions.map(\.counts)
            }
        }

        mutating func settle() throws {
            #expect(try self.take([1, 1, 1, 1, 1]).isEmpty)
        }

        func count(_ name: String) -> Int64? { self.machine.health.counts[name] }
    }

    @Test func tellsNothingUntilItIsSelectedAndSettled() throws {
        var bench = Bench()
        #expect(bench.machine.health.state == .unknown)
        #expect(try bench.take([1, 2, 3, 4, 5, 6, 7]) == [6, 7])
        #expect(bench.count("settling") == 5)
        #expect(bench.machine.health.state == .working)
        #expect(bench.machine.health.lastGood == bench.now)
        #expect(bench.machine.health.polls == 7)
    }

    @Test func tellsTheRailsAsConditions() throws {
        var bench = Bench()
        try bench.settle()
        _ = try bench.take([0x7FFF00, 0x7FFF00])
        let upper = bench.take(.word(try #require(HX711Word(0x7F_FFFF))))
        #expect(upper.conversions.map(\.condition) == [.overload])
        _ = try bench.take([0x80_0000])
        let lower = bench.take(.word(try #require(HX711Word(0x80_0000))))
        #expect(lower.conversions.map(\.condition) == [.error, .error])
        #expect(bench.count("saturated") == 3)
    }

    @Test(
        "an interrupted word is dropped, an ordinary one with the same tail is not",
        arguments: [
            // Fewer than 8 ones say nothing.
            ([0x0A1B2C, 0x0A1B2C], 0x0A1B7F, true),
            // The shapes seen in the field.
            ([0x0A1B2C, 0x0A1B2C], 0x0A1FFF, false), ([0x0A1B2C, 0x0A1B2C], 0x0AFFFF, false),
            ([0x0A1B2C, 0x0A1B2C], 0x0FFFFF, false), ([0x0A1B2C, 0x0A1B2C], 0x7FFFFF, false),
            // Within the converter's own noise.
            ([0x0A1B2C, 0x0A1B2C], 0x0A1BFF, true), ([0x0A1B00, 0x0A1B00], 0x0A1BFF, true),
            ([0x0A1AFE, 0x0A1AFE], 0x0A1BFF, false),
            // Near zero, −1 is as good as any value; alone it is an open wire.
            ([0, 1, 0], 0xFFFFFF, true), ([0x0A1B2C, 0x0A1B2C], 0xFFFFFF, false),
        ] as [([UInt32], UInt32, Bool)])
    func tails(before: [UInt32], bits: UInt32, isTold: Bool) throws {
        var bench = Bench()
        try bench.settle()
        #expect(try bench.take(before).count == before.count)
        let word = try #require(HX711Word(bits))
        #expect(
            bench.take(.word(word)).conversions.map(\.counts) == (isTold ? [word.counts] : []))
        #expect(bench.count("all-ones-tail") == (isTold ? 0 : 1))
    }

    @Test func aTailThatStaysIsAWeight() throws {
        var bench = Bench()
        try bench.settle()
        let values: [UInt32] = [0x0A1B2C, 0x0A1B2C, 0x3FFFFF, 0x3FFFFF, 0x3FFFFF, 0x3FFFFF]
        #expect(try bench.take(values) == [0x0A1B2C, 0x0A1B2C, 0x3FFFFF, 0x3FFFFF])
        #expect(bench.count("all-ones-tail") == 2)
    }

    @Test func tailsThatComeAndGoAreNone() throws {
        var bench = Bench()
        try bench.settle()
        let values: [UInt32] = [
            0x0A1B2C, 0x0FFFFF, 0x3FFFFF, 0x0FFFFF, 0x0A1B2C, 0x0FFFFF, 0x0FFFFF,
        ]
        #expect(try bench.take(values) == [0x0A1B2C, 0x0A1B2C])
    }

    @Test func nothingButOnesIsAFault() throws {
        var bench = Bench()
        try bench.settle()
        var notices: [ConverterMachine.Notice] = []
        for _ in 0..<30 {
            let step = bench.take(.word(try #require(HX711Word(0xFF_FFFF))))
            #expect(step.conversions.isEmpty)
            notices += step.notices
        }
        #expect(notices.map(\.code) == ["all-ones"])
    }

    @Test(
        "each discard has its figure, and what makes the selection doubtful begins anew",
        arguments: [
            (.notReady, "not-ready", false, 0), (.slowClock, "slow-clock", false, 0),
            (.poweredDown, "powered-down", false, 5), (.pulseCount, "pulse-count", true, 5),
            (.late, "late-read", true, 5), (.unannounced, "unannounced", false, 5),
            (.silence, "silence", false, 5),
        ] as [(ConverterRead, String, Bool, Int)])
    func discards(read: ConverterRead, name: String, mustReset: Bool, dropped: Int) throws {
        var bench = Bench()
        try bench.settle()
        #expect(try bench.take([7, 7]) == [7, 7])
        #expect(bench.take(read) == ConverterMachine.Step(mustReset: mustReset))
        #expect(bench.count(name) == 1)
        #expect(bench.machine.health.state == .failing)
        let after: [Int64] = [8, 9, 10, 11, 12, 13, 14]
        #expect(try bench.take([8, 9, 10, 11, 12, 13, 14]) == Array(after.dropFirst(dropped)))
        #expect(bench.machine.health.state == .working)
    }

    @Test func waitsLongerWhileItSettlesAndWhileItIsDown() throws {
        var bench = Bench()
        #expect(bench.machine.timeoutNs == 550_000_000)
        try bench.settle()
        #expect(bench.machine.timeoutNs == 150_000_000)
        for _ in 0..<11 { _ = bench.take(.noReply) }
        #expect(bench.machine.timeoutNs == 1_000_000_000)
    }

    @Test func silenceIsOneFaultAfterASecondAndOneGoodConversionEndsIt() throws {
        var bench = Bench()
        try bench.settle()
        _ = try bench.take([7])
        for _ in 0..<10 { #expect(bench.take(.noReply) == ConverterMachine.Step()) }
        let step = bench.take(.noReply)
        #expect(step.notices.map(\.code) == ["no-reply"])
        #expect(step.mustReset)
        #expect(bench.machine.health.state == .down)
        #expect(bench.machine.health.timeouts == 11)
        #expect(bench.take(.noReply) == ConverterMachine.Step(mustReset: true))
        try bench.settle()
        #expect(try bench.take([7]).isEmpty)
        #expect(bench.machine.health.state == .down)
        let good = bench.take(.word(try #require(HX711Word(7))))
        #expect(good.notices == [.restored(try #require(step.notices.first?.fault))])
        #expect(bench.machine.health.state == .working)
    }

    @Test(
        "what jumps is told when the next one bears it out",
        arguments: [
            // One that stands alone, of any height that noise has not.
            ([10, 11, 9000, 10], [10, 11, 10], 1), ([10, 11, 268, 10], [10, 11, 10], 1),
            ([10, 11, 267, 10], [10, 11, 267, 10], 0),
            // A load that was put there, and one that rings before it rests.
            ([10, 11, 9000, 9001, 9002], [10, 11, 9000, 9001, 9002], 0),
            ([10, 11, 9000, 5000, 7000, 7001], [10, 11, 7000, 7001], 2),
            // Five that agree with nothing, and six.
            ([10, 11, 1000, 2000, 4000, 8000, 16_000, 12], [10, 11, 12], 5),
            (
                [10, 11, 1000, 2000, 4000, 8000, 16_000, 32_000],
                [10, 11, 1000, 2000, 4000, 8000, 16_000, 32_000], 0
            ),
            // Then the spread of what moves explains more of it.
            (
                [0, 1, 300, 600, 900, 1200, 1500, 1800, 2100, 2400],
                [0, 1, 300, 600, 900, 1200, 1500, 1800, 2100, 2400], 0
            ),
            // The first one after a start has nothing to agree with.
            ([9000, 10, 11], [10, 11], 1),
        ] as [([UInt32], [Int64], Int64)])
    func jumps(words: [UInt32], told: [Int64], dropped: Int64) throws {
        var bench = Bench()
        try bench.settle()
        #expect(try bench.take(words) == told)
        #expect(bench.count("jump") == dropped)
    }

    @Test func threeTimeoutsWithinASecondAreNoFault() {
        var bench = Bench()
        for _ in 0..<50 {
            bench.now = bench.now.advanced(byMs: -81)
            #expect(bench.take(.noReply).notices.isEmpty)
        }
    }

    @Test func belowItsRangeIsToldAndAfterASecondAFault() throws {
        var bench = Bench()
        try bench.settle()
        var notices: [ConverterMachine.Notice] = []
        _ = bench.take(.word(try #require(HX711Word(0x80_0000))))
        for _ in 0..<15 {
            let step = bench.take(.word(try #require(HX711Word(0x80_0000))))
            #expect(!step.conversions.isEmpty)
            #expect(step.conversions.allSatisfy { $0.condition == .error })
            notices += step.notices
        }
        #expect(notices.map(\.code) == ["underload"])
    }

    @Test func lostLinesAreToldOncePerCodeAndEndWithAGoodConversion() throws {
        var bench = Bench()
        let busy = FaultFact(source: "scale film", code: "line-busy", detail: "a")
        let gone = FaultFact(source: "scale film", code: "line-gone", detail: "b")
        #expect(bench.machine.lost(busy) == [.failed(busy)])
        #expect(bench.machine.lost(busy).isEmpty)
        #expect(bench.machine.lost(gone) == [.failed(gone)])
        #expect(bench.machine.health.state == .down)
        bench.machine.started()
        try bench.settle()
        #expect(try bench.take([7]).isEmpty)
        #expect(bench.take(.word(try #require(HX711Word(7)))).notices == [.restored(gone)])
    }

    @Test func linesThatAreBackWithoutAConverterAreAnotherFault() throws {
        var bench = Bench()
        _ = bench.machine.lost(FaultFact(source: "scale film", code: "line-gone", detail: ""))
        bench.machine.started()
        var notices: [ConverterMachine.Notice] = []
        for _ in 0..<10 {
            notices += bench.take(.noReply).notices
            notices += bench.take(.notReady).notices
        }
        #expect(notices.map(\.code) == ["no-reply"])
    }

    @Test func hintsFitIntoARecord() {
        for fault in ConverterFault.allCases {
            #expect(fault.hint.utf8.count <= 120, "\(fault)")
        }
    }
}

extension ConverterMachine.Notice {
    fileprivate var fault: FaultFact? {
        switch self {
        case .failed(let fault), .restored(let fault): fault
        }
    }

    fileprivate var code: String { self.fault?.code ?? "" }
}
