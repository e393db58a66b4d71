import BinCore
import BinDisplay
import BinJournal
import BinRuntime
import BinSync
import Synchronization

/// Shows the bin's view, and the notices that the journal holds, on every screen.
struct Screen: ViewShowing {
    let board: DisplayBoard
    let journal: Journal

    func show(_ view: BinView) {
        self.board.post(self.journal.notices)
        self.board.publish(view)
    }
}

/// Tells the uplink of new records. The uplink is made after the bin, which it needs.
final class UplinkBell: RecordWatching {
    private let target = Mutex<Uplink?>(nil)

    var uplink: Uplink? {
        get { self.target.withLock { $0 } }
        set { self.target.withLock { $0 = newValue } }
    }

    func recorded(through seq: RecordNumber) { self.uplink?.wake() }
}
