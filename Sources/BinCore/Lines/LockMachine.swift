/// Decides when the coil of a lock is driven.
///
/// The coil warms while it is driven and cools while it is not: driven for `longestMs` in all, it
/// must rest until it is cold, which takes `restMs`. A wish that comes and goes can therefore not
/// drive it for more than `longestMs` at a stretch, nor for more than its share of the time.
///
/// A coil that opens drops out when it must rest, and the lid is locked meanwhile; one that locks
/// leaves the lid open meanwhile.
package struct LockMachine: Hashable, Sendable {
    private let powered: LockSettings.Powered
    /// `nil` for a coil that may be driven for ever.
    private let longestMs: Int64?
    private let restMs: Int64

    private var isOpenWanted: Bool?
    package private(set) var isDriven = false
    /// Must stay off until it is cold.
    package private(set) var isResting = false
    /// Grows by `restMs` for each ms on, falls by `longestMs` for each ms off; 0 is cold, and
    /// `longestMs × restMs` as warm as it may get. Both are at most 600,000 and fit in 64 bits.
    private var warmth: Int64 = 0
    private var updated: BootInstant?

    package init(_ settings: LockSettings) {
        self.powered = settings.powered
        self.longestMs = settings.longestMs.map(Int64.init)
        self.restMs = Int64(settings.restMs)
    }

    /// The lid is to be open, or locked. Until this is first said the coil is off.
    package mutating func want(open isOpen: Bool, at now: BootInstant) {
        self.advance(to: now)
        self.isOpenWanted = isOpen
        self.decide()
    }

    /// Nothing is wanted: the coil is off from now on.
    package mutating func release(at now: BootInstant) {
        self.advance(to: now)
        self.isOpenWanted = nil
        self.decide()
    }

    /// Lets time go by; due at `nextChange`.
    package mutating func advance(to now: BootInstant) {
        let elapsed = self.updated.map { max(0, now.ms(since: $0)) } ?? 0
        self.updated = max(now, self.updated ?? now)
        guard let longestMs else { return }
        if self.isDriven {
            // More than the whole of it can't be needed, and must not run over.
            self.warmth += min(elapsed, longestMs) * self.restMs
            if self.warmth >= longestMs * self.restMs {
                self.warmth = longestMs * self.restMs
                self.isResting = true
            }
        } else {
            self.warmth = max(0, self.warmth - min(elapsed, self.restMs) * longestMs)
            if self.warmth == 0 { self.isResting = false }
        }
        self.decide()
    }

    /// When the coil changes by itself; `nil` while nothing is due.
    package var nextChange: BootInstant? {
        guard let updated, let longestMs else { return nil }
        if self.isDriven {
            let room = longestMs * self.restMs - self.warmth
            return updated.advanced(byMs: Self.quotient(room, self.restMs))
        }
        guard self.isResting else { return nil }
        return updated.advanced(byMs: Self.quotient(self.warmth, longestMs))
    }

    private mutating func decide() {
        let isWanted: Bool =
            switch (self.isOpenWanted, self.powered) {
            case (nil, _): false
            case (let isOpen?, .opens): isOpen
            case (let isOpen?, .locks): !isOpen
            }
        self.isDriven = isWanted && !self.isResting
    }

    /// Rounded up: a ms early, nothing would be due yet.
    private static func quotient(_ value: Int64, _ divisor: Int64) -> Int64 {
        (value + divisor - 1) / divisor
    }
}
