import BinCore
import Testing

@Suite struct ContactTests {
    private func bin() throws -> BinBench {
        var bin = try BinBench()
        try bin.settle()
        return bin
    }

    private func alarms(_ bin: BinBench) -> [String] {
        bin.machine.alarms.map { "\($0.source): \($0.code)" }
    }

    @Test func lidsAreOpenForAnOrderAndForACollection() throws {
        var bin = try self.bin()
        func unlocked() -> [Bool] { bin.view.compartments.map(\.isUnlocked) }
        #expect(unlocked() == [false, false])
        try bin.tap(bin.resident)
        #expect(unlocked() == [true, true])
        bin.silent = [bin.film]
        try bin.wait(3_000)
        #expect(unlocked() == [false, true])
        bin.shaking[bin.pet] = [0, 900_000]
        try bin.wait(2_000)
        try bin.tap(bin.resident)
        #expect(unlocked() == [false, false])
        bin.shaking = [:]
        try bin.wait(BinRules.settleMs)
        try bin.send(.filled(compartment: bin.pet, isFull: true))
        try bin.tap(try card("uid:04C0FFEE"), role: .collector)
        #expect(unlocked() == [true, true])
        try bin.wait(40_000)
        #expect(unlocked() == [false, false])
        #expect(bin.view.outOfService("storage").compartments.allSatisfy { !$0.isUnlocked })
    }

    @Test func aDoorThatIsOpenedWithoutACollectionIsAFaultUntilItCloses() throws {
        var bin = try self.bin()
        let door = Contact.door(try name("service"))
        #expect(bin.view.doors.isEmpty)
        try bin.send(.contact(door, isOpen: false))
        #expect(self.alarms(bin) == [])
        try bin.send(.contact(door, isOpen: true))
        #expect(self.alarms(bin) == ["door service: open"])
        #expect(bin.view.doors == [BinView.Door(name: try name("service"), isOpen: true)])
        try bin.wait(1_000_000)
        #expect(self.alarms(bin) == ["door service: open"])
        try bin.send(.contact(door, isOpen: false))
        #expect(self.alarms(bin) == [])
    }

    @Test func aCollectorMayOpenTheDoorAndHasTimeToCloseIt() throws {
        var bin = try self.bin()
        let door = Contact.door(try name("service"))
        let collector = try card("uid:04C0FFEE")
        try bin.tap(collector, role: .collector)
        try bin.send(.contact(door, isOpen: true))
        try bin.wait(20_000)
        try bin.tap(collector, role: .collector)
        try bin.wait(200)
        let end = bin.nowMs
        #expect(self.alarms(bin) == [])
        try bin.wait(290_000)
        #expect(self.alarms(bin) == [])
        #expect(try #require(bin.machine.nextTick) <= at(end + 300_000))
        try bin.wait(11_000)
        #expect(self.alarms(bin) == ["door service: left-open"])
        // A collector who comes back ends it, and may close the door.
        try bin.tap(collector, role: .collector)
        #expect(self.alarms(bin) == [])
        try bin.send(.contact(door, isOpen: false))
        try bin.wait(60_000)
        #expect(self.alarms(bin) == [])
        #expect(bin.machine.nextTick == nil)
    }

    @Test func aDoorOpenedTooEarlyIsForgivenOnceTheCollectorTaps() throws {
        var bin = try self.bin()
        let door = Contact.door(try name("service"))
        try bin.send(.contact(door, isOpen: true))
        #expect(self.alarms(bin) == ["door service: open"])
        try bin.tap(try card("uid:04C0FFEE"), role: .collector)
        #expect(self.alarms(bin) == [])
    }

    @Test func aLidMayStandOpenForAWhile() throws {
        var bin = try self.bin()
        try bin.tap(bin.resident)
        let opened = bin.nowMs
        try bin.send(.contact(.lid(compartment: bin.pet), isOpen: true))
        #expect(bin.view.compartments.map(\.isLidOpen) == [nil, true])
        try bin.wait(299_800)
        #expect(self.alarms(bin) == [])
        #expect(bin.machine.nextTick == at(opened + 300_000))
        try bin.wait(200)
        #expect(self.alarms(bin) == ["lid pet: left-open"])
        #expect(bin.machine.nextTick == nil)
        // Weighing and paying go on.
        try bin.tap(bin.neighbour)
        try bin.drop(100, bin.pet)
        #expect(bin.deposits.count == 1)
        try bin.send(.contact(.lid(compartment: bin.pet), isOpen: false))
        #expect(self.alarms(bin) == [])
    }

    @Test func whatIsWorthASignalIsCounted() throws {
        var bin = try self.bin()
        #expect(bin.view.occasions == 0)
        try bin.tap(bin.resident)
        #expect(bin.view.occasions == 1)
        try bin.drop(100, bin.pet)
        #expect(bin.view.occasions == 2)
        try bin.wait(1_000)
        #expect(bin.view.occasions == 2)
        try bin.tap(try card("uid:04BAD0BAD0"), role: .blocked)
        #expect(bin.view.occasions == 3)
        try bin.tap(bin.resident)
        try bin.wait(1_000)
        #expect(bin.view.occasions == 4)
    }
}
