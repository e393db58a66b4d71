import BinCore
import Records

/// A time in which the journal couldn't be used, for the record that tells of it afterwards.
struct StorageOutage {
    private let since: Moment
    private var problem: JournalError

    /// It begins now.
    init(_ problem: JournalError) {
        self.since = SystemClock(newest: nil, newestKnown: nil).moment()
        self.problem = problem
    }

    /// The same, for what came to light since.
    func because(_ problem: JournalError) -> Self {
        var outage = self
        outage.problem = problem
        return outage
    }

    var fault: FaultFact {
        FaultFact(
            source: self.problem.code == .replaced ? "storage" : "journal",
            code: self.problem.code.rawValue,
            detail: "nothing could be stored since \(self.since.at.rfc3339): "
                + self.problem.message)
    }
}
