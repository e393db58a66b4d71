import BinCore
import Testing

@testable import BinHardware

func at(_ ms: Int64) -> BootInstant { BootInstant(milliseconds: ms) }

/// A bin with a lock on `pet`, none on `film`, a green lamp and a buzzer.
@Suite struct OutputMachineTests {
    /// Does what the machine says in virtual time, on lines that can be made to fail.
    private struct Panel {
        var machine: OutputMachine
        var nowMs: Int64 = 1_000
        /// What the open lines are set to, by part.
        var lines: [String: Bool] = [:]
        var failing: Set<String> = []
        var told: [OutputMachine.Notice] = []
        var openings = 0

        init(powered: LockSettings.Powered = .opens) throws {
            self.machine = OutputMachine(try OutputFixtures.settings(powered: powered))
        }

        /// Until nothing is due before `end`.
        mutating func run(until end: Int64) {
            while true {
                switch self.machine.next(at: at(self.nowMs)) {
                case .open(let index, let line):
                    self.openings += 1
                    let source = self.machine.parts[index].source
                    #expect(line == self.machine.parts[index].line)
                    if self.failing.contains(source) {
                        self.fail(index)
                    } else {
                        self.lines[source] = false
                        self.told += self.machine.opened(index, at: at(self.nowMs))
                    }
                case .set(let index, let isActive):
                    let source = self.machine.parts[index].source
                    if self.failing.contains(source) {
                        self.lines[source] = nil
                        self.fail(index)
                    } else {
                        self.lines[source] = isActive
                        self.told += self.machine.wasSet(
                            index, to: isActive, at: at(self.nowMs))
                    }
                case .wait(let until):
                    guard let until, until.milliseconds <= end else {
                        self.nowMs = end
                        return
                    }
                    #expect(until > at(self.nowMs))
                    self.nowMs = until.milliseconds
                }
            }
        }

        private mutating func fail(_ index: Int) {
            let error = LineError(.busy(line: 1, consumer: "x"), chip: "c", lines: [1])
            self.told += self.machine.failed(index, error, at: at(self.nowMs))
        }

        mutating func show(_ view: BinView) { self.machine.show(view, at: at(self.nowMs)) }
    }

    private func view(
        _ phase: BinView.Phase, unlocked: Bool = false, occasions: Int64 = 0
    ) throws -> BinView {
        try OutputFixtures.view(phase, unlocked: unlocked, occasions: occasions)
    }

    @Test func everyLineIsTakenAtOnceAndIsOff() throws {
        for powered in LockSettings.Powered.allCases {
            var panel = try Panel(powered: powered)
            panel.run(until: 5_000)
            #expect(
                panel.lines == [
                    "lock pet": false, "feedback green": false, "feedback buzzer": false,
                ])
            #expect(panel.machine.next(at: at(5_000)) == .wait(until: nil))
        }
    }

    @Test func aBinAtRestHasNothingDue() throws {
        var panel = try Panel()
        panel.show(try self.view(.idle))
        panel.run(until: 2_000)
        #expect(panel.lines["feedback green"] == true)
        #expect(panel.machine.next(at: at(2_000)) == .wait(until: nil))
        // The red lamp that this bin doesn't have wakes nobody up.
        panel.show(try self.view(.collecting))
        panel.run(until: 3_000)
        #expect(panel.machine.next(at: at(3_000)) == .wait(until: nil))
    }

    @Test func anOrderOpensTheLidForAsLongAsTheCoilBears() throws {
        var panel = try Panel()
        panel.show(try self.view(.idle))
        panel.run(until: 2_000)
        panel.show(try self.view(.greeting, unlocked: true, occasions: 1))
        panel.run(until: 2_000)
        #expect(panel.lines["lock pet"] == true)
        #expect(panel.lines["feedback buzzer"] == true)
        panel.run(until: 2_100)
        #expect(panel.lines["feedback buzzer"] == false)
        panel.run(until: 2_499)
        #expect(panel.lines["lock pet"] == true)
        panel.run(until: 2_500)
        #expect(panel.lines["lock pet"] == false)
        panel.run(until: 7_000)
        #expect(panel.lines["lock pet"] == true)
        panel.show(try self.view(.idle, occasions: 1))
        panel.run(until: 7_001)
        #expect(panel.lines["lock pet"] == false)
    }

    @Test func aCoilThatLocksIsDrivenBetweenOrders() throws {
        var panel = try Panel(powered: .locks)
        panel.show(try self.view(.idle))
        panel.run(until: 2_000)
        #expect(panel.lines["lock pet"] == true)
        panel.show(try self.view(.greeting, unlocked: true))
        panel.run(until: 3_000)
        #expect(panel.lines["lock pet"] == false)
    }

    @Test func theEndSwitchesEverythingOffAndTakesNothingAnew() throws {
        for powered in LockSettings.Powered.allCases {
            var panel = try Panel(powered: powered)
            panel.failing = ["feedback buzzer"]
            panel.show(try self.view(.greeting, unlocked: powered == .opens, occasions: 1))
            panel.run(until: 1_100)
            #expect(panel.lines["lock pet"] == true)
            let openings = panel.openings
            panel.failing = []
            panel.machine.stop(at: at(1_100))
            panel.run(until: 100_000)
            #expect(panel.lines.values.allSatisfy { !$0 })
            #expect(panel.openings == openings)
            #expect(panel.machine.next(at: at(100_000)) == .wait(until: nil))
        }
    }

    @Test func aLineThatFailsIsOneFaultAndIsTriedAgainLessAndLessOften() throws {
        var panel = try Panel()
        panel.show(try self.view(.idle))
        panel.failing = ["feedback green"]
        panel.run(until: 1_000)
        #expect(panel.lines == ["lock pet": false, "feedback buzzer": false])
        // At 1, 2, 4, 8, 16, 32, 62, 92 and 122 s: nine openings, and two of the others.
        panel.run(until: 130_000)
        #expect(panel.openings == 11)
        let fault = FaultFact(
            source: "feedback green", code: "line-busy",
            detail: "line 1 of c is used by x: stop it, or use another line")
        #expect(panel.told == [.failed(fault)])
        #expect(panel.machine.health.map(\.state) == [.working, .down, .working])
        panel.failing = []
        panel.run(until: 160_000)
        #expect(panel.told == [.failed(fault), .restored(fault)])
        #expect(panel.lines["feedback green"] == true)
    }

    @Test func aLockThatFailsIsTriedAgainEverySecondSinceItsCoilMayBeOn() throws {
        var panel = try Panel()
        panel.show(try self.view(.greeting, unlocked: true))
        panel.failing = ["lock pet"]
        panel.run(until: 60_500)
        // At 1, 2, … 60 s, and two of the others.
        #expect(panel.openings == 60 + 2)
    }

    @Test func aLockThatComesBackIsSetToWhatIsWantedByThen() throws {
        var panel = try Panel()
        panel.run(until: 1_000)
        panel.failing = ["lock pet"]
        panel.show(try self.view(.greeting, unlocked: true))
        panel.run(until: 1_100)
        #expect(panel.lines["lock pet"] == nil)
        panel.show(try self.view(.idle))
        panel.failing = []
        panel.run(until: 10_000)
        #expect(panel.lines["lock pet"] == false)
        #expect(panel.told.count == 2)
    }

    @Test func aHoldOverridesTheBinForItsTimeOnly() throws {
        var panel = try Panel()
        let (pet, film) = try (OutputFixtures.name("pet"), OutputFixtures.name("film"))
        panel.show(try self.view(.idle))
        panel.run(until: 1_000)
        let hold = LockState.Hold(isOpen: true, until: at(1_300))
        let state = try panel.machine.hold(pet, hold, at: at(1_000))
        #expect(state.isOpenWanted && state.isDriven && state.hold == hold)
        panel.run(until: 1_299)
        #expect(panel.lines["lock pet"] == true)
        panel.run(until: 1_300)
        #expect(panel.lines["lock pet"] == false)
        #expect(panel.machine.lockStates.map(\.hold) == [nil])
        // Held locked, it stays so whatever a resident does.
        _ = try panel.machine.hold(
            pet, LockState.Hold(isOpen: false, until: at(9_000)), at: at(1_300))
        panel.show(try self.view(.greeting, unlocked: true))
        panel.run(until: 8_999)
        #expect(panel.lines["lock pet"] == false)
        panel.run(until: 9_000)
        #expect(panel.lines["lock pet"] == true)

        #expect(throws: LockRefusal.noLock) { try panel.machine.hold(film, hold, at: at(9_000)) }
        let glass = try OutputFixtures.name("glass")
        #expect(throws: LockRefusal.noCompartment(known: [film, pet])) {
            try panel.machine.hold(glass, hold, at: at(9_000))
        }
        panel.failing = ["lock pet"]
        panel.run(until: 20_000)
        #expect(throws: LockRefusal.self) { try panel.machine.hold(pet, hold, at: at(20_000)) }
    }

    @Test func aHoldCannotOverheatTheCoil() throws {
        var panel = try Panel()
        let pet = try OutputFixtures.name("pet")
        panel.run(until: 1_000)
        for _ in 0..<20 {
            let hold = LockState.Hold(isOpen: true, until: at(panel.nowMs + 600_000))
            _ = try panel.machine.hold(pet, hold, at: at(panel.nowMs))
            panel.run(until: panel.nowMs + 100)
        }
        // 500 ms of the two seconds are used up; it rests until 1,500 + 4,500 ms.
        #expect(panel.lines["lock pet"] == false)
        #expect(panel.machine.lockStates.map(\.isResting) == [true])
        panel.run(until: 5_999)
        #expect(panel.lines["lock pet"] == false)
        panel.run(until: 6_000)
        #expect(panel.lines["lock pet"] == true)
    }
}
