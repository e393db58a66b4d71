import BinCore
import Testing

@testable import BinHardware

@Suite struct WriteLimitTests {
    private let now = BootInstant(milliseconds: 100_000)

    private func command(_ effect: DeviceCommand.Effect) -> DeviceCommand {
        DeviceCommand(
            effect: effect, function: .registers, address: 5, values: [effect == .clear ? 0 : 8])
    }

    @Test("A poll can clear and nothing else", arguments: DeviceCommand.Effect.allCases)
    func loops(effect: DeviceCommand.Effect) {
        #expect((LoopWrite(self.command(effect)) != nil) == (effect == .clear))
        var other = self.command(effect)
        other.values = [0, 1]
        #expect(LoopWrite(other) == nil)
    }

    @Test func onlyWhatIsListedIsPermitted() throws {
        var limit = WriteLimit([self.command(.zero)])
        let person = try #require(Attendant("a technician"))
        let write = try limit.permit(.zero, by: person, at: self.now)
        #expect(write.command == self.command(.zero))
        for effect: DeviceCommand.Effect in [.tare, .eeprom, .clear, .unlock] {
            #expect(throws: CommandRefusal.notListed) {
                _ = try limit.permit(effect, by: person, at: self.now).command
            }
        }
    }

    /// A memory that bears 100,000 writes (DOMAIN §4.4) outlasts the bin: three a day.
    @Test(
        "A command waits for its pause",
        arguments: [(.unlock, 5000), (.zero, 5000), (.tare, 5000), (.eeprom, 28_800_000)]
            as [(DeviceCommand.Effect, Int64)])
    func pauses(effect: DeviceCommand.Effect, ms: Int64) throws {
        var limit = WriteLimit([self.command(effect)])
        let person = try #require(Attendant("a technician"))
        _ = try limit.permit(effect, by: person, at: self.now).command
        let early = self.now.advanced(byMs: ms - 1)
        #expect(throws: CommandRefusal.tooSoon(ms: 1)) {
            _ = try limit.permit(effect, by: person, at: early).command
        }
        _ = try limit.permit(effect, by: person, at: self.now.advanced(byMs: ms)).command
    }

    /// The daemon started again a second after a memory was written to.
    @Test func aRestartEndsNoPause() throws {
        var limit = WriteLimit([self.command(.eeprom)], lastWorn: self.now)
        let person = try #require(Attendant("a technician"))
        let early = self.now.advanced(byMs: 1000)
        #expect(throws: CommandRefusal.tooSoon(ms: WriteLimit.memoryPauseMs - 1000)) {
            _ = try limit.permit(.eeprom, by: person, at: early).command
        }
        let later = self.now.advanced(byMs: WriteLimit.memoryPauseMs)
        _ = try limit.permit(.eeprom, by: person, at: later).command
    }

    @Test("A person has a name", arguments: ["", " ", "a\nb", String(repeating: "a", count: 65)])
    func nobody(name: String) {
        #expect(Attendant(name) == nil)
    }
}
