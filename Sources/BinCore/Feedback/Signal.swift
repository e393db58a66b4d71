/// What the bin says with its lights and its buzzer.
package enum Signal: CaseIterable, Hashable, Sendable {
    /// Tap a card.
    case ready
    /// The same, and a technician is to come.
    case readyForService
    /// A card opened an order, or something was recorded that earned nothing.
    case accepted
    /// A deposit was recorded that earned something, or an order with such deposits was settled.
    case credited
    /// A card was not accepted.
    case refused
    /// Every compartment is full.
    case full
    /// A collector is at work.
    case collecting
    /// The bin can't take anything now.
    case fault
}

extension Signal {
    /// What goes on for as long as the bin stays in this state. The buzzer is never in here: a bin
    /// stands under somebody's window.
    ///
    /// | signal | green | red |
    /// | --- | --- | --- |
    /// | ready | on | off |
    /// | ready for service | on | 0.1 s on, 4.9 s off |
    /// | accepted, credited | 0.5 s on, 0.5 s off | off |
    /// | refused | off | on |
    /// | full | off | 1 s on, 1 s off |
    /// | collecting | off | 0.2 s on, 1.8 s off |
    /// | fault | off | on |
    package var lasting: [Lamp: Pattern] {
        switch self {
        case .ready: [.green: Pattern([1000], repeats: nil)]
        case .readyForService:
            [.green: Pattern([1000], repeats: nil), .red: Pattern([100, 4900], repeats: nil)]
        case .accepted, .credited: [.green: Pattern([500, 500], repeats: nil)]
        case .refused, .fault: [.red: Pattern([1000], repeats: nil)]
        case .full: [.red: Pattern([1000, 1000], repeats: nil)]
        case .collecting: [.red: Pattern([200, 1800], repeats: nil)]
        }
    }

    /// What is given once when something happens, over what lasts; a lamp that isn't named goes on
    /// as it was.
    ///
    /// | signal | green | red | buzzer |
    /// | --- | --- | --- | --- |
    /// | accepted, collecting | as it was | as it was | one beep of 0.1 s |
    /// | credited | four flashes of 0.1 s | off | two beeps of 0.1 s |
    /// | refused | off | on | 0.7 s |
    package var once: [Lamp: Pattern] {
        switch self {
        case .accepted, .collecting: [.buzzer: Pattern([100])]
        case .credited:
            [
                .green: Pattern([100, 100], repeats: 4),
                .red: Pattern([800], startsOn: false),
                .buzzer: Pattern([100, 100], repeats: 2),
            ]
        case .refused:
            [
                .green: Pattern([1500], startsOn: false), .red: Pattern([1500]),
                .buzzer: Pattern([700]),
            ]
        case .ready, .readyForService, .full, .fault: [:]
        }
    }
}

extension Signal {
    /// What a view says.
    package init(_ view: BinView) {
        switch view.phase {
        case .idle:
            let isFull = !view.compartments.isEmpty && view.compartments.allSatisfy(\.isFull)
            self = isFull ? .full : view.needsService ? .readyForService : .ready
        case .greeting, .weighing: self = .accepted
        case .deposited(let deposit): self = deposit.value > .zero ? .credited : .accepted
        case .thanks(let order): self = order.value > .zero ? .credited : .accepted
        case .refused: self = .refused
        case .collecting: self = .collecting
        case .fault: self = .fault
        }
    }
}
