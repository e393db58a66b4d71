import BinCore
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import BinHardware

/// Lines that tell what is done with them.
private final class TellingPort: OutputPort {
    enum Act: Hashable, Sendable {
        case opened(Int)
        case set(Int, Bool)
        case released(Int)
    }

    private final class Line: OutputLine {
        let number: Int
        let tell: @Sendable (Act) -> Void

        init(_ number: Int, _ tell: @escaping @Sendable (Act) -> Void) {
            self.number = number
            self.tell = tell
        }

        deinit { self.tell(.released(self.number)) }

        func set(_ isActive: Bool) throws(LineError) { self.tell(.set(self.number, isActive)) }
    }

    let acts: AsyncStream<Act>
    private let bell: AsyncStream<Act>.Continuation
    private let refused: Set<Int>

    init(refusing refused: Set<Int> = []) {
        (self.acts, self.bell) = AsyncStream.makeStream(of: Act.self)
        self.refused = refused
    }

    func open(_ line: LineSettings) throws(LineError) -> any OutputLine {
        if self.refused.contains(line.line) {
            throw LineError(.forbidden, chip: line.chip, lines: [line.line])
        }
        self.bell.yield(.opened(line.line))
        return Line(line.line) { [bell] act in bell.yield(act) }
    }

    func end() { self.bell.finish() }
}

private struct StillClock: MonotonicClock {
    func now() -> BootInstant { BootInstant(milliseconds: 1_000) }
}

private final class Listener: HardwareListening {
    let events = Mutex<[HardwareEvent]>([])

    func receive(_ event: HardwareEvent) { self.events.withLock { $0.append(event) } }
}

@Suite(.timeLimit(.minutes(1)))
struct OutputPanelTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs a panel, shows it an order, and stops it once the lock was driven.
    private func story(_ port: TellingPort, _ listener: Listener) async throws
        -> [TellingPort.Act]
    {
        let panel = OutputPanel(
            settings: try OutputFixtures.settings(), port: port, listener: listener,
            clock: StillClock(), logger: self.logger)
        let group = ServiceGroup(services: [panel], logger: self.logger)
        async let run: Void = group.run()
        panel.show(try OutputFixtures.view(.greeting, unlocked: true))
        var told: [TellingPort.Act] = []
        var acts = port.acts.makeAsyncIterator()
        while told.last != .set(2, true), let act = await acts.next() { told.append(act) }
        await group.triggerGracefulShutdown()
        try await run
        port.end()
        while let act = await acts.next() { told.append(act) }
        return told
    }

    @Test func linesFollowTheViewAndAreOffAndReleasedAtTheEnd() async throws {
        let listener = Listener()
        let told = try await self.story(TellingPort(), listener)
        let lock = told.filter {
            [.opened(1), .set(1, true), .set(1, false), .released(1)].contains($0)
        }
        #expect(lock == [.opened(1), .set(1, true), .set(1, false), .released(1)])
        let green = told.filter {
            [.opened(2), .set(2, true), .set(2, false), .released(2)].contains($0)
        }
        #expect(green == [.opened(2), .set(2, true), .set(2, false), .released(2)])
        #expect(told.contains(.released(3)))
        #expect(listener.events.withLock { $0.isEmpty })
    }

    @Test func aLineThatCannotBeHadIsToldAndHoldsUpNothing() async throws {
        let listener = Listener()
        let told = try await self.story(TellingPort(refusing: [1]), listener)
        #expect(told.contains(.set(2, true)))
        let faults = listener.events.withLock { events in
            events.map { event -> String in
                if case .failed(let fault, _) = event {
                    "\(fault.source): \(fault.code)"
                } else {
                    ""
                }
            }
        }
        #expect(faults == ["lock pet: line-forbidden"])
    }

    @Test func releasingSwitchesEachOutputOffWhateverBecomesOfTheOthers() async throws {
        let port = TellingPort(refusing: [2])
        let failed = releaseOutputs(of: try OutputFixtures.settings(), on: port)
        #expect(failed.map { "\($0.source): \($0.code)" } == ["feedback green: line-forbidden"])
        port.end()
        var told: [TellingPort.Act] = []
        for await act in port.acts { told.append(act) }
        #expect(
            told == [
                .opened(1), .set(1, false), .released(1), .opened(3), .set(3, false), .released(3),
            ])
    }
}
