import BinCore

/// How many replies of one device may still be on their way to the bus.
///
/// A reply names its unit, its function and its length, but not what was asked: one that comes when
/// nobody waits for it any more looks like the reply to the device's next request. So after each
/// request that went unanswered, what is new in what the device says is believed for a while only
/// if it says it once more than replies may be late: then one of them at least is new, and all are
/// the same. What it was believed to say within that while it may say again, once it has said so
/// twice in a row: a device that is always late says the same, too, but not at once.
///
/// | given up in the last second | reads that must agree on what is new |
/// | ---: | ---: |
/// | 0 | 1 |
/// | 1 | 2 |
/// | 3 and more | 4 |
struct LateReplies: Hashable, Sendable {
    /// How long after it was given up a reply may come and still not be taken for another. Devices
    /// answer in 1 to 10 ms, the slow ones in half a second (libmodbus issue 776).
    static let longestMs: Int64 = 1000
    /// More aren't counted: four replies that say the same are a second old at most, and on a line
    /// that spoils a fifth of them more than four would hardly ever come.
    static let most = 3

    private let longestMs: Int64
    private var givenUp: [BootInstant] = []
    /// Since the last one it said something as often as was demanded.
    private(set) var isInTime = true

    /// - Parameter timeoutMs: How long the device may take. One that may take long may be late by
    ///   as much.
    init(timeoutMs: Int = 0) { self.longestMs = max(Self.longestMs, Int64(timeoutMs)) }

    /// A request went without its reply.
    mutating func gaveUp(at now: BootInstant) {
        self.isInTime = false
        self.givenUp.append(now)
        if self.givenUp.count > Self.most { self.givenUp.removeFirst() }
    }

    /// It said something once more than replies could be late.
    mutating func agreed() { self.isInTime = true }

    func count(at now: BootInstant) -> Int {
        self.givenUp.count { now.ms(since: $0) <= self.longestMs }
    }

    /// Reads until it is sure what the device says. `nil` if what was read is not always the same.
    static func agreed<Value: Equatable>(
        _ late: Int, after said: Value?, isInTime: Bool = false,
        _ read: () throws(BusError) -> Value
    ) throws(BusError) -> Value? {
        let first = try read()
        for _ in 0..<Self.more(late, isSaid: first == said, isInTime: isInTime) {
            guard try read() == first else { return nil }
        }
        return first
    }
}

extension LateReplies {
    /// How often something has to be said again to be believed.
    ///
    /// - Parameters:
    ///   - isSaid: It was believed before.
    ///   - isInTime: The device has shown that it answers in time.
    static func more(_ late: Int, isSaid: Bool, isInTime: Bool) -> Int {
        isSaid ? (isInTime ? 0 : min(late, 1)) : late
    }
}

/// What a device was believed to say last.
struct LastWord<Value: Hashable & Sendable>: Hashable, Sendable {
    private var value: Value?
    private var at = BootInstant(milliseconds: 0)

    mutating func take(_ value: Value, at now: BootInstant) {
        self.value = value
        self.at = now
    }

    /// `nil` if that was longer ago than a reply may be late.
    func value(at now: BootInstant) -> Value? {
        now.ms(since: self.at) <= LateReplies.longestMs ? self.value : nil
    }
}
