import BinCore
import Testing

/// A calibration belongs to the converter it was made with: 20 counts a gram at gain 128, 10 at 64.
@Suite struct ConverterTests {
    private static let one = "pet hx711 gain 128"
    private static let other = "pet hx711 gain 64"

    private func rules(_ bin: BinBench, _ pet: String?, film: String? = nil) -> BinRules {
        var rules = bin.rules
        for index in rules.compartments.indices {
            let isPet = rules.compartments[index].name == bin.pet
            rules.compartments[index].converter = isPet ? pet : film
        }
        return rules
    }

    private func calibrated() throws -> BinBench {
        var bin = try BinBench(converter: { 5_000 + 20 * $0 })
        bin.restart(mayCredit: false, rules: self.rules(bin, Self.one))
        try bin.calibrate()
        return bin
    }

    @Test func theRecordNamesTheConverter() throws {
        let bin = try self.calibrated()
        #expect(bin.calibrations.map(\.converter) == [Self.one])
    }

    @Test func anotherConverterIsNotCalibrated() throws {
        var bin = try self.calibrated()
        let records = bin.facts.count
        bin.restart(mayCredit: false, rules: self.rules(bin, Self.other), isSwitchedOn: true)
        try bin.settle()
        #expect(bin.machine.uncalibrated == [bin.pet])
        let fault = try #require(bin.machine.scaleFaults.first)
        #expect(fault.source == "calibration pet")
        #expect(fault.code == "uncalibrated")
        #expect(fault.detail.hasPrefix("its calibration is of `pet hx711 gain 128`"))
        bin.put(1_000, bin.pet)
        try bin.wait(20_000)
        #expect(bin.facts.count == records)

        // The old one again, and with it its calibration; what came meanwhile is nobody's.
        bin.restart(mayCredit: false, rules: self.rules(bin, Self.one))
        try bin.settle()
        #expect(bin.machine.scaleFaults.isEmpty)
        #expect(bin.level(bin.pet) == 1_000)
        try bin.tap(bin.resident)
        try bin.drop(800, bin.pet)
        #expect(bin.deposits.map(\.mass) == [Grams(800)])
    }

    @Test func anotherConverterIsCalibratedAnew() throws {
        var bin = try self.calibrated()
        bin.restart(mayCredit: false, rules: self.rules(bin, Self.other))
        try bin.calibrate()
        #expect(bin.calibrations.map(\.converter) == [Self.one, Self.other])
        #expect(bin.machine.scaleFaults.isEmpty)
        bin.restart(mayCredit: false, rules: self.rules(bin, Self.other))
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.drop(800, bin.pet)
        #expect(bin.deposits.map(\.mass) == [Grams(800)])
    }

    @Test func aTransmitterWithoutACalibrationOfItsOwnShowsItsOwnMass() throws {
        var bin = try BinBench()
        bin.restart(mayCredit: false, rules: self.rules(bin, nil, film: "film modbus a 1"))
        try bin.settle()
        try bin.calibrate(bin.film, .zero)
        // The transmitter shows 9,900 g for 10 kg.
        bin.put(9_900, bin.film)
        try bin.settle()
        try bin.calibrate(bin.film, .span(reference: Grams(10_000)))
        try bin.wait(BinRules.unattributedMs)
        try bin.tap(bin.resident)
        try bin.drop(100, bin.pet)
        // An order is open, and yet the other transmitter's 9,900 g are nobody's loss of 100 g.
        bin.restart(mayCredit: true, rules: self.rules(bin, nil, film: "film modbus a 2"))
        try bin.wait(20_000)
        #expect(bin.level(bin.film) == 9_900)
        #expect(bin.unattributed.last?.cause == .calibration)
        #expect(bin.orders.first?.mass == Grams(100))
        #expect(bin.machine.scaleFaults.isEmpty)
    }

    @Test func aCalibrationOfOldBelongsToWhateverIsThereAndIsBoundByItsNextRecord() throws {
        var bin = try BinBench(converter: { 5_000 + 20 * $0 })
        try bin.calibrate()
        #expect(bin.calibrations.map(\.converter) == [nil])
        bin.put(10, bin.pet)
        bin.restart(
            mayCredit: false, afterMs: 60_000, rules: self.rules(bin, Self.one),
            isSwitchedOn: true)
        try bin.wait(5_000)
        #expect(bin.calibrations.map(\.by) == ["technician", "zero-tracking"])
        #expect(bin.calibrations.last?.converter == Self.one)
        bin.restart(mayCredit: false, rules: self.rules(bin, Self.other))
        #expect(bin.machine.uncalibrated == [bin.pet])
    }

    @Test func aTemperatureThatIsNotToldIsAFaultAndStopsNothing() throws {
        var bin = try BinBench()
        var rules = bin.rules
        for index in rules.compartments.indices where rules.compartments[index].name == bin.pet {
            rules.compartments[index].temperature = TemperatureCoefficient(
                reference: 20_000, zero: Milligrams(500), spanPpm: 10)
        }
        bin.restart(mayCredit: false, rules: rules)
        #expect(bin.machine.scaleFaults.isEmpty)
        try bin.settle()
        #expect(bin.machine.scaleFaults.map(\.source) == ["temperature pet"])
        #expect(bin.machine.scaleFaults.map(\.code) == ["no-temperature"])
        try bin.tap(bin.resident)
        try bin.drop(800, bin.pet)
        #expect(bin.deposits.map(\.mass) == [Grams(800)])
        let warm = Reading(
            mass: Grams(800).milligrams, isStable: nil, condition: .normal, milliCelsius: 20_000,
            at: bin.now.advanced(byMs: 1))
        try bin.send(.reading(compartment: bin.pet, warm))
        #expect(bin.machine.scaleFaults.isEmpty)
    }
}
