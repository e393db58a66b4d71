import BinCore

/// Whether a device's neighbouring registers are read at once, or each by itself.
///
/// A device that refuses to be read at once is read apart. As noise may have made the refusal, it
/// is asked at once again after a while: nothing that came over the line is believed for ever.
struct Joining: Hashable, Sendable {
    /// How often a device must refuse in a row before it is read apart without being asked first.
    static let refusalsUntilApart = 2
    /// For how long it is then read apart.
    static let apartMs: Int64 = 600_000
    /// After so many silences in a row every other request is made apart: there are devices that
    /// refuse by silence.
    static let silencesUntilApart = 3

    private var refusals = 0
    private var silences = 0
    private var apartUntil: BootInstant?

    /// Reads by `joined` or by `apart`. A refusal of the one is followed by the other at once: if
    /// the device answers that, it was the joining that it refused, and no reading is lost.
    mutating func read<Value>(
        at now: BootInstant, joined: () throws(BusError) -> Value,
        apart: () throws(BusError) -> Value
    ) throws(BusError) -> Value {
        if let until = self.apartUntil {
            if now < until { return try apart() }
            self.apartUntil = nil
        }
        let isProbe = self.silences >= Self.silencesUntilApart && self.silences % 2 == 1
        if isProbe {
            self.silences += 1
        } else if let value = try self.attempt(joined) {
            return value
        }
        let value = try apart()
        if isProbe || self.refusals >= Self.refusalsUntilApart {
            self = Joining()
            self.apartUntil = now.advanced(byMs: Self.apartMs)
        }
        return value
    }

    /// `nil` if the device refuses.
    private mutating func attempt<Value>(
        _ joined: () throws(BusError) -> Value
    ) throws(BusError) -> Value? {
        do throws(BusError) {
            let value = try joined()
            self.refusals = 0
            self.silences = 0
            return value
        } catch {
            if error.cause == .noReply {
                // Bounded: a device may be silent for years.
                self.silences = self.silences % (4 * Self.silencesUntilApart) + 1
            }
            guard error.isRefusal else { throw error }
            self.refusals = min(self.refusals + 1, Self.refusalsUntilApart)
            return nil
        }
    }
}
