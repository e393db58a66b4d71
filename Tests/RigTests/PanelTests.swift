import BinCore
import BinHardware
import Logging
import Simulation
import Synchronization
import Testing

extension RigTests {
    /// Lights, locks and slow inputs on lines of the kernel.
    struct PanelTests {
        private static let lock = 0
        private static let green = 1
        private static let beam = 2
        private static let lid = 3

        private let logger = Logger(label: "rig") { _ in SwiftLogNoOpLogHandler() }

        private func settings(chip: String) throws -> BinSettings {
            let pet = try #require(Name("pet"))
            func line(_ number: Int, _ active: LineSettings.Level = .high) -> LineSettings {
                LineSettings(chip: chip, line: number, active: active)
            }
            var settings = BinSettings(
                device: try #require(DeviceID("bin-1")), community: pet,
                storage: StorageSettings(directory: "unused"))
            settings.compartments[pet] = CompartmentSettings(
                name: pet, material: pet, scale: pet,
                lock: LockSettings(line: line(Self.lock), longestMs: 500, restMs: 500),
                counter: CounterSettings(
                    input: InputSettings(line: line(Self.beam), debounceMs: 5)),
                lid: ContactSettings(
                    input: InputSettings(line: line(Self.lid, .low), debounceMs: 50)))
            settings.feedback = [.green: line(Self.green, .low)]
            return settings
        }

        private func view(unlocked: Bool) throws -> BinView {
            let pet = try #require(Name("pet"))
            return BinView(
                phase: .idle,
                compartments: [
                    BinView.Compartment(
                        name: pet, material: pet, live: .zero, isStable: true,
                        isUnlocked: unlocked)
                ])
        }

        @Test func outputsFollowTheViewAndAreOffAtTheEnd() async throws {
            let chip = try SimulatedChip(label: "outputs", lines: 4)
            let (coil, lamp) = try (chip.line(Self.lock), chip.line(Self.green))
            let book = EventBook()
            let panel = OutputPanel(
                settings: try self.settings(chip: "outputs"), listener: book, clock: RigClock(),
                logger: self.logger)
            try await running(panel) {
                #expect(try !coil.isHigh())
                #expect(try lamp.isHigh())
                panel.show(try self.view(unlocked: true))
                try await Task.sleep(for: .milliseconds(100))
                #expect(try coil.isHigh())
                #expect(try !lamp.isHigh())
                // The coil is never driven for longer than it bears.
                try await Task.sleep(for: .milliseconds(600))
                #expect(try !coil.isHigh())
            }
            #expect(try !coil.isHigh())
            #expect(book.take().isEmpty)
            withExtendedLifetime(chip) {}
        }

        @Test func releasingSwitchesOffWhatWasLeftOn() throws {
            let chip = try SimulatedChip(label: "left-on", lines: 4)
            let (coil, lamp) = try (chip.line(Self.lock), chip.line(Self.green))
            let settings = try self.settings(chip: "left-on")
            do {
                // A daemon that was killed: the coil is driven, the lamp, active low, is lit.
                let lines = try GPIOLines(
                    chip: "left-on", outputs: [Self.lock, Self.green], values: [true, false])
                #expect(try coil.isHigh())
                #expect(try !lamp.isHigh())
                withExtendedLifetime(lines) {}
            }
            let port = WatchedPort(watched: [Self.lock: coil, Self.green: lamp])
            #expect(releaseOutputs(of: settings, on: port).isEmpty)
            #expect(port.levels.withLock { $0 } == [Self.lock: false, Self.green: true])
            #expect(releaseOutputs(of: settings).isEmpty)
            #expect(releaseOutputs(of: try self.settings(chip: "not-there")).count == 2)
            withExtendedLifetime(chip) {}
        }

        /// The kernel's lines, and what level each has while it is held.
        private final class WatchedPort: OutputPort {
            private final class Line: OutputLine {
                let line: any OutputLine
                let seen: () throws(LineError) -> Void

                init(_ line: any OutputLine, _ seen: @escaping () throws(LineError) -> Void) {
                    self.line = line
                    self.seen = seen
                }

                func set(_ isActive: Bool) throws(LineError) {
                    try self.line.set(isActive)
                    try self.seen()
                }
            }

            let watched: [Int: SimulatedLine]
            let levels = Mutex<[Int: Bool]>([:])

            init(watched: [Int: SimulatedLine]) { self.watched = watched }

            func open(_ line: LineSettings) throws(LineError) -> any OutputLine {
                let held = try GPIOOutputPort().open(line)
                return Line(held) { [self] () throws(LineError) in
                    do {
                        let isHigh = try self.watched[line.line]?.isHigh()
                        self.levels.withLock { $0[line.line] = isHigh }
                    } catch { Issue.record(error) }
                }
            }
        }

        @Test func aLineThatSomebodyHasTakesNoOtherInputDown() async throws {
            let chip = try SimulatedChip(label: "shared", lines: 4)
            let beam = try chip.line(Self.beam)
            let pet = try #require(Name("pet"))
            try beam.pull(high: false)
            let book = EventBook()
            let panel = InputPanel(
                settings: try self.settings(chip: "shared"), listener: book, clock: RigClock(),
                logger: self.logger)
            var other: HeldLine? = try HeldLine(chip: "shared", line: Self.lid)
            try await running(panel) {
                for _ in 0..<3 {
                    try beam.pull(high: true)
                    try await Task.sleep(for: .milliseconds(30))
                    try beam.pull(high: false)
                    try await Task.sleep(for: .milliseconds(60))
                }
                let events = book.take()
                #expect(
                    events.filter { if case .pieces(pet, 1, _) = $0 { true } else { false } }.count
                        == 3)
                let faults = events.compactMap { event -> String? in
                    if case .failed(let fault, _) = event {
                        "\(fault.source) \(fault.code)"
                    } else {
                        nil
                    }
                }
                #expect(faults == ["lid pet line-busy"])
                // Retried after 0.5, 1 and 2 s.
                other = nil
                try await Task.sleep(for: .seconds(4))
                #expect(self.contacts(book.take()).count == 1)
            }
            #expect(other == nil)
            withExtendedLifetime(chip) {}
        }

        /// Another program's line.
        private final class HeldLine: Equatable {
            let lines: GPIOLines

            init(chip: String, line: Int) throws {
                self.lines = try GPIOLines(chip: chip, inputs: [line], InputSetup())
            }

            static func == (one: HeldLine, other: HeldLine) -> Bool { one === other }
        }

        @Test func piecesAreCountedAndTheLidIsTold() async throws {
            let chip = try SimulatedChip(label: "inputs", lines: 4)
            let (beam, lid) = try (chip.line(Self.beam), chip.line(Self.lid))
            let pet = try #require(Name("pet"))
            try beam.pull(high: false)
            try lid.pull(high: true)
            let book = EventBook()
            let panel = InputPanel(
                settings: try self.settings(chip: "inputs"), listener: book, clock: RigClock(),
                logger: self.logger)
            try await running(panel) {
                #expect(self.contacts(book.take()) == [false])
                for _ in 0..<20 {
                    for isHigh in [true, false, true] {
                        try beam.pull(high: isHigh)
                        try await Task.sleep(for: .milliseconds(1))
                    }
                    try await Task.sleep(for: .milliseconds(30))
                    try beam.pull(high: false)
                    try await Task.sleep(for: .milliseconds(60))
                }
                let pieces = book.take().filter {
                    if case .pieces(pet, 1, _) = $0 { true } else { false }
                }
                #expect(pieces.count == 20)
                try lid.pull(high: false)
                try await Task.sleep(for: .milliseconds(200))
                #expect(self.contacts(book.take()) == [true])
            }
            #expect(panel.health().first { $0.part == "counter pet" }?.counts == ["pieces": 20])
            withExtendedLifetime(chip) {}
        }

        private func contacts(_ events: [HardwareEvent]) -> [Bool] {
            events.compactMap { if case .contact(_, let isOpen, _) = $0 { isOpen } else { nil } }
        }
    }
}
