import BinCore
import BinDisplay
import BinHardware
import BinJournal
import BinRuntime
import BinSync
import Synchronization

/// Shows the bin's view on every screen, with the notices that the journal holds, and on lights,
/// buzzer and locks.
struct Screen: ViewShowing {
    let board: DisplayBoard
    let journal: Journal
    let outputs: OutputBell

    func show(_ view: BinView) {
        self.board.post(self.journal.notices)
        self.board.publish(view)
        self.outputs.panel?.show(view)
    }
}

/// Somebody who is made after whoever tells them something, and whom they need: held weakly, so
/// that neither keeps the other when the bin is let go of.
struct Later<Target: AnyObject & Sendable> {
    weak var target: Target?
}

/// Tells the panel of outputs what is durable.
final class OutputBell: Sendable {
    private let later = Mutex(Later<OutputPanel>())

    var panel: OutputPanel? {
        get { self.later.withLock { $0.target } }
        set { self.later.withLock { $0.target = newValue } }
    }
}

/// Tells the uplink of new records: once an order is whole, so that it is one batch, and the medium
/// is written to once for its acknowledgement.
final class UplinkBell: RecordWatching {
    private let later = Mutex(Later<Uplink>())

    var uplink: Uplink? {
        get { self.later.withLock { $0.target } }
        set { self.later.withLock { $0.target = newValue } }
    }

    func recorded(through seq: RecordNumber, isSettled: Bool) {
        if isSettled { self.uplink?.wake() }
    }
}
