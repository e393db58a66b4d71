import BinCore
import Simulation
import Testing

@Suite struct SimulatedBinTests {
    @Test func answersAsTheConfiguredDevices() throws {
        var bin = try BinUnderTest.bin()
        try bin.perform("put pet 1500", at: ms(1000))
        try bin.perform("tap uid:04A1B2C3 --reader counter", at: ms(1000))
        let pet = try bin.registers(1, 0, 3, at: ms(5000))
        #expect(pet[0] == 0)
        #expect(abs(Int(pet[1]) - 1500) <= 5)
        #expect(pet[2] == 1)
        let film = try bin.registers(2, 0, 3, at: ms(5000))
        #expect(Int32(bitPattern: UInt32(film[0]) << 16 | UInt32(film[1])).magnitude <= 5)
        #expect(try bin.registers(9, 0, 5, at: ms(5000)) == [1, 0, 0, 0x04A1, 0xB2C3])
    }

    @Test func refusesUnknownRegistersAndFunctionsAndIgnoresOtherAddresses() throws {
        var bin = try BinUnderTest.bin()
        let now = ms(1000)
        // The exception to a read of register 0x50: DOMAIN §4.1.
        #expect(
            try bin.ask(1, 3, [0, 0x50, 0, 2], at: now)?.bytes == [0x01, 0x83, 0x02, 0xC0, 0xF1])
        #expect(try bin.ask(1, 3, [0, 2, 0, 2], at: now)?.bytes.prefix(3) == [0x01, 0x83, 2])
        #expect(try bin.ask(1, 4, [0, 0, 0, 2], at: now)?.bytes.prefix(3) == [0x01, 0x84, 2])
        #expect(try bin.ask(1, 5, [0, 0, 0xFF, 0], at: now)?.bytes.prefix(3) == [0x01, 0x85, 1])
        #expect(try bin.ask(1, 6, [0, 0, 0, 0], at: now)?.bytes.prefix(3) == [0x01, 0x86, 2])
        #expect(try bin.ask(3, 3, [0, 0, 0, 2], at: now) == nil)
        #expect(try bin.ask(0, 3, [0, 0, 0, 2], at: now) == nil)
    }

    @Test func aLatchedFlagIsClearedByBothWrites() throws {
        var bin = try BinUnderTest.bin()
        for request: (function: UInt8, payload: [UInt8]) in [
            (6, [0, 0, 0, 0]), (16, [0, 0, 0, 1, 2, 0, 0]),
        ] {
            try bin.perform("tap uid:04A1B2C3 --reader latched", at: ms(10_000))
            #expect(try bin.registers(10, 0, 1, at: ms(20_000)) == [1])
            let reply = try bin.ask(10, request.function, request.payload, at: ms(20_000))
            #expect(
                reply?.bytes.dropLast(2)
                    == [10, request.function] + request.payload.prefix(4))
            #expect(try bin.registers(10, 0, 1, at: ms(20_000)) == [0])
        }
    }

    @Test func theSameSeedGivesTheSameReplies() throws {
        func replies(seed: UInt64) throws -> [[UInt8]?] {
            var bin = try BinUnderTest.bin(seed: seed)
            try bin.perform("put pet 300", at: ms(500))
            try bin.perform("fault scale film garbage", at: ms(500))
            return try (Int64(1)...20).flatMap { step in
                try [UInt8(1), 2].map {
                    try bin.ask($0, 3, [0, 0, 0, 3], at: ms(step * 100))?.bytes
                }
            }
        }
        #expect(try replies(seed: 1) == replies(seed: 1))
        #expect(try replies(seed: 1) != replies(seed: 2))
    }

    @Test func theTrueLoadIsWhatWasPutAndTaken() throws {
        var bin = try BinUnderTest.bin()
        try bin.perform("put pet 19.5", at: ms(0))
        try bin.perform("put pet 1000.001 --over 4", at: ms(0))
        try bin.perform("take pet 0.5", at: ms(1000))
        let pet = try name("pet")
        var status = bin.status(at: ms(2000))
        #expect(status.compartments[pet]?.load == Milligrams(519_000))
        #expect(status.compartments[pet]?.isPouring == true)
        status = bin.status(at: ms(4000))
        #expect(status.compartments[pet]?.load == Milligrams(1_019_001))
        #expect(status.compartments[pet]?.isPouring == false)
        #expect(bin.loads[pet] == Milligrams(1_019_001))
        try bin.perform("empty pet", at: ms(5000))
        #expect(bin.loads[pet] == .zero)
    }

    @Test func namesWhatItDoesNotPlay() throws {
        let bin = try BinUnderTest.bin()
        #expect(bin.unplayed.map(\.description) == ["reader gpio", "scale gpio"])
    }

    @Test(arguments: [
        ("put glass 1", "no compartment glass; there are film, gpio, pet"),
        ("put gpio 1", "compartment gpio stands on scale gpio on GPIO lines"),
        ("take pet 1", "compartment pet: only 0 g are in it"),
        ("tap uid:04A1B2C3 --reader side", "no reader side; there are"),
        ("tap uid:04A1B2C3 --reader gpio", "reader gpio is on GPIO lines"),
        ("tap w26:00A1B2 --reader level", "delivers UIDs, not w26"),
        ("tap uid:04A1B2C3D4E5F6A7B8C9", "registers for UIDs of 8 bytes"),
        ("fault bus can off", "no bus can; there are rs485"),
        ("fault scale gpio off", "scale gpio is on GPIO lines"),
        ("fault reader pet off", "no reader pet"),
    ])
    func refusesWhatThisBinCantDo(line: String, reason: String) throws {
        var bin = try BinUnderTest.bin()
        let before = bin.loads
        let error = try #require(throws: SimulationError.self) {
            try bin.perform(line, at: ms(0))
        }
        #expect(error.code == .refused)
        #expect(error.description.contains(reason))
        #expect(bin.loads == before)
    }
}

@Suite struct FaultTests {
    private func ask(_ bin: inout SimulatedBin, at now: Int64) throws -> DelayedReply? {
        try bin.ask(1, 3, [0, 0, 0, 3], at: ms(now))
    }

    @Test(arguments: ["scale pet off", "scale pet silent", "bus rs485 off", "bus rs485 silent"])
    func nobodyAnswersUntilHealed(fault: String) throws {
        var bin = try BinUnderTest.bin()
        try bin.perform("fault \(fault)", at: ms(0))
        #expect(try self.ask(&bin, at: 100) == nil)
        #expect((try bin.ask(2, 3, [0, 0, 0, 3], at: ms(100)) == nil) == fault.hasPrefix("bus"))
        let healing = fault.split(separator: " ").dropLast().joined(separator: " ")
        try bin.perform("fault \(healing) on", at: ms(200))
        #expect(try self.ask(&bin, at: 300) != nil)
        #expect(bin.faults.isEmpty)
    }

    @Test func lateIsAfterTheTimeout() throws {
        var bin = try BinUnderTest.bin()
        #expect(try self.ask(&bin, at: 0)?.delayMs == 0)
        try bin.perform("fault scale pet late", at: ms(0))
        #expect(try self.ask(&bin, at: 100)?.delayMs == 300)
    }

    @Test func garbageHasNoGoodChecksum() throws {
        var bin = try BinUnderTest.bin()
        try bin.perform("fault scale pet garbage", at: ms(0))
        var lengths: Set<Int> = []
        for step in Int64(1)...200 {
            let bytes = try #require(try self.ask(&bin, at: step * 50)).bytes
            #expect(!RTUChecksum.holds(for: bytes))
            lengths.insert(bytes.count)
        }
        #expect(lengths.contains(11) && lengths.count > 5)
    }

    @Test func aStuckScaleKeepsItsRegistersAndTheLoadGoesOn() throws {
        var bin = try BinUnderTest.bin()
        try bin.perform("put pet 400", at: ms(0))
        let before = try bin.registers(1, 0, 3, at: ms(5000))
        try bin.perform("fault scale pet stuck", at: ms(5000))
        try bin.perform("put pet 400", at: ms(5000))
        #expect(try bin.registers(1, 0, 3, at: ms(60_000)) == before)
        try bin.perform("fault scale pet on", at: ms(60_000))
        #expect(try bin.registers(1, 0, 3, at: ms(65_000)) != before)
        #expect(bin.loads[try name("pet")] == grams(800))
    }

    @Test func aStuckReaderKeepsItsCard() throws {
        var bin = try BinUnderTest.bin()
        try bin.perform("tap uid:04A1B2C3 --reader level", at: ms(0))
        try bin.perform("fault reader level stuck", at: ms(100))
        try bin.perform("tap uid:DEADBEEF --reader level", at: ms(5000))
        #expect(try bin.registers(11, 1, 4, at: ms(9000)) == [0, 0, 0x04A1, 0xB2C3])
        try bin.perform("fault reader level on", at: ms(10_000))
        #expect(try bin.registers(11, 1, 4, at: ms(10_000)) == [0, 0, 0, 0])
        let level = try name("level")
        #expect(bin.status(at: ms(10_000)).readers[level]?.taps == 2)
    }

    @Test func aReaderWithoutPowerSeesNoCardAndForgets() throws {
        var bin = try BinUnderTest.bin()
        try bin.perform("tap uid:04A1B2C3 --reader counter", at: ms(0))
        try bin.perform("fault reader counter off", at: ms(1000))
        try bin.perform("tap uid:04A1B2C3 --reader counter", at: ms(2000))
        try bin.perform("fault reader counter on", at: ms(3000))
        #expect(try bin.registers(9, 0, 5, at: ms(4000)) == [0, 0, 0, 0, 0])
    }
}
