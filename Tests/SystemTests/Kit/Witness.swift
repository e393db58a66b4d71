import Foundation
import Records
import Synchronization

/// A screen at the bin: notes every display that the daemon showed until it was gone.
final class Witness: Sendable {
    private struct Notes {
        var displays: [JSONObject] = []
        var isOver = false
    }

    private let notes = Mutex(Notes())
    private let isDismissed = Atomic(false)

    /// Begins to watch; tries again until somebody answers at `place`.
    init(at place: Wire.Place) {
        Thread { self.watch(place) }.start()
    }

    /// What was shown so far.
    var displays: [JSONObject] { self.notes.withLock { $0.displays } }

    /// Whether the connection was made and has ended.
    var isOver: Bool { self.notes.withLock { $0.isOver } }

    /// Stops trying to connect; a connection that stands is read to its end.
    func dismiss() { self.isDismissed.store(true, ordering: .releasing) }

    private func watch(_ place: Wire.Place) {
        // `try?`: nobody answers yet, or the daemon died while it was asked.
        while (try? self.follow(place)) == nil {
            if self.isDismissed.load(ordering: .acquiring) { break }
            Thread.sleep(forTimeInterval: 0.01)
        }
        self.notes.withLock { $0.isOver = true }
    }

    private func follow(_ place: Wire.Place) throws {
        let connection = try Connection(place)
        try connection.send("GET", "/v1/display/events", body: "", isLast: false)
        var stream = ResponseStream()
        while let bytes = try connection.receive() {
            stream.append(bytes)
            while let end = stream.body.firstRange(of: Array("\n\n".utf8)) {
                let event = stream.body[..<end.lowerBound]
                self.note(String(decoding: event, as: UTF8.self))
                stream.body.removeSubrange(..<end.upperBound)
            }
        }
    }

    private func note(_ event: String) {
        for line in event.split(separator: "\n") where line.hasPrefix("data: ") {
            // `try?`: the daemon may have died within a line.
            guard let display = try? JSONParser.object(Array(line.dropFirst(6).utf8)) else {
                continue
            }
            self.notes.withLock { $0.displays.append(display) }
        }
    }
}
