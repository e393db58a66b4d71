import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// HTTP/1 over connections that may arrive while their door closes.
///
/// A connection that was accepted and that nobody serves any more is let go of by the server, and
/// swift-nio ends the process if that happens to one that wasn't closed. Here it is.
struct AcceptedConnections: ServerChildChannel {
    /// A connection that was accepted.
    final class Value: ServerChildChannelValue {
        private let connection: HTTP1Channel.Value
        private let isTaken = Mutex(false)

        fileprivate init(_ connection: HTTP1Channel.Value) { self.connection = connection }

        var channel: any Channel { self.connection.channel }

        /// Whoever takes it serves it, and closes it.
        fileprivate func take() -> HTTP1Channel.Value {
            self.isTaken.withLock { $0 = true }
            return self.connection
        }

        deinit {
            guard !self.isTaken.withLock({ $0 }) else { return }
            let connection = self.connection
            Task {
                // `try?`: it is being closed; whatever goes wrong, nobody waits for it.
                try? await connection.executeThenClose { _, _ in }
            }
        }
    }

    let http: HTTP1Channel

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        self.http.setup(channel: channel, logger: logger).map { Value($0) }
    }

    func handle(value: Value, logger: Logger) async {
        await self.http.handle(value: value.take(), logger: logger)
    }
}
