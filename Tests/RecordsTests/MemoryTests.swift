import BinCore
import Records
import Testing

/// What a start finds of scales in the records, and in a summary of them.
@Suite struct MemoryTests {
    private func fold(_ facts: [CalibrationFact]) throws -> BinMemory.Compartment {
        var fold = JournalFold()
        for (index, fact) in facts.enumerated() {
            let moment = Moment(up: BootInstant(milliseconds: 1), at: .epoch, clock: .unset)
            let header = RecordHeader(seq: RecordNumber(index + 1), boot: 1, moment: moment)
            let record = Record(header: header, fact: .calibration(fact))
            fold.add(try Record(bytes: try record.encoded()))
        }
        let again = try #require(BinMemory(summary: fold.memory.summary))
        #expect(again == fold.memory)
        let pet = try self.pet
        return try #require(fold.memory.compartments[pet])
    }

    private var pet: Name { get throws { try #require(Name("pet")) } }

    private func fact(_ zero: Int64, _ converter: String?) throws -> CalibrationFact {
        CalibrationFact(
            compartment: try self.pet, by: "li", zero: zero, span: 200_000,
            reference: Grams(10_000), converter: converter)
    }

    @Test func aCalibrationKeepsWhatItBelongsTo() throws {
        let compartment = try self.fold([try self.fact(5, "pet hx711 gain 128")])
        #expect(compartment.calibration?.converter == "pet hx711 gain 128")
        #expect(compartment.calibratedZero == 5)
    }

    @Test func recordsOfOldBelongToAny() throws {
        let compartment = try self.fold([try self.fact(5, nil), try self.fact(6, "a")])
        #expect(compartment.calibration?.converter == "a")
        // The same span: only the zero moved.
        #expect(compartment.calibratedZero == 5)
    }

    @Test func theSameSpanOnAnotherConverterIsANewCalibration() throws {
        let compartment = try self.fold([try self.fact(5, "a"), try self.fact(600, "b")])
        #expect(compartment.calibratedZero == 600)
    }
}
