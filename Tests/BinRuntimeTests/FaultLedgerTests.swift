import BinCore
import Records
import Testing

@testable import BinRuntime

/// Faults across restarts.
@Suite struct FaultLedgerTests {
    private let scale = FaultFact(source: "scale pet", code: "no-reply", detail: "silent")
    private let bus = FaultFact(source: "bus rs485", code: "port-missing", detail: "loose")

    private func at(_ ms: Int64) -> BootInstant { BootInstant(milliseconds: ms) }

    @Test func whatWasRepairedWhileTheDaemonWasAwayIsClearedOnceItHadTimeToSpeak() {
        var ledger = FaultLedger(open: ["scale pet": self.scale], at: self.at(1_000))
        #expect(ledger.due([:], at: self.at(60_999)).isEmpty)
        #expect(ledger.due([:], at: self.at(61_000)) == [.cleared(self.scale)])
        ledger.wrote(.cleared(self.scale), at: self.at(61_000))
        #expect(ledger.due([:], at: self.at(61_000)).isEmpty)
    }

    @Test func whatIsStillBrokenIsNotRecordedASecondTime() {
        let ledger = FaultLedger(open: ["scale pet": self.scale], at: self.at(0))
        #expect(ledger.due(["scale pet": self.scale], at: self.at(90_000)).isEmpty)
        let other = FaultFact(source: "scale pet", code: "bad-frame", detail: "garbled")
        #expect(ledger.due(["scale pet": other], at: self.at(0)) == [.fault(other)])
    }

    @Test func aPartThatSpokeNeedsNoMinute() {
        var ledger = FaultLedger(
            open: ["scale pet": self.scale, "bus rs485": self.bus], at: self.at(0))
        ledger.heard("bus rs485")
        #expect(ledger.due([:], at: self.at(5_000)) == [.cleared(self.bus)])
    }

    @Test func aBinThatStartsAfterARepairSaysSo() async throws {
        var memory = BinMemory()
        memory.openFaults = ["scale pet": self.scale]
        let bench = try BinBench(memory: memory)
        let loop = bench.loop()
        try loop.begin()
        bench.weigh(0, on: loop)
        #expect(!bench.journal.facts.contains(.cleared(self.scale)))
        bench.clock.advance(byMs: 60_000)
        bench.weigh(0, on: loop)
        #expect(bench.journal.facts.contains(.cleared(self.scale)))
    }

    @Test func anOutageBeforeTheStartIsRecordedWithIt() async throws {
        let outage = FaultFact(source: "journal", code: "storage", detail: "since …")
        let bench = try BinBench()
        var start = bench.start
        start.outage = outage
        let loop = bench.loop(from: start)
        try loop.begin()
        #expect(bench.journal.facts == [.boot(start.boot), .fault(outage), .cleared(outage)])
    }
}
