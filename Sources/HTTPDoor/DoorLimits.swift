import HummingbirdCore
import NIOCore

/// What a door grants its clients, so that those who open connections and say nothing leave file
/// descriptors for the journal and the buses.
package struct DoorLimits: Hashable, Sendable {
    /// How long a connection may stay without a whole request, milliseconds, above 0. An answer
    /// that is still being written, such as a stream of events, isn't cut, however long it lasts.
    package var idleMs: Int64
    /// How many connections are held at once, above 0. Further ones wait in the system's queue.
    package var mostConnections: Int

    package init(idleMs: Int64, mostConnections: Int) {
        self.idleMs = idleMs
        self.mostConnections = mostConnections
    }

    /// 30 s; and 128 for each door, so that two doors take a quarter of the 1024 descriptors that a
    /// process usually has.
    package static let standard = DoorLimits(idleMs: 30_000, mostConnections: 128)

    var channel: HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(idleTimeout: .milliseconds(self.idleMs))
    }
}
