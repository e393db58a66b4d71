/// A line changed.
package struct LineEdge: Hashable, Sendable {
    /// Of the line in its request, from 0.
    package var index: Int
    /// It became active: the voltage rose, unless the line is active-low.
    package var isRising: Bool
    /// CLOCK_MONOTONIC of the interrupt.
    package var atNs: Int64

    package init(index: Int, isRising: Bool, atNs: Int64) {
        self.index = index
        self.isRising = isRising
        self.atNs = atNs
    }
}

/// What came together, in the order of time.
package struct EdgeBatch: Hashable, Sendable {
    package var edges: [LineEdge]
    /// Edges that the kernel dropped since the last batch. With libgpiod 1 always 0: there a queue
    /// of 16 for each line drops the newest and says nothing.
    package var lost: Int64

    package init(edges: [LineEdge] = [], lost: Int64 = 0) {
        self.edges = edges
        self.lost = lost
    }
}

/// How lines that are read are requested.
package struct InputSetup: Hashable, Sendable {
    package enum Edges: Sendable { case none, falling, rising, both }
    package enum Bias: Sendable { case asIs, pullUp, pullDown }

    package var edges: Edges
    package var bias: Bias
    package var isActiveLow: Bool
    /// 0: none. Not done by libgpiod 1, see `GPIOLines.isDebounced`.
    package var debounceUs: Int

    package init(
        edges: Edges = .none, bias: Bias = .asIs, isActiveLow: Bool = false, debounceUs: Int = 0
    ) {
        self.edges = edges
        self.bias = bias
        self.isActiveLow = isActiveLow
        self.debounceUs = debounceUs
    }
}
