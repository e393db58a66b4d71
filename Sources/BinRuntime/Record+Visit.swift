import BinCore
import Records

extension Record {
    /// Whether somebody is done, though the next one may be at the bin already.
    var endsAVisit: Bool {
        switch self.fact {
        case .order, .collection: true
        default: false
        }
    }
}
