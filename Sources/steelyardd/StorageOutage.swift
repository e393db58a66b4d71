import BinCore
import Records

/// A time in which the journal couldn't be used, for the record that tells of it afterwards.
struct StorageOutage {
    private let since: Moment
    private let problem: JournalError

    /// It begins now.
    init(_ problem: JournalError) {
        self.since = SystemClock(newest: nil, newestKnown: nil).moment()
        self.problem = problem
    }

    var fault: FaultFact {
        FaultFact(
            source: self.problem.code == .replaced ? "storage" : "journal",
            code: self.problem.code.rawValue,
            detail: "nothing could be stored since \(self.since.at.rfc3339): "
                + self.problem.message)
    }
}
