package import BinCore
package import Records
import Synchronization

/// Holds what the resident sees and tells every screen of each change.
///
/// A screen that is slow gets the newest state only: what it missed is not queued. All methods may
/// be called from any thread and return at once.
package final class DisplayBoard: Sendable {
    /// Every place is taken.
    package struct Full: Error, Hashable, Sendable {}

    /// How many screens may watch at once: a kiosk has one, a technician a few.
    package static let mostSubscribers = 32

    private struct State {
        var display: Display
        var notices: Notices?
        /// Which message is shown; always within `notices.messages` unless that is empty.
        var message = 0
        var places: [UInt64: AsyncStream<Display>.Continuation] = [:]
        var nextPlace: UInt64 = 0
    }

    private let state: Mutex<State>

    package init(
        _ view: BinView = BinView(phase: .fault("starting"), order: nil, compartments: [])
    ) {
        self.state = Mutex(State(display: Display(revision: 0, view: view, notice: nil)))
    }

    /// What is shown now.
    package var current: Display { self.state.withLock { $0.display } }

    /// How many screens watch now.
    package var subscribers: Int { self.state.withLock { $0.places.count } }

    /// Shows `view`. Each return to `.idle` brings up the next notice, so that every visitor meets
    /// another one. A view that is shown already causes nothing.
    package func publish(_ view: BinView) {
        self.state.withLock { state in
            guard view != state.display.view else { return }
            if view.phase == .idle, state.display.view.phase != .idle, let notices = state.notices {
                state.message = (state.message + 1) % max(1, notices.messages.count)
            }
            state.display.view = view
            Self.tell(&state)
        }
    }

    /// Takes the messages of a `notices` bulletin, from its first one on; `nil` clears them.
    package func post(_ notices: Notices?) {
        self.state.withLock { state in
            guard notices != state.notices else { return }
            state.notices = notices
            state.message = 0
            Self.tell(&state)
        }
    }

    /// Takes a place. The stream begins with what is shown now; the place is free again once the
    /// subscription is ended or dropped.
    ///
    /// - Throws: `Full` when `mostSubscribers` places are taken.
    package func subscribe() throws(Full) -> DisplaySubscription {
        let (displays, continuation) = AsyncStream.makeStream(
            of: Display.self, bufferingPolicy: .bufferingNewest(1))
        let place: UInt64? = self.state.withLock { state in
            guard state.places.count < Self.mostSubscribers else { return nil }
            let place = state.nextPlace
            state.nextPlace += 1
            state.places[place] = continuation
            continuation.yield(state.display)
            return place
        }
        guard let place else { throw Full() }
        continuation.onTermination = { [weak self] _ in self?.leave(place) }
        return DisplaySubscription(displays: displays, place: place, board: self)
    }

    /// Yields the current display again, whether it changed or not.
    fileprivate func remind(_ place: UInt64) {
        self.state.withLock { state in
            _ = state.places[place]?.yield(state.display)
        }
    }

    fileprivate func end(_ place: UInt64) {
        // Finishing calls `leave`, which takes the lock: it must not be held here.
        let continuation = self.state.withLock { $0.places[place] }
        continuation?.finish()
    }

    private func leave(_ place: UInt64) {
        self.state.withLock { state in _ = state.places.removeValue(forKey: place) }
    }

    /// Yields under the lock, so that no screen sees changes in another order.
    private static func tell(_ state: inout State) {
        state.display.revision += 1
        state.display.notice = state.notices.flatMap { notices in
            guard notices.messages.indices.contains(state.message) else { return nil }
            let message = notices.messages[state.message]
            return Display.Notice(stage: notices.stage, zh: message.zh, en: message.en)
        }
        for continuation in state.places.values { continuation.yield(state.display) }
    }
}

/// One screen's place at the board.
package struct DisplaySubscription: Sendable {
    /// The newest display, first the one at the time of subscribing; ends after `end()`.
    package let displays: AsyncStream<Display>
    fileprivate let place: UInt64
    fileprivate let board: DisplayBoard

    /// Yields the current display again; its revision tells that nothing changed.
    package func remind() { self.board.remind(self.place) }

    /// Ends the stream and frees the place; harmless when done twice.
    package func end() { self.board.end(self.place) }
}
