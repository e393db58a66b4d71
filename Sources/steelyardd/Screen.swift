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

/// Tells the panel of outputs what is durable. The panel is made after the bin, which it needs.
final class OutputBell: Sendable {
    private let target = Mutex<OutputPanel?>(nil)

    var panel: OutputPanel? {
        get { self.target.withLock { $0 } }
        set { self.target.withLock { $0 = newValue } }
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
