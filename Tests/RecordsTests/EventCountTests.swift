import BinCore
import Records
import Testing

@Suite struct EventCountTests {
    private func boot(
        _ parameters: String?, _ events: Int64 = 0, version: String = "1+x"
    ) -> Fact {
        let legal = parameters.map {
            LegalMark(
                parameters: $0, software: Steelyard.software(in: version), events: events)
        }
        return .boot(BootFact(version: version, config: "c", reason: .power, legal: legal))
    }

    private func calibration(_ events: Int64?) throws -> Fact {
        .calibration(
            CalibrationFact(
                compartment: try #require(Name("pet")), by: "li", zero: 1, span: 2,
                reference: Grams(3),
                seal: events.map { CalibrationFact.Seal(version: "1+x", events: $0) }))
    }

    /// Which record is wrong, and why; `nil` if none is.
    private func violation(_ facts: [Fact], startsFromZero: Bool = true) throws -> LawViolation? {
        var count = EventCount(startsFromZero: startsFromZero)
        for (index, fact) in facts.enumerated() {
            let moment = Moment(up: BootInstant(milliseconds: 1), at: .epoch, clock: .unset)
            let header = RecordHeader(seq: RecordNumber(index + 1), boot: 1, moment: moment)
            let record = try Record(bytes: try Record(header: header, fact: fact).encoded())
            do throws(LawViolation) { try count.check(record) } catch { return error }
        }
        return nil
    }

    @Test func startsAndCalibrationsAreCounted() throws {
        let facts = [
            self.boot("a", 0), try self.calibration(1), self.boot("a", 1), self.boot("b", 2),
            try self.calibration(3), try self.calibration(4), self.boot("b", 5, version: "1+y"),
        ]
        #expect(try self.violation(facts) == nil)
    }

    @Test func theFirstRecordThatMiscountsIsNamed() throws {
        let skipped = [self.boot("a", 0), try self.calibration(2), try self.calibration(3)]
        let violation = try #require(try self.violation(skipped))
        #expect(violation.seq == 2)
        #expect(violation.law == .eventCounter)
        #expect(violation.problem == "`events` is 2, and the records before it come to 1")
        let hidden = [self.boot("a", 0), self.boot("b", 0)]
        #expect(try self.violation(hidden)?.seq == 2)
        let invented = [self.boot("a", 0), self.boot("a", 1)]
        #expect(try self.violation(invented)?.seq == 2)
        let late = [self.boot("a", 1)]
        #expect(try self.violation(late)?.seq == 1)
        let updated = [self.boot("a", 0), self.boot("a", 0, version: "1+y")]
        #expect(try self.violation(updated)?.seq == 2)
    }

    @Test func recordsOfOldArePassedOver() throws {
        let facts = [
            self.boot(nil), try self.calibration(nil), self.boot("a", 0, version: "1"),
            try self.calibration(nil), try self.calibration(1), self.boot("a", 1),
        ]
        #expect(try self.violation(facts) == nil)
    }

    @Test func afterACutTheFirstOneIsTaken() throws {
        let facts = [try self.calibration(40), self.boot("a", 41), try self.calibration(42)]
        #expect(try self.violation(facts, startsFromZero: false) == nil)
        let wrong = facts + [try self.calibration(42)]
        #expect(try self.violation(wrong, startsFromZero: false)?.seq == 4)
    }
}
