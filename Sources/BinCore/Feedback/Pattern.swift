/// How one lamp goes on and off.
package struct Pattern: Hashable, Sendable {
    package struct Step: Hashable, Sendable {
        package var isOn: Bool
        package var ms: Int64
    }

    /// At least one, none of 0 ms.
    package let steps: [Step]
    /// How often the steps are gone through; `nil` is for ever.
    package let repeats: Int64?

    /// The length of the steps together.
    private let roundMs: Int64

    /// - Parameter ms: How long the lamp is on, off, on, off, …; each above 0.
    package init(_ ms: [Int64], repeats: Int64? = 1, startsOn: Bool = true) {
        precondition(!ms.isEmpty && ms.allSatisfy { $0 > 0 }, "a pattern has steps")
        self.steps = ms.enumerated().map {
            Step(isOn: ($0.offset % 2 == 0) == startsOn, ms: $0.element)
        }
        self.repeats = repeats
        self.roundMs = ms.reduce(0, +)
    }

    /// How long the pattern takes in all; `nil` if it never ends.
    package var lengthMs: Int64? { self.repeats.map { $0 * self.roundMs } }

    /// Whether the lamp is on `ms` after the beginning, and how much longer; `nil` for the rest of
    /// time. After its end a lamp is off.
    package func state(at ms: Int64) -> (isOn: Bool, remainingMs: Int64?) {
        if let length = self.lengthMs, ms >= length { return (false, nil) }
        if self.steps.count == 1, self.repeats == nil {
            return (self.steps[0].isOn, nil)
        }
        var rest = max(0, ms) % self.roundMs
        for step in self.steps {
            if rest < step.ms { return (step.isOn, step.ms - rest) }
            rest -= step.ms
        }
        preconditionFailure("the rest is less than the sum of all steps")
    }
}
