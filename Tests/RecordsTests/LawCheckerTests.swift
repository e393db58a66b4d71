import BinCore
import Records
import Testing

/// Each law of CONTRACT §3 broken once in the golden journal, and long valid ones kept.
struct LawCheckerTests {
    private let records: [Record]

    init() throws { self.records = try Vectors().journal.map { try Record(bytes: $0) } }

    private func violation(of records: [Record]) -> LawViolation? {
        var checker = LawChecker()
        for record in records {
            do { try checker.check(record) } catch { return error }
        }
        return nil
    }

    /// Changes the deposit that is record `number`.
    private func deposit(_ number: Int, _ change: (inout DepositFact) -> Void) -> [Record] {
        var records = self.records
        guard case .deposit(var fact) = records[number - 1].fact else {
            Issue.record("record \(number) is no deposit")
            return records
        }
        change(&fact)
        records[number - 1].fact = .deposit(fact)
        return records
    }

    private func order(_ change: (inout OrderFact) -> Void) -> [Record] {
        var records = self.records
        guard case .order(var fact) = records[8].fact else {
            Issue.record("record 9 is no order")
            return records
        }
        change(&fact)
        records[8].fact = .order(fact)
        return records
    }

    private func expect(
        _ records: [Record], _ law: LawViolation.Law, at seq: RecordNumber,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let violation = self.violation(of: records)
        #expect(violation?.law == law, sourceLocation: location)
        #expect(violation?.seq == seq, sourceLocation: location)
    }

    @Test func theGoldenJournalKeepsTheLaws() {
        #expect(self.violation(of: self.records) == nil)
    }

    @Test func gapsRepeatsAndLateStartsBreakTheSequence() {
        var gap = self.records
        gap.remove(at: 9)
        self.expect(gap, .sequence, at: 11)
        var twice = self.records
        twice.insert(twice[9], at: 9)
        self.expect(twice, .sequence, at: 10)
        self.expect(Array(self.records.dropFirst()), .sequence, at: 2)
    }

    @Test func beforeMustBeTheLastAfter() {
        self.expect(
            self.deposit(6) {
                $0.before += Grams(5)
                $0.after += Grams(5)
            }, .everyGram, at: 6)
        self.expect(
            self.deposit(8) {
                $0.before -= Grams(5)
                $0.after -= Grams(5)
            }, .everyGram, at: 8)
        for (number, fact) in [
            (11, self.unattributed(before: 505)), (16, self.collection(before: 485)),
        ] {
            var records = self.records
            records[number - 1].fact = fact
            self.expect(records, .everyGram, at: RecordNumber(number))
        }
    }

    private func unattributed(before: Int64) -> Fact {
        guard case .unattributed(var fact) = self.records[10].fact else { return .misplaced }
        fact.before = Grams(before)
        return .unattributed(fact)
    }

    private func collection(before: Int64) -> Fact {
        guard case .collection(var fact) = self.records[15].fact else { return .misplaced }
        fact.before = Grams(before)
        return .collection(fact)
    }

    @Test func massesAreWholeDivisions() {
        self.expect(self.deposit(6) { $0.division = Grams(2) }, .everyGram, at: 6)
        self.expect(self.deposit(7) { $0.division = Grams(20) }, .everyGram, at: 7)
        self.expect(self.deposit(7) { $0.division = Grams(0) }, .everyGram, at: 7)
    }

    @Test func valueAndCarbonAreExact() {
        self.expect(self.deposit(6) { $0.value = MicroYuan(1_618_001) }, .everyCredit, at: 6)
        self.expect(self.deposit(6) { $0.value = MicroYuan(1_617_999) }, .everyCredit, at: 6)
        self.expect(self.deposit(6) { $0.pieces = 4 }, .everyCredit, at: 6)
        self.expect(self.deposit(6) { $0.co2e = MilligramsCO2e(622_741) }, .everyCredit, at: 6)
        self.expect(self.deposit(7) { $0.co2e = MilligramsCO2e(1) }, .everyCredit, at: 7)
        self.expect(self.deposit(6) { $0.rates.price = PricePerTonne(.max) }, .everyCredit, at: 6)
    }

    @Test func anOrderIsTheSumOfItsDeposits() {
        self.expect(self.order { $0.value = MicroYuan(1_980_001) }, .everyCredit, at: 9)
        self.expect(self.order { $0.mass = Grams(1_755) }, .everyCredit, at: 9)
        self.expect(self.order { $0.co2e = MilligramsCO2e(0) }, .everyCredit, at: 9)
        self.expect(self.order { $0.deposits = 2 }, .everyCredit, at: 9)
    }

    @Test func onlyTheCardThatOpenedAnOrderFillsAndSettlesIt() throws {
        let other = try #require(CardNumber("w26:00A1B3"))
        self.expect(self.deposit(7) { $0.card = other }, .sequence, at: 7)
        self.expect(self.order { $0.card = other }, .everyCredit, at: 9)
    }

    @Test func onlyOpenOrdersAreFilledAndSettled() throws {
        self.expect(self.deposit(6) { $0.order = 4 }, .sequence, at: 6)
        self.expect(self.deposit(18) { $0.order = 5 }, .sequence, at: 18)
        self.expect(self.order { $0.order = 4 }, .sequence, at: 9)
        var records = self.records
        guard case .opened(var fact) = records[4].fact else {
            Issue.record("record 5 opens no order")
            return
        }
        fact.order = 4
        records[4].fact = .opened(fact)
        self.expect(records, .sequence, at: 5)
    }

    /// What was put in may be taken out again, and no gram more.
    @Test(
        "the sum of an order in a compartment doesn't go below zero",
        arguments: [(0, true), (-5, false)] as [(Int64, Bool)])
    func sums(left: Int64, keeps: Bool) {
        let records = self.deposit(8) {
            $0.after = Grams(left)
            $0.value = $0.rates.value(of: $0.mass, pieces: $0.pieces) ?? .zero
            $0.co2e = $0.rates.co2e(of: $0.mass) ?? .zero
        }
        let violation = self.violation(of: Array(records[..<8]))
        #expect((violation == nil) == keeps)
        if !keeps { #expect(violation?.law == .everyGram) }
    }

    @Test(
        "no more pieces are taken out than were put in",
        arguments: [(-3, true), (-4, false), (.min, false)] as [(Int64, Bool)])
    func pieces(taken: Int64, keeps: Bool) {
        let records = self.deposit(8) {
            $0.pieces = taken
            $0.rates.each = .zero
            $0.value = $0.rates.value(of: $0.mass, pieces: taken) ?? .zero
        }
        let violation = self.violation(of: Array(records[..<8]))
        #expect((violation == nil) == keeps)
        if !keeps { #expect(violation?.law == .everyCredit) }
    }

    @Test func piecesOfOneCompartmentDontPayForAnothers() {
        let records = self.deposit(7) { $0.pieces = -1 }
        self.expect(Array(records[..<7]), .everyCredit, at: 7)
    }

    /// Source: CONTRACT §3, what the flags mean: rates as `price`, `each`, `factor`.
    @Test(
        "what earns nothing has rates of 0",
        arguments: [
            (.belowMinimum, [0, 40_000, 0], true), (.belowMinimum, [1, 0, 0], false),
            (.belowMinimum, [0, 0, 1], false), (.overLimit, [0, 0, 0], true),
            (.overLimit, [1, 0, 0], false), (.overLimit, [0, 1, 0], false),
            (.overLimit, [0, 0, 1], false), (.noPrice, [0, 0, 1164], true),
            (.noPrice, [1, 0, 0], false), (.noPrice, [0, 1, 0], false),
            (.noFactor, [2800, 40_000, 0], true), (.noFactor, [0, 0, 1], false),
            (.unstable, [1, 1, 1], true), (.recovered, [1, 1, 1], true),
        ] as [(DepositFlag, [Int64], Bool)])
    func flagsAndRates(flag: DepositFlag, rates: [Int64], keeps: Bool) {
        let records = self.deposit(6) {
            $0.flags = [flag]
            $0.rates.price = PricePerTonne(rates[0])
            $0.rates.each = PricePerPiece(rates[1])
            $0.rates.factor = CarbonFactor(rates[2])
            $0.value = $0.rates.value(of: $0.mass, pieces: $0.pieces) ?? .zero
            $0.co2e = $0.rates.co2e(of: $0.mass) ?? .zero
        }
        let violation = self.violation(of: Array(records[..<6]))
        #expect((violation == nil) == keeps)
        if !keeps { #expect(violation?.law == .everyCredit) }
    }

    @Test func goingOnAfterAPrunedPartNeedsItsLevelsAndOrders() throws {
        let pet = try #require(Name("pet"))
        var first = LawChecker()
        for record in self.records[..<6] { try first.check(record) }
        var rest = LawChecker(
            after: first.last, levels: first.levels, openOrders: first.openOrders,
            startsFromZero: true)
        for record in self.records[6...] { try rest.check(record) }
        #expect(rest.levels[pet] == Grams(10))

        var without = LawChecker(after: 9, levels: [:], openOrders: [:], startsFromZero: true)
        try without.check(self.records[9])
        #expect(throws: LawViolation.self) { try without.check(self.records[10]) }
        var pruned = LawChecker(after: 9, levels: [:], openOrders: [:], startsFromZero: false)
        for record in self.records[9...] { try pruned.check(record) }
        #expect(pruned.levels == [pet: Grams(10)])
    }

    @Test func afterTheLastNumberThereIsNone() throws {
        var checker = LawChecker(
            after: .max, levels: [:], openOrders: [:], startsFromZero: false)
        for seq in [Int64.min, 0, 1, .max] {
            var record = self.records[0]
            record.header.seq = seq
            #expect(throws: LawViolation.self) { try checker.check(record) }
        }
    }

    @Test func aSumBeyond64BitsIsAViolationAndNoCrash() throws {
        let card = try #require(CardNumber("w26:00A1B2"))
        guard case .deposit(var deposit) = self.records[5].fact else { return }
        deposit.value = MicroYuan(.max)
        var order = LawChecker.OpenOrder(card: card)
        let (first, second) = (order.add(deposit), order.add(deposit))
        #expect(first)
        #expect(!second)
        #expect(order.deposits == 1)
        deposit.value = .zero
        deposit.co2e = MilligramsCO2e(.min)
        let (third, fourth) = (order.add(deposit), order.add(deposit))
        #expect(third)
        #expect(!fourth)
    }

    @Test("long random journals that keep the laws are accepted", arguments: [1, 2, 3])
    func acceptsLongJournals(seed: UInt64) throws {
        var bin = try RandomBin(seed: seed)
        var checker = LawChecker()
        for _ in 0..<5_000 { try checker.check(bin.next()) }
        #expect(checker.last == 5_000)
        #expect(checker.openOrders.count <= 2)
    }

    @Test func violationsSayWhichRecordAndWhy() {
        let violation = self.violation(of: self.order { $0.deposits = 2 })
        #expect(
            violation?.description
                == "record 9 breaks the law `every-credit`: the order isn't the sum of its 3 deposits"
        )
    }
}

extension Fact {
    /// Stands in where a record isn't what the test expects; breaks no law.
    fileprivate static let misplaced = Fact.config(
        ConfigFact(sha256: "", by: "", action: .applied))
}
