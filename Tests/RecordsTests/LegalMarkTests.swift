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
        for (parameters, software) in [
            ("a", "1+x"), ("a", "1+x"), ("b", "1+x"), ("a", "1+x"), ("a", "1+y"), ("b", "1+x"),
        ] {
            let mark = LegalMark.starting(
                with: parameters, software: software, after: fold.memory.legal)
            events.append(mark.events)
            fold.add(
                try self.stored(
                    .boot(
                        BootFact(
                            version: software, config: "c", reason: .restart, legal: mark))))
            let seal = CalibrationFact.Seal(version: software, events: mark.events + 1)
            fold.add(
                try self.stored(
                    .calibration(
                        CalibrationFact(
                            compartment: try self.name("pet"), by: "li", zero: 1, span: 2,
                            reference: Grams(3), seal: seal))))
        }
        #expect(events == [0, 1, 3, 5, 7, 9])
        #expect(fold.memory.legal == LegalMark(parameters: "b", software: "1+x", events: 10))
        let again = try #require(BinMemory(summary: fold.memory.summary))
        #expect(again.legal == fold.memory.legal)
        #expect(again.compartments == fold.memory.compartments)
    }

    @Test func recordsOfOldHaveNoCounter() throws {
        let boot = BootFact(version: "1", config: "c", reason: .power)
        var fold = JournalFold()
        fold.add(try self.stored(.boot(boot)))
        #expect(fold.memory.legal == nil)
        #expect(LegalMark.starting(with: "a", software: "1+x", after: nil).events == 0)
    }

    @Test func aProgramThatCannotBeComparedIsNoEvent() {
        let old = LegalMark(parameters: "a", events: 3)
        let known = LegalMark.starting(with: "a", software: "1+x", after: old)
        #expect(known == LegalMark(parameters: "a", software: "1+x", events: 3))
        #expect(LegalMark.starting(with: "a", software: nil, after: known).events == 3)
        #expect(LegalMark.starting(with: "b", software: "1+y", after: known).events == 4)
    }

    @Test func aProgramIsNamedByItsVersionAndTheBeginningOfItsDigest() {
        let digest = Digest256(of: Array("a program".utf8)).hex
        // `printf 'a program' | sha256sum`
        #expect(
            Steelyard.identification(digest: digest) == "\(Steelyard.version)+d69ea8cda2433733")
        #expect(Steelyard.identification(digest: nil) == Steelyard.version)
        #expect(Steelyard.software(in: "0.1.0+0123456789abcdef") == "0.1.0+0123456789abcdef")
        #expect(Steelyard.software(in: "0.1.0") == nil)
    }

    @Test func aDigestInPiecesIsTheSame() {
        var pieces: [[UInt8]] = [[1, 2], [3], [4, 5, 6]]
        let digest = Digest256(ofPieces: { pieces.isEmpty ? nil : pieces.removeFirst() })
        #expect(digest == Digest256(of: [1, 2, 3, 4, 5, 6]))
    }
}
