import BinCore
import Records
import Testing

/// Commands to a transmitter: `film` is on one.
@Suite struct ServiceTests {
    private func serve(_ bin: inout BinBench, _ effect: DeviceCommand.Effect) throws {
        try bin.calibrate(bin.film, .command(effect))
    }

    @Test func whatATransmitterIsZeroedByIsNobodys() throws {
        var bin = try BinBench()
        bin.put(40, bin.film)
        try bin.settle()
        try bin.wait(BinRules.unattributedMs)
        try self.serve(&bin, .zero)
        // It obeys while readings of before are still on their way.
        try bin.wait(400)
        bin.drift[bin.film] = -40_000
        try bin.wait(BinRules.unattributedMs + 2_000)
        #expect(bin.unattributed.last?.cause == .calibration)
        #expect(bin.unattributed.last?.after == .zero)
        try bin.tap(bin.resident)
        try bin.drop(500, bin.film)
        #expect(bin.deposits.map(\.mass) == [Grams(500)])
        #expect(bin.deposits.first?.flags.contains(.afterRemoval) == false)
    }

    /// A card comes before the scale has shown what the command did.
    @Test func anOrderThatFollowsAtOnceHasNothingOfIt() throws {
        var bin = try BinBench()
        bin.put(40, bin.film)
        try bin.settle()
        try bin.wait(BinRules.unattributedMs)
        try self.serve(&bin, .zero)
        bin.drift[bin.film] = 600_000
        try bin.tap(bin.resident)
        try bin.wait(4_000)
        #expect(bin.deposits.isEmpty)
    }

    @Test(
        "Each command is a record",
        arguments: [.unlock, .zero, .tare, .eeprom] as [DeviceCommand.Effect])
    func records(effect: DeviceCommand.Effect) throws {
        var bin = try BinBench()
        bin.put(40, bin.film)
        try bin.settle()
        try self.serve(&bin, effect)
        let fact = try #require(bin.calibrations.last)
        #expect(fact.by == "technician (transmitter \(effect.rawValue))")
        #expect(fact.zero == 40_000)
        #expect(fact.span == 0)
        #expect(fact.reference == .zero)
        // It is no line: the transmitter goes on weighing by itself, also after a restart.
        #expect(bin.fold.memory.compartments[bin.film]?.calibration == nil)
    }

    @Test func theLineOfACalibratedScaleStays() throws {
        var bin = try BinBench()
        try bin.settle()
        try bin.calibrate(bin.film, .zero)
        bin.put(9_900, bin.film)
        try bin.settle()
        try bin.calibrate(bin.film, .span(reference: Grams(10_000)))
        let line = bin.fold.memory.compartments[bin.film]?.calibration
        #expect(line != nil)
        try bin.settle()
        try self.serve(&bin, .eeprom)
        #expect(bin.calibrations.last?.span == 9_900_000)
        #expect(bin.fold.memory.compartments[bin.film]?.calibration == line)
    }

    @Test func nobodyZeroesWhatMovesOrIsInUse() throws {
        var bin = try BinBench()
        #expect(throws: CalibrationRefusal.silent) { try self.serve(&bin, .zero) }
        // What takes no load for anything may be given to a silent scale.
        try self.serve(&bin, .unlock)
        bin.shaking[bin.film] = [0, 3_000]
        try bin.settle()
        for effect: DeviceCommand.Effect in [.zero, .tare] {
            #expect(throws: CalibrationRefusal.unsteady) { try self.serve(&bin, effect) }
        }
        bin.shaking = [:]
        try bin.settle()
        try bin.tap(bin.resident)
        for effect: DeviceCommand.Effect in [.zero, .tare, .unlock, .eeprom] {
            #expect(throws: CalibrationRefusal.busy) { try self.serve(&bin, effect) }
        }
        #expect(throws: CalibrationRefusal.unknownCompartment) {
            try bin.calibrate(name("glass"), .command(.zero))
        }
    }
}
