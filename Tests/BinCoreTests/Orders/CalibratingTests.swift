import BinCore
import Testing

/// A compartment on a converter: 20 counts a gram, 5,000 counts when empty.
@Suite struct CalibratingTests {
    private func counts(_ grams: Int64) -> Int64 { 5_000 + 20 * grams }

    private func calibrate(_ bin: inout BinBench, _ step: CalibrationStep) throws {
        try bin.calibrate(bin.pet, step)
    }

    /// A bin whose `pet` was calibrated with 10 kg.
    private func calibrated() throws -> BinBench {
        var bin = try BinBench(converter: self.counts)
        try bin.settle()
        try self.calibrate(&bin, .zero)
        bin.put(10_000, bin.pet)
        try bin.settle()
        try self.calibrate(&bin, .span(reference: Grams(10_000)))
        try bin.settle()
        bin.put(-10_000, bin.pet)
        try bin.settle()
        return bin
    }

    @Test func countsMeanNothingBeforeACalibration() throws {
        var bin = try BinBench(converter: self.counts)
        try bin.settle()
        #expect(bin.machine.uncalibrated == [bin.pet])
        #expect(bin.view.compartments.first { $0.name == bin.pet }?.live == nil)
        bin.silent = [bin.film]
        try bin.wait(5_000)
        try bin.tap(bin.resident)
        #expect(bin.refused == [.outOfService])
    }

    @Test func twoPointsMakeAScale() throws {
        var bin = try self.calibrated()
        #expect(bin.machine.uncalibrated == [])
        let facts = bin.calibrations
        #expect(facts.map(\.zero) == [5_000])
        #expect(facts.map(\.span) == [200_000])
        #expect(facts.map(\.reference) == [Grams(10_000)])
        try bin.tap(bin.resident)
        try bin.drop(1_235, bin.pet)
        #expect(bin.deposits.map(\.mass) == [Grams(1_235)])
    }

    @Test func theTechniciansMassIsNobodysAndLeavesNoTrace() throws {
        var bin = try self.calibrated()
        try bin.wait(BinRules.unattributedMs)
        #expect(bin.unattributed.allSatisfy { $0.cause == .calibration })
        #expect(bin.unattributed.last?.after == .zero)
        try bin.tap(bin.resident)
        try bin.drop(500, bin.pet)
        #expect(bin.deposits.first?.flags == [])
    }

    @Test func aCalibrationSurvivesARestart() throws {
        var bin = try self.calibrated()
        try bin.wait(BinRules.unattributedMs)
        bin.restart(mayCredit: false)
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.drop(800, bin.pet)
        #expect(bin.deposits.map(\.mass) == [Grams(800)])
    }

    @Test func aCalibratedScaleIsZeroedByItself() throws {
        var bin = try self.calibrated()
        try bin.wait(BinRules.unattributedMs)
        bin.put(40, bin.pet)  // dirt
        try bin.settle()
        try self.calibrate(&bin, .zero)
        #expect(bin.calibrations.last?.zero == 5_800)
        #expect(bin.calibrations.last?.span == 200_000)
    }

    @Test func refusalsNameWhatIsWrong() throws {
        var bin = try BinBench(converter: self.counts)
        #expect(throws: CalibrationRefusal.silent) { try self.calibrate(&bin, .zero) }
        try bin.settle()
        #expect(throws: CalibrationRefusal.zeroFirst) {
            try self.calibrate(&bin, .span(reference: Grams(10_000)))
        }
        try self.calibrate(&bin, .zero)
        for grams in [2_999, 30_001] as [Int64] {
            #expect(throws: CalibrationRefusal.reference) {
                try self.calibrate(&bin, .span(reference: Grams(grams)))
            }
        }
        #expect(throws: CalibrationRefusal.tooCoarse) {
            try self.calibrate(&bin, .span(reference: Grams(10_000)))
        }
        bin.put(100, bin.pet)
        try bin.settle()
        #expect(throws: CalibrationRefusal.tooCoarse) {
            try self.calibrate(&bin, .span(reference: Grams(10_000)))
        }
        bin.put(9_900, bin.pet)
        bin.shaking[bin.pet] = [0, 3_000]
        try bin.settle()
        #expect(throws: CalibrationRefusal.unsteady) {
            try self.calibrate(&bin, .span(reference: Grams(10_000)))
        }
        #expect(bin.calibrations.isEmpty)
        #expect(throws: CalibrationRefusal.unknownCompartment) {
            try bin.calibrate(name("glass"), .zero)
        }
    }

    @Test func aZeroThatWasTakenInMotionMakesNoScale() throws {
        var bin = try BinBench(converter: self.counts)
        bin.shaking[bin.pet] = [0, 40_000]
        try bin.settle()
        try self.calibrate(&bin, .zero)
        bin.shaking = [:]
        bin.put(10_000, bin.pet)
        try bin.settle()
        #expect(throws: CalibrationRefusal.unsteady) {
            try self.calibrate(&bin, .span(reference: Grams(10_000)))
        }
        bin.put(-10_000, bin.pet)
        try bin.settle()
        try self.calibrate(&bin, .zero)
        bin.put(10_000, bin.pet)
        try bin.settle()
        try self.calibrate(&bin, .span(reference: Grams(10_000)))
        #expect(bin.calibrations.map(\.zero) == [5_000])
    }

    @Test func nobodyCalibratesWhileAnOrderIsOpen() throws {
        var bin = try self.calibrated()
        try bin.tap(bin.resident)
        #expect(throws: CalibrationRefusal.busy) { try self.calibrate(&bin, .zero) }
    }

    @Test func aTransmitterCanBeCalibratedToo() throws {
        var bin = try BinBench()
        try bin.settle()
        try bin.calibrate(bin.film, .zero)
        // The transmitter shows 9,900 g for 10 kg.
        bin.put(9_900, bin.film)
        try bin.settle()
        try bin.calibrate(bin.film, .span(reference: Grams(10_000)))
        try bin.wait(BinRules.unattributedMs)
        #expect(bin.unattributed.last?.after == Grams(10_000))
    }
}
