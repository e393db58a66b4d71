/// What is wrong with a reader whose last frames were all bad.
package enum WiegandFault: Hashable, Sendable {
    /// All pulses came on the other wire.
    case silentWire(WiegandWire)
    /// The frames would be right if D0 and D1 were swapped.
    case swapped
    /// Regular frames of a length that no configured format has.
    case unknownLength(Int)
    /// Frames of so many bits break the parity of the configured format.
    case parity(Int)
    case crosstalk
    /// Pulses without an end, or nearer to each other than bits.
    case noise
    case irregular
    case lostEvents
    /// Sometimes one thing, sometimes another.
    case unreadable

    package var code: String {
        switch self {
        case .silentWire(let wire): "no-\(wire.rawValue)"
        case .swapped: "swapped-wires"
        case .unknownLength: "unknown-length"
        case .parity: "parity"
        case .crosstalk: "crosstalk"
        case .noise: "noise"
        case .irregular: "irregular"
        case .lostEvents: "lost-events"
        case .unreadable: "bad-frames"
        }
    }

    /// What a technician should look at.
    package var hint: String {
        switch self {
        case .silentWire(let wire):
            "no pulses on \(wire.rawValue), all on \(wire.other.rawValue): check its wire, pull-up "
                + "and level shifter"
        case .swapped: "frames fit with the wires swapped: exchange d0 and d1"
        case .unknownLength(let bits):
            "the reader sends \(bits) bits, which is none of the configured formats: add it or set "
                + "up the reader"
        case .parity(let bits):
            "frames of \(bits) bits break the configured parity: the reader's format is another, "
                + "or bits are misread"
        case .crosstalk: "pulses on both wires at once: check ground, shield and pull-ups"
        case .noise: "more pulses than a frame has: check ground, shield and pull-ups"
        case .irregular: "bits are missing or added: check ground, pull-ups and level shifter"
        case .lostEvents: "the kernel dropped pulses: the machine is overloaded"
        case .unreadable: "frames are bad in several ways: check ground, shield and pull-ups"
        }
    }

    package func fact(of reader: Name) -> FaultFact {
        FaultFact(source: "reader \(reader)", code: self.code, detail: self.hint)
    }
}

/// Tells a broken reader from a bad frame now and then.
struct WiegandStreak: Hashable, Sendable {
    /// So many bad frames in a row are a fault. A card that is presented again and again by
    /// somebody who wonders gives as many; one passing disturbance doesn't.
    static let framesUntilFault = 5

    private(set) var fault: WiegandFault?
    private var length = 0
    private var symptom: WiegandFault?
    /// How many of the last frames had `symptom`.
    private var alike = 0

    /// A bad frame came that looks like `symptom`. Returns a fault that is new.
    mutating func grow(_ symptom: WiegandFault) -> WiegandFault? {
        self.length = min(self.length + 1, Self.framesUntilFault)
        self.alike =
            symptom == self.symptom ? min(self.alike + 1, Self.framesUntilFault) : 1
        self.symptom = symptom
        guard self.length == Self.framesUntilFault else { return nil }
        // Five alike name the fault; a mixture doesn't unname it.
        let named = self.alike == Self.framesUntilFault ? symptom : self.fault ?? .unreadable
        guard named != self.fault else { return nil }
        self.fault = named
        return named
    }

    /// A card was read. Returns the fault that is over.
    mutating func end() -> WiegandFault? {
        defer { self = WiegandStreak() }
        return self.fault
    }
}
