package import BinCore

/// Who keeps the weights around a deposit for as long as there is room. Never in the way of a
/// record: it doesn't block, and may forget.
package protocol TraceKeeping: Sendable {
    func keep(_ trace: WeightTrace, of seq: RecordNumber)
}

/// Who can say what a scale delivered around a deposit.
package protocol TraceSharing: Sendable {
    /// `nil` if it wasn't kept, or isn't any more.
    func trace(of seq: RecordNumber) async throws(JournalError) -> WeightTrace?
}
