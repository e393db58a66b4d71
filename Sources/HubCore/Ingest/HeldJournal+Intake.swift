import BinCore
package import Records

extension HeldJournal {
    /// How many orders may be open at once. A bin has a handful; this bounds what is kept of one.
    private static let mostOpenOrders = 10_000

    /// Decides what of `batch` is new.
    ///
    /// | the batch | what happens |
    /// | --- | --- |
    /// | begins right after what is held | all of it is new |
    /// | lies in what is held | nothing is new, and it is acknowledged again |
    /// | reaches beyond what is held | what lies beyond is new |
    /// | begins later | `gap` |
    /// | differs where it overlaps | `fork` at the first record that differs |
    /// | doesn't follow from the record held before it | `badChain` |
    ///
    /// The last one proves nothing against the device: it shows no second record of a number.
    ///
    /// - Parameter overlap: What is held from the batch's first record on.
    package func intake(
        of batch: Batch, overlap: HeldOverlap
    ) throws(IngestRefusal) -> Intake {
        guard batch.device == self.device else { throw .notThisDevice(batch: batch.device) }
        guard self.key == nil || self.key == batch.key else { throw .wrongKey }
        if let forkedAt = self.forkedAt { throw .fork(at: forkedAt) }
        guard batch.first <= self.last + 1, let before = overlap.before else {
            throw .gap(have: self.last)
        }
        for (index, pair) in zip(batch.records, overlap.records).enumerated()
        where pair.0 != pair.1 {
            throw .fork(at: batch.first + Int64(index))
        }
        guard batch.prev == before else { throw .badChain }
        return try self.append(batch.records.dropFirst(overlap.records.count), signedBy: batch.key)
    }

    private func append(
        _ records: ArraySlice<[UInt8]>, signedBy key: VerifyingKey
    ) throws(IngestRefusal) -> Intake {
        var journal = self
        journal.key = key
        var taken: [TakenRecord] = []
        taken.reserveCapacity(records.count)
        for bytes in records {
            let record = try journal.add(bytes)
            taken.append(TakenRecord(bytes: bytes, record: record, chain: journal.chain))
        }
        return Intake(records: taken, journal: journal)
    }

    /// Goes on with the next record.
    ///
    /// - Throws: If it can't be read, or breaks a law; then nothing has changed that counts.
    @discardableResult
    package mutating func add(_ bytes: [UInt8]) throws(IngestRefusal) -> Record {
        let record = try self.check(bytes)
        self.last += 1
        self.chain = HashChain.link(self.chain, bytes)
        return record
    }

    /// Reads the next record and checks it against the laws.
    private mutating func check(_ bytes: [UInt8]) throws(IngestRefusal) -> Record {
        let record: Record
        do { record = try Record(bytes: bytes) } catch {
            throw .malformed("record \(self.last + 1): \(error)")
        }
        do { try self.laws.check(record) } catch { throw .law(error) }
        guard self.laws.openOrders.count <= Self.mostOpenOrders else {
            throw .implausible(
                record.header.seq, "more than \(Self.mostOpenOrders) orders are open")
        }
        if case .order(let fact) = record.fact, !fact.isPlausible {
            throw .implausible(
                record.header.seq,
                "an order brings at most \(OrderFact.mostCredit) µCNY and as many mg CO2e")
        }
        return record
    }
}

extension OrderFact {
    /// 10 million CNY, or 10 t CO2e avoided, in one order: above what any bin can take, and low
    /// enough for the sum of an account's orders to stay within 64 bits.
    static let mostCredit: Int64 = 10_000_000_000_000

    var isPlausible: Bool {
        let allowed = -Self.mostCredit...Self.mostCredit
        return allowed.contains(self.value.value) && allowed.contains(self.co2e.value)
    }
}
