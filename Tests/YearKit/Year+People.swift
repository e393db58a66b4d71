import BinCore
import BinRuntime
import CrashKit

/// Who comes, and what they do.
extension Year {
    /// Somebody comes, or something happens at the bin.
    func happen() async throws {
        // Rain falls, or it stops.
        if self.dice.roll(400) == 0 { self.truth.rain = Int64(self.dice.pick([2, 8, 20])) }
        if self.truth.rain > 0, self.dice.roll(12) == 0 { self.truth.rain = 0 }
        switch self.dice.roll(200) {
        case 0: try await self.tapIn(self.dice.pick(self.town.blocked))
        case 1, 2: try await self.dropWithoutCard()
        case 3: try await self.steal()
        case 4, 5: try await self.lean()
        case 6: if self.dice.chance(10) { try await self.moveBin() }
        case 7: try await self.scaleFails()
        default: break
        }
        try await self.order()
        if self.truth.loads.contains(where: { $0.mass > 22_000_000 }) { try await self.collect() }
    }

    /// The bin as the people at it see it.
    private func serves(_ card: CardNumber) -> Bool {
        self.bin.witness.view?.order?.card == card
    }

    private func somebody() -> CardNumber {
        switch self.dice.roll(100) {
        case 0, 1: self.dice.pick(self.town.strangers)
        // Some come more often than others.
        case 2..<20: self.town.residents[self.dice.roll(8)]
        default: self.dice.pick(self.town.residents)
        }
    }

    func present(_ card: CardNumber) async throws {
        try self.bin.take(
            .hardware(
                .presented(
                    reader: self.town.scene.reader, card: card, at: self.bin.clock.now())))
    }

    /// Comes near, and holds a card to the reader.
    private func tapIn(_ card: CardNumber) async throws {
        try self.wait(3 * Self.readingEveryMs)
        try await self.present(card)
        try self.wait(Self.readingEveryMs)
    }

    /// A resident's visit from tap to thanks.
    func order() async throws {
        let card = self.somebody()
        try await self.tapIn(card)
        guard self.serves(card) else { return try await self.turnAway() }
        try await self.deliver(card)
    }

    /// Somebody whom the bin doesn't serve goes home, or throws it in all the same.
    private func turnAway() async throws {
        self.report.refused += 1
        if self.dice.chance(30) { self.move(Int64(100_000 + self.dice.roll(200_000)), 0) }
        try self.wait(3_000)
    }

    private func deliver(_ card: CardNumber) async throws {
        self.visit = Visit(card: card)
        if self.dice.roll(20) == 0 {
            // The card lies on the reader a little longer.
            try await self.present(card)
            try self.wait(Self.readingEveryMs)
        }
        for _ in 0...self.dice.pick([0, 0, 1, 1, 2]) { try await self.drop() }
        switch self.dice.roll(20) {
        case 0, 1:
            // Forgets to tap, and is gone.
            self.pass(25_000)
            try self.wait(upTo: 15_000) { !self.serves(card) }
        case 2: try await self.giveWay(to: self.somebody())
        default:
            // The second tap within a second and a half would be none.
            try self.wait(Self.readingEveryMs)
            try await self.present(card)
            try self.wait(upTo: 7_000) { !self.serves(card) }
        }
        self.endVisit()
    }

    /// The next one doesn't wait until the one before has tapped.
    private func giveWay(to next: CardNumber) async throws {
        guard let visit = self.visit, visit.card != next else { return }
        try await self.present(next)
        let isServed = try self.wait(upTo: 7_000) { !self.serves(visit.card) }
        self.endVisit()
        guard isServed, self.serves(next) else { return }
        self.visit = Visit(card: next)
        try await self.drop()
        try await self.present(next)
        try self.wait(upTo: 7_000) { !self.serves(next) }
    }

    /// Whoever was served is done.
    func endVisit() {
        guard let visit = self.visit else { return }
        self.visit = nil
        var person = self.people[visit.card] ?? Person()
        let recorded = visit.recorded.reduce(0, +)
        person.net += visit.put.reduce(0) { $0 + max(0, $1) }
        person.recorded += recorded
        self.report.put += recorded
        if self.isDoubtful {
            person.doubt += recorded
            self.report.doubtful += recorded
        }
        self.people[visit.card] = person
    }

    /// Changes what lies in a compartment. Whoever is served did it.
    @discardableResult
    private func move(_ milligrams: Int64, _ index: Int) -> Int64 {
        let change = max(-self.truth.loads[index].mass, milligrams)
        self.truth.loads[index].mass += change
        self.visit?.move(change, in: index)
        return change
    }

    /// From crumbs below the division to bags; poured, in two compartments, or taken out again.
    private func drop() async throws {
        let index = self.dice.roll(2)
        let grams = self.dice.pick([3, 8, 15, 30, 60, 120, 250, 400]) + self.dice.roll(60)
        let mass = Int64(grams * 1000 + self.dice.roll(1000))
        switch self.dice.roll(20) {
        case 0, 1:
            for _ in 0..<6 {
                self.move(mass / 6, index)
                try self.wait(Self.readingEveryMs)
            }
        case 2:
            self.move(mass / 2, index)
            self.move(mass / 2, 1 - index)
        case 3: try await self.changeMind(mass, index)
        default: self.move(mass, index)
        }
        try self.wait(Int64(self.dice.pick([3, 3, 4])) * Self.readingEveryMs)
    }

    /// Takes half of it out again, all, or more than that; and perhaps drops it once more.
    private func changeMind(_ mass: Int64, _ index: Int) async throws {
        self.move(mass, index)
        try self.wait(4 * Self.readingEveryMs)
        let percent = self.dice.pick([50, 100, 200] as [Int64])
        let taken = self.move(-mass * percent / 100, index)
        try self.wait(4 * Self.readingEveryMs)
        if self.dice.chance(50) { self.move(-taken, index) }
    }

    // MARK: What nobody is paid for

    private func dropWithoutCard() async throws {
        self.move(self.dice.pick([4_000, 240_000, 900_000]), self.dice.roll(2))
        try self.wait(3_000)
    }

    private func steal() async throws {
        self.move(-Int64(300_000 + self.dice.roll(2_500_000)), self.dice.roll(2))
        try self.wait(3_000)
    }

    /// Somebody leans on the bin for some seconds.
    private func lean() async throws {
        for index in self.truth.loads.indices { self.truth.loads[index].shaking = 6_000_000 }
        try self.wait(4_000)
        for index in self.truth.loads.indices { self.truth.loads[index].shaking = 0 }
        try self.wait(3_000)
    }

    private func moveBin() async throws {
        for index in self.truth.loads.indices { self.truth.loads[index].shaking = 4_000_000 }
        try self.wait(20_000)
        for index in self.truth.loads.indices {
            self.truth.loads[index].shaking = 0
            self.truth.loads[index].tilt =
                Int64(self.dice.roll(Int(2 * Truth.tilt))) - Truth.tilt
        }
        try self.wait(3_000)
    }

    private func scaleFails() async throws {
        let index = self.dice.roll(2)
        let fault = FaultFact(
            source: "scale \(self.town.compartments[index])", code: "timeout", detail: "no answer")
        self.truth.loads[index].isSilent = true
        try self.bin.take(.hardware(.failed(fault, at: self.bin.clock.now())))
        try self.wait(4_000)
        self.truth.loads[index].isSilent = false
        try self.bin.take(.hardware(.restored(fault, at: self.bin.clock.now())))
        try self.wait(2_000)
    }

    /// The collector empties both compartments. What he takes out is recorded as that.
    func collect() async throws {
        if !self.isDoubtful { try await self.check() }
        let before = self.ledger.collected
        try await self.tapIn(self.town.scene.collector)
        let isServed = self.bin.witness.view?.phase == .collecting
        var taken: Int64 = 0
        for index in self.truth.loads.indices {
            taken -= self.move(-self.truth.loads[index].mass, index)
            try self.wait(4 * Self.readingEveryMs)
        }
        try await self.present(self.town.scene.collector)
        try self.wait(3_000)
        guard isServed, !self.isDoubtful else { return }
        try await self.check()
        let recorded = (self.ledger.collected - before) * 1000
        let slack = 2 * (Scene.division * 1000 + Truth.mostDrift)
        guard abs(recorded - taken) <= slack else {
            throw Finding("\(taken) mg were collected, and \(recorded) mg are recorded as that")
        }
    }
}
