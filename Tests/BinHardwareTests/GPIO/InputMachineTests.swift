import BinCore
import Testing

@testable import BinHardware

/// A bin with a beam (line 0), a lid switch (1), a fill switch (2), two distance sensors (3 and 4,
/// triggers 0 and 1) and a door (5) whose switch is open at a low level.
@Suite struct InputMachineTests {
    /// Lines in virtual time, in ms; what the machine asks to be read is read.
    private struct Wires {
        var machine: InputMachine
        var levels = [false, false, false, false, false, true]
        var nowMs: Int64 = 0
        var told: [InputMachine.Notice] = []
        var triggered: [(ms: Int64, trigger: Int)] = []
        /// How long the echoes are, µs, by trigger.
        var echoes: [Int: Int64] = [:]

        init() throws {
            self.machine = InputMachine(parts: try InputMachineTests.parts())
        }

        private var nowNs: Int64 { self.nowMs * 1_000_000 }

        mutating func open() {
            self.told += self.machine.opened(self.levels, atNs: self.nowNs)
        }

        /// Until nothing is due by `ms`.
        mutating func run(until ms: Int64) {
            while true {
                for index in self.machine.due(atNs: self.nowNs) {
                    self.told += self.machine.read(index, self.levels[index], atNs: self.nowNs)
                }
                let sensed = self.machine.sense(atNs: self.nowNs)
                self.told += sensed.notices
                if let trigger = sensed.trigger {
                    self.triggered.append((self.nowMs, trigger))
                    self.echo(trigger)
                }
                guard let due = self.machine.nextDueNs else { break }
                let next = max(self.nowMs, (due + 999_999) / 1_000_000)
                guard next <= ms else { break }
                self.nowMs = next
            }
            self.nowMs = ms
        }

        private mutating func echo(_ trigger: Int) {
            guard let length = self.echoes[trigger] else { return }
            let riseNs = self.nowNs + 500_000
            self.told += self.machine.came([
                LineEdge(index: 3 + trigger, isRising: true, atNs: riseNs),
                LineEdge(index: 3 + trigger, isRising: false, atNs: riseNs + length * 1000),
            ])
        }

        mutating func set(_ index: Int, _ level: Bool, at ms: Int64) {
            self.run(until: ms)
            self.levels[index] = level
            self.told += self.machine.came([
                LineEdge(index: index, isRising: level, atNs: self.nowNs)
            ])
        }

        mutating func takeTold() -> [InputMachine.Notice] {
            defer { self.told = [] }
            return self.told
        }
    }

    private static func parts() throws -> [InputMachine.Part] {
        let (pet, film) = try (OutputFixtures.name("pet"), OutputFixtures.name("film"))
        let line = LineSettings(chip: "c", line: 0)
        let sensor = UltrasonicSettings(
            trigger: line, echo: line, fullMm: 150, clearMm: 200, everySeconds: 5)
        let counter = CounterSettings(input: InputSettings(line: line, debounceMs: 5))
        func part(_ source: String, isActiveLow: Bool = false, _ kind: InputMachine.Kind)
            -> InputMachine.Part
        {
            InputMachine.Part(source: source, isActiveLow: isActiveLow, kind: kind)
        }
        return [
            part("counter pet", .counter(pet, PieceCounter(counter))),
            part("lid pet", .contact(.lid(compartment: pet), Debounce(stableMs: 50))),
            part("fill pet", .level(pet, Debounce(stableMs: 3_000))),
            part("fill film", .distance(film, UltrasonicSensor(sensor), trigger: 0)),
            part("fill pet", .distance(pet, UltrasonicSensor(sensor), trigger: 1)),
            part(
                "door service", isActiveLow: true,
                .contact(.door(try OutputFixtures.name("service")), Debounce(stableMs: 50))),
        ]
    }

    private func opened() throws -> Wires {
        var wires = try Wires()
        wires.echoes = [0: 5_000, 1: 5_000]
        wires.open()
        wires.run(until: 20_000)
        return wires
    }

    @Test func whatIsThereAtTheStartIsTold() throws {
        var wires = try self.opened()
        let (pet, film) = try (OutputFixtures.name("pet"), OutputFixtures.name("film"))
        let service = try OutputFixtures.name("service")
        #expect(
            Set(wires.takeTold()) == [
                .contact(.lid(compartment: pet), isOpen: false),
                .contact(.door(service), isOpen: false), .filled(pet, false), .filled(film, false),
            ])
        #expect(wires.machine.health.allSatisfy { $0.state == .working })
    }

    @Test func switchesAndBeamsAreToldOnceTheyRest() throws {
        var wires = try self.opened()
        _ = wires.takeTold()
        let pet = try OutputFixtures.name("pet")
        wires.set(1, true, at: 20_100)
        wires.set(1, false, at: 20_110)
        wires.set(1, true, at: 20_120)
        wires.run(until: 20_169)
        #expect(wires.takeTold() == [])
        wires.run(until: 20_170)
        #expect(wires.takeTold() == [.contact(.lid(compartment: pet), isOpen: true)])
        for ms in [Int64(21_000), 21_100, 21_200] {
            wires.set(0, true, at: ms)
            wires.set(0, false, at: ms + 30)
        }
        wires.set(5, false, at: 22_000)
        wires.set(2, true, at: 22_000)
        wires.run(until: 26_000)
        #expect(
            wires.takeTold() == [
                .piece(pet), .piece(pet), .piece(pet),
                .contact(.door(try OutputFixtures.name("service")), isOpen: true),
                .filled(pet, true),
            ])
        #expect(wires.machine.health[0].counts == ["pieces": 3])
    }

    @Test func aBlockedBeamIsAFaultUntilItIsWhole() throws {
        var wires = try self.opened()
        _ = wires.takeTold()
        wires.set(0, true, at: 21_000)
        wires.run(until: 30_000)
        let told = wires.takeTold()
        guard case .failed(let fault)? = told.first else {
            Issue.record("no fault: \(told)")
            return
        }
        #expect(fault.source == "counter pet" && fault.code == "blocked")
        wires.set(0, false, at: 31_000)
        wires.run(until: 32_000)
        #expect(wires.takeTold() == [.restored(fault)])
    }

    @Test func aWireThatFluttersForEverIsAFaultAndOpensNothing() throws {
        var wires = try self.opened()
        _ = wires.takeTold()
        var ms: Int64 = 20_000
        var level = false
        while ms < 141_000 {
            level.toggle()
            wires.set(1, level, at: ms)
            ms += 20
        }
        var told = wires.takeTold()
        #expect(told.count == 1)
        guard case .failed(let fault)? = told.first else {
            Issue.record("no fault: \(told)")
            return
        }
        #expect(fault.source == "lid pet" && fault.code == "restless")
        wires.set(1, false, at: ms)
        wires.run(until: ms + 1_000)
        told = wires.takeTold()
        #expect(told == [.restored(fault)])
    }

    @Test func onlyOneSensorListensAtATimeAndEachAtItsPeriod() throws {
        let wires = try self.opened()
        #expect(wires.triggered.map(\.trigger) == [0, 1, 0, 1, 0, 1, 0, 1, 0, 1])
        #expect(zip(wires.triggered, wires.triggered.dropFirst()).allSatisfy { $0.ms <= $1.ms })
        #expect(
            wires.triggered.filter { $0.trigger == 0 }.map(\.ms) == [
                0, 5_000, 10_000, 15_000, 20_000,
            ])
    }

    @Test func aSilentSensorIsAFaultAndLetsTheOtherMeasure() throws {
        var wires = try Wires()
        wires.echoes = [1: 583]
        wires.open()
        wires.run(until: 20_000)
        let (pet, film) = try (OutputFixtures.name("pet"), OutputFixtures.name("film"))
        let told = wires.takeTold()
        #expect(told.contains(.filled(pet, true)))
        let faults = told.compactMap { if case .failed(let fault) = $0 { fault } else { nil } }
        #expect(faults.map { "\($0.source): \($0.code)" } == ["fill film: no-echo"])
        #expect(!told.contains(.filled(film, true)) && !told.contains(.filled(film, false)))
        #expect(
            wires.triggered.filter { $0.trigger == 1 }.map(\.ms) == [60, 5_060, 10_060, 15_060])
        wires.echoes[0] = 5_000
        wires.run(until: 40_000)
        #expect(wires.takeTold().contains(.filled(film, false)))
    }

    @Test func lostLinesAreOneFaultEachAndAreUnknownUntilTheyAreBack() throws {
        var wires = try self.opened()
        let pet = try OutputFixtures.name("pet")
        wires.set(2, true, at: 20_000)
        wires.run(until: 25_000)
        _ = wires.takeTold()
        let error = LineError(.gone(19), chip: "c", lines: [0, 1, 2, 3, 4, 5])
        let told = wires.machine.lost(error)
        #expect(wires.machine.lost(error) == [])
        #expect(told.contains(.filled(pet, false)))
        #expect(told.count { if case .failed = $0 { true } else { false } } == 6)
        #expect(wires.machine.health.allSatisfy { $0.state == .down })
        wires.levels[1] = true
        wires.open()
        wires.run(until: 30_000)
        let back = wires.takeTold()
        #expect(back.count { if case .restored = $0 { true } else { false } } == 6)
        #expect(back.contains(.contact(.lid(compartment: pet), isOpen: true)))
        #expect(back.contains(.filled(pet, true)))
    }

    @Test func edgesOfLinesThatAreNotThereDoNoHarm() throws {
        var wires = try self.opened()
        #expect(wires.machine.came([LineEdge(index: 99, isRising: true, atNs: 0)]) == [])
        #expect(wires.machine.came([LineEdge(index: -1, isRising: true, atNs: 0)]) == [])
    }
}
