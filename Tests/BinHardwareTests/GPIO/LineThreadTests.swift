import BinCore
import Logging
import Synchronization
import Testing

@testable import BinHardware

struct LineThreadTests {
    /// Has no thread for the first attempts.
    private final class FewThreads: ThreadMaking {
        private let missing: Mutex<Int>
        let pauses = Mutex<[Int64]>([])

        init(missing: Int) { self.missing = Mutex(missing) }

        func run(
            named name: String, _ urgency: DedicatedThread.Urgency, logger: Logger,
            _ body: @escaping @Sendable (WakeSignal) -> Void
        ) async throws(DedicatedThread.Unavailable) {
            let isMissing = self.missing.withLock { missing in
                missing -= 1
                return missing >= 0
            }
            if isMissing { throw DedicatedThread.Unavailable(errno: 11) }
            guard let stop = WakeSignal() else { return }
            stop.give()
            body(stop)
        }

        func pause(ns: Int64) async { self.pauses.withLock { $0.append(ns) } }
    }

    private final class Codes: Sendable {
        let all = Mutex<[String]>([])
    }

    private struct Handler: LineHandling {
        let codes: Codes

        mutating func opened(_ lines: borrowing HeldLines) throws(LineError) -> LineWait {
            .edges(withinNs: nil)
        }
        mutating func came(
            _ batch: EdgeBatch, _ lines: borrowing HeldLines
        ) throws(LineError) -> LineWait { .edges(withinNs: nil) }
        mutating func timedOut(_ lines: borrowing HeldLines) throws(LineError) -> LineWait {
            .edges(withinNs: nil)
        }
        mutating func failed(_ error: LineError) {
            self.codes.all.withLock { $0.append(error.code) }
        }
    }

    @Test func withoutAThreadItIsAFaultAndTriesAgainInsteadOfEndingTheDaemon() async {
        let (threads, codes) = (FewThreads(missing: 3), Codes())
        let plan = LinePlan(chip: "no-such-chip", inputs: [1], setup: InputSetup())
        await LineThread(
            name: "test", plan: plan, handler: Handler(codes: codes), urgency: .ordinary,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, threads: threads
        ).run()
        #expect(
            codes.all.withLock { $0 } == ["no-thread", "no-thread", "no-thread", "chip-missing"])
        #expect(
            threads.pauses.withLock { $0 } == [500_000_000, 1_000_000_000, 2_000_000_000])
    }
}
