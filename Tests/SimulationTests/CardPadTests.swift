import BinCore
import Simulation
import Testing

@Suite struct CardPadTests {
    private let uid: [UInt8] = [0x04, 0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6]
    private let other: [UInt8] = [0xDE, 0xAD, 0xBE, 0xEF]

    private func pad(_ presence: ModbusReaderSettings.Presence) throws -> CardPad {
        CardPad(
            settings: ModbusReaderSettings(
                bus: try name("rs485"), address: 9, presence: presence, uid: BinUnderTest.uid))
    }

    private func shown(_ pad: inout CardPad, at now: BootInstant) -> [UInt16] {
        pad.advance(to: now)
        return pad.image(at: now).words(table: .holding, address: 1, count: 4) ?? []
    }

    private func flag(_ pad: inout CardPad, at now: BootInstant) -> UInt16? {
        pad.advance(to: now)
        return pad.image(at: now).words(table: .holding, address: 0, count: 1)?.first
    }

    @Test func aLevelReaderShowsTheCardWhileItIsHeldThere() throws {
        var pad = try self.pad(.level)
        #expect(pad.tap(uid: self.uid, at: ms(1000)) == true)
        #expect(self.shown(&pad, at: ms(1000)) == [0x0004, 0xA1B2, 0xC3D4, 0xE5F6])
        #expect(self.shown(&pad, at: ms(1599)) == [0x0004, 0xA1B2, 0xC3D4, 0xE5F6])
        #expect(self.shown(&pad, at: ms(1600)) == [0, 0, 0, 0])
    }

    @Test func theSameCardTwiceIsSeenTwice() throws {
        var pad = try self.pad(.level)
        #expect(pad.tap(uid: self.other, at: ms(0)) == true)
        #expect(pad.tap(uid: self.other, at: ms(0)) == true)
        #expect(self.shown(&pad, at: ms(999)) == [0, 0, 0, 0])
        #expect(self.shown(&pad, at: ms(1000)) == [0, 0, 0xDEAD, 0xBEEF])
        #expect(self.shown(&pad, at: ms(1600)) == [0, 0, 0, 0])
    }

    @Test func aCounterCountsAndTheUIDStays() throws {
        var pad = try self.pad(.counter(BinUnderTest.flag))
        #expect(self.flag(&pad, at: ms(0)) == 0)
        #expect(pad.tap(uid: self.uid, at: ms(0)) == true)
        #expect(self.flag(&pad, at: ms(0)) == 1)
        #expect(self.shown(&pad, at: ms(60_000)) == [0x0004, 0xA1B2, 0xC3D4, 0xE5F6])
        #expect(pad.tap(uid: self.other, at: ms(60_000)) == true)
        #expect(self.flag(&pad, at: ms(60_000)) == 2)
        #expect(self.shown(&pad, at: ms(60_000)) == [0, 0, 0xDEAD, 0xBEEF])
    }

    @Test func aLatchedReaderTakesTheNextCardOnceItsFlagWasCleared() throws {
        var pad = try self.pad(.latched(BinUnderTest.flag))
        #expect(pad.tap(uid: self.uid, at: ms(0)) == true)
        #expect(pad.tap(uid: self.other, at: ms(5000)) == true)
        #expect(self.flag(&pad, at: ms(9000)) == 1)
        #expect(self.shown(&pad, at: ms(9000)) == [0x0004, 0xA1B2, 0xC3D4, 0xE5F6])
        pad.write([0], at: ms(9000))
        #expect(self.flag(&pad, at: ms(9000)) == 1)
        #expect(self.shown(&pad, at: ms(9000)) == [0, 0, 0xDEAD, 0xBEEF])
        pad.write([0], at: ms(9001))
        #expect(self.flag(&pad, at: ms(9001)) == 0)
    }

    @Test func waitingCardsAndUIDsAreBounded() throws {
        var pad = try self.pad(.latched(BinUnderTest.flag))
        #expect(pad.tap(uid: self.uid, at: ms(0)) == true)
        for _ in 0..<CardPad.waitingMax { #expect(pad.tap(uid: self.uid, at: ms(0)) == true) }
        #expect(pad.tap(uid: self.uid, at: ms(0)) == false)
        var level = try self.pad(.level)
        #expect(level.tap(uid: [UInt8](repeating: 1, count: 9), at: ms(0)) == false)
    }
}
