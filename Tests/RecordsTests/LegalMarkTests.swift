import BinCore
import Records
import Testing

@Suite struct LegalMarkTests {
    private func name(_ text: String) throws -> Name { try #require(Name(text)) }

    /// Writes a fact as a journal would, and reads it back.
    private func stored(_ fact: Fact, seq: RecordNumber = 1) throws -> Record {
        let moment = Moment(up: BootInstant(milliseconds: 1), at: .epoch, clock: .unset)
        let record = Record(header: RecordHeader(seq: seq, boot: 1, moment: moment), fact: fact)
        let read = try Record(bytes: try record.encoded())
        #expect(read.fact == fact)
        return read
    }

    @Test func startsWithOtherParametersAndCalibrationsAreCounted() throws {
        var fold = JournalFold()
        var events: [Int64] = []
        for parameters in ["a", "a", "b", "a"] {
            let mark = LegalMark.starting(with: parameters, after: fold.memory.legal)
            events.append(mark.events)
            fold.add(
                try self.stored(
                    .boot(
                        BootFact(
                            version: "1", config: "c", reason: .restart, legal: mark))))
            let seal = CalibrationFact.Seal(version: "1", events: mark.events + 1)
            fold.add(
                try self.stored(
                    .calibration(
                        CalibrationFact(
                            compartment: try self.name("pet"), by: "li", zero: 1, span: 2,
                            reference: Grams(3), seal: seal))))
        }
        #expect(events == [0, 1, 3, 5])
        #expect(fold.memory.legal == LegalMark(parameters: "a", events: 6))
        let again = try #require(BinMemory(summary: fold.memory.summary))
        #expect(again.legal == fold.memory.legal)
        #expect(again.compartments == fold.memory.compartments)
    }

    @Test func recordsOfOldHaveNoCounter() throws {
        let boot = BootFact(version: "1", config: "c", reason: .power)
        var fold = JournalFold()
        fold.add(try self.stored(.boot(boot)))
        #expect(fold.memory.legal == nil)
        #expect(LegalMark.starting(with: "a", after: nil).events == 0)
    }

    @Test func whatWeighsIsLegallyRelevantAndTheRestIsNot() throws {
        let device = try #require(DeviceID("bin-1"))
        var settings = BinSettings(
            device: device, community: try self.name("a"),
            storage: StorageSettings(directory: "d"))
        let limits = ScaleLimits(capacity: Grams(6_000), division: Grams(2), minimum: Grams(40))
        let scale = try self.name("pet")
        settings.scales[scale] = ScaleSettings(
            name: scale, driver: .hx711(HX711Settings(chip: "c", clock: 1, data: 2)),
            limits: limits)
        let text = settings.legalText
        settings.session.idleSeconds = 99
        #expect(settings.legalText == text)
        settings.scales[scale]?.limits.division = Grams(5)
        #expect(settings.legalText != text)
    }
}
