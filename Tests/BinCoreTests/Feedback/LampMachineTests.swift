import BinCore
import Testing

@Suite struct LampMachineTests {
    private func deposit(_ value: Int64) throws -> DepositFact {
        DepositFact(
            order: 1, card: try card("uid:04A1B2C3"), compartment: try name("pet"),
            material: try name("pet-bottle"), before: .zero, after: Grams(10), division: Grams(5),
            pieces: 0,
            rates: AppliedRates(
                tariff: 1, price: .zero, each: .zero, carbon: 1, factor: .zero),
            value: MicroYuan(value), co2e: .zero, flags: [])
    }

    private func order(_ value: Int64) throws -> OrderFact {
        OrderFact(
            order: 1, card: try card("uid:04A1B2C3"), deposits: 1, mass: .zero,
            value: MicroYuan(value), co2e: .zero, closed: .tap)
    }

    /// When which lamps are on, from `start` until nothing is due or `end`.
    private func story(
        _ machine: LampMachine, from start: Int64, to end: Int64
    ) -> [(ms: Int64, lit: Set<Lamp>)] {
        var result: [(ms: Int64, lit: Set<Lamp>)] = [(start, machine.lit(at: at(start)))]
        var now = at(start)
        while let next = machine.nextChange(after: now), next.milliseconds <= end {
            #expect(next > now)
            now = next
            let lit = machine.lit(at: now)
            if lit != result.last?.lit { result.append((now.milliseconds, lit)) }
        }
        return result
    }

    @Test func everyPhaseHasItsSignal() throws {
        let phases: [(BinView.Phase, Signal)] = [
            (.idle, .ready), (.greeting, .accepted), (.weighing, .accepted),
            (.deposited(try self.deposit(1)), .credited),
            (.deposited(try self.deposit(0)), .accepted),
            (.deposited(try self.deposit(-1)), .accepted),
            (.thanks(try self.order(1)), .credited), (.thanks(try self.order(0)), .accepted),
            (.refused(.blocked), .refused), (.collecting, .collecting),
            (.fault("storage"), .fault),
        ]
        for (phase, signal) in phases { #expect(Signal(BinView(phase: phase)) == signal) }
    }

    @Test func fullIsSaidOnlyWhenNothingIsLeft() throws {
        func view(_ full: [Bool]) throws -> BinView {
            BinView(
                phase: .idle,
                compartments: try full.enumerated().map {
                    BinView.Compartment(
                        name: try name("c\($0.offset)"), material: try name("m"), live: .zero,
                        isStable: true, isFull: $0.element)
                })
        }
        #expect(Signal(try view([true, false])) == .ready)
        #expect(Signal(try view([true, true])) == .full)
        #expect(Signal(try view([])) == .ready)
    }

    @Test func atRestNothingIsDue() {
        var machine = LampMachine()
        #expect(machine.lit(at: at(0)) == [])
        #expect(machine.nextChange(after: at(0)) == nil)
        machine.show(BinView(phase: .idle), at: at(100))
        #expect(machine.lit(at: at(100)) == [.green])
        #expect(machine.nextChange(after: at(100)) == nil)
        machine.show(BinView(phase: .fault("scales")), at: at(200))
        #expect(machine.lit(at: at(200)) == [.red])
        #expect(machine.nextChange(after: at(200)) == nil)
    }

    @Test func aTechnicianIsCalledByAWinkEveryFiveSeconds() {
        var machine = LampMachine()
        var view = BinView(phase: .idle)
        view.needsService = true
        machine.show(view, at: at(0))
        #expect(machine.lit(at: at(99)) == [.green, .red])
        #expect(machine.lit(at: at(100)) == [.green])
        #expect(machine.nextChange(after: at(100)) == at(5_000))
        view.phase = .greeting
        machine.show(view, at: at(1_000))
        #expect(machine.lit(at: at(1_000)) == [.green])
    }

    @Test func theFirstViewSignalsNothingOfThePast() {
        var machine = LampMachine()
        machine.show(BinView(phase: .refused(.blocked), occasions: 7), at: at(0))
        #expect(machine.lit(at: at(0)) == [.red])
    }

    @Test func aCreditIsGivenAsTheTableSays() throws {
        var machine = LampMachine()
        machine.show(BinView(phase: .weighing, occasions: 1), at: at(0))
        machine.show(BinView(phase: .deposited(try self.deposit(5)), occasions: 2), at: at(1_000))
        let told = self.story(machine, from: 1_000, to: 3_000)
        // The lasting green goes on at 1,800 as if nothing had been: it is off until 2,000.
        #expect(
            told.map(\.ms) == [
                1_000, 1_100, 1_200, 1_300, 1_400, 1_500, 1_600, 1_700, 2_000, 2_500, 3_000,
            ])
        #expect(
            told.map(\.lit) == [
                [.green, .buzzer], [], [.green, .buzzer], [], [.green], [], [.green], [],
                [.green], [], [.green],
            ])
    }

    @Test func theSameViewAgainChangesNothingAndASecondDepositSignalsAgain() throws {
        var machine = LampMachine()
        machine.show(BinView(phase: .weighing, occasions: 1), at: at(0))
        let view = BinView(phase: .deposited(try self.deposit(5)), occasions: 2)
        machine.show(view, at: at(1_000))
        let before = machine
        for ms in stride(from: Int64(1_010), to: 1_500, by: 10) { machine.show(view, at: at(ms)) }
        #expect(machine == before)
        #expect(!machine.lit(at: at(1_500)).contains(.buzzer))
        // The very same deposit once more, after it was taken out: only the count tells.
        var second = view
        second.occasions = 4
        machine.show(second, at: at(1_500))
        #expect(machine.lit(at: at(1_500)).contains(.buzzer))
    }

    @Test func aSignalIsFinishedWhenTheBinGoesOn() throws {
        var machine = LampMachine()
        machine.show(BinView(phase: .weighing, occasions: 1), at: at(0))
        machine.show(BinView(phase: .deposited(try self.deposit(5)), occasions: 2), at: at(1_000))
        machine.show(BinView(phase: .weighing, occasions: 2), at: at(1_050))
        #expect(machine.lit(at: at(1_200)) == [.green, .buzzer])
        machine.show(BinView(phase: .fault("storage"), occasions: 2), at: at(1_210))
        #expect(machine.lit(at: at(1_210)) == [.red])
    }

    @Test func aRefusalIsHeardAndSeen() {
        var machine = LampMachine()
        machine.show(BinView(phase: .idle), at: at(0))
        machine.show(BinView(phase: .refused(.blocked), occasions: 1), at: at(1_000))
        #expect(machine.lit(at: at(1_699)) == [.red, .buzzer])
        #expect(machine.lit(at: at(1_700)) == [.red])
        machine.show(BinView(phase: .idle, occasions: 1), at: at(5_000))
        #expect(machine.lit(at: at(5_000)) == [.green])
        #expect(machine.nextChange(after: at(5_000)) == nil)
    }

    @Test func theBuzzerNeverGoesOnForEver() {
        for signal in Signal.allCases {
            #expect(signal.lasting[.buzzer] == nil)
            for pattern in signal.once.values { #expect((pattern.lengthMs ?? .max) <= 2_000) }
        }
    }

    @Test func noLightFlashesFasterThanItsPatternSays() {
        let pattern = Pattern([200, 1_800], repeats: nil)
        #expect(pattern.state(at: 199).isOn && pattern.state(at: 199).remainingMs == 1)
        #expect(!pattern.state(at: 200).isOn)
        #expect(pattern.state(at: 2_000).isOn)
        let ended = Pattern([100, 100], repeats: 2)
        #expect(ended.lengthMs == 400)
        #expect(!ended.state(at: 400).isOn && ended.state(at: 400).remainingMs == nil)
    }
}
