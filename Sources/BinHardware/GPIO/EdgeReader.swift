package import Logging
import ServiceLifecycle

/// Watches inputs and hands on their edges, with timeouts that whoever takes them asks for.
///
/// With libgpiod 1 edges of different lines that the kernel handled within some microseconds may
/// fall into two batches; within a batch they are sorted.
package struct EdgeReader: Service {
    package enum Input: Hashable, Sendable {
        /// The lines are held, for the first time or again: what came before is void.
        case opened
        case edges(EdgeBatch)
        /// The time that was asked for passed without an edge.
        case timeout
        /// The lines can't be had, or not any more. Told at each attempt.
        case failed(LineError)
    }

    /// Takes an input, on the reader's thread, and returns after how many nanoseconds without an
    /// edge it wants `timeout`; `nil`: never. It must not block.
    package typealias Taker = @Sendable (Input) -> Int64?

    private let thread: LineThread<EdgeHandler>

    /// - Parameter name: Of the thread; 15 bytes are seen.
    package init(
        name: String, chip: String, lines: [Int], setup: InputSetup, logger: Logger,
        _ take: @escaping Taker
    ) {
        self.thread = LineThread(
            name: name, plan: LinePlan(chip: chip, inputs: lines, setup: setup),
            handler: EdgeHandler(take: take), logger: logger)
    }

    /// Ends on graceful shutdown or cancellation.
    package func run() async throws { await self.thread.run() }
}

private struct EdgeHandler: LineHandling {
    let take: EdgeReader.Taker

    mutating func opened(_ lines: borrowing HeldLines) throws(LineError) -> LineWait {
        .edges(withinNs: self.take(.opened))
    }

    mutating func came(
        _ batch: EdgeBatch, _ lines: borrowing HeldLines
    ) throws(LineError) -> LineWait {
        .edges(withinNs: self.take(.edges(batch)))
    }

    mutating func timedOut(_ lines: borrowing HeldLines) throws(LineError) -> LineWait {
        .edges(withinNs: self.take(.timeout))
    }

    mutating func failed(_ error: LineError) { _ = self.take(.failed(error)) }
}
