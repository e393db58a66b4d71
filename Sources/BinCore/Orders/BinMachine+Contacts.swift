/// Lids and doors: what stands open when it shouldn't is a fault.
///
/// | contact | open | code |
/// | --- | --- | --- |
/// | lid | for longer than `longest-open-seconds` outside a collection | `left-open` |
/// | door | outside a collection | `open`, at once |
/// | door | for longer than that after the collection it was opened in | `left-open` |
///
/// The fault is cleared when the contact closes or a collector's card is accepted. Weighing and
/// paying go on.
extension BinMachine {
    /// A contact that is open, or was heard of.
    struct ContactState: Hashable, Sendable {
        var isOpen: Bool
        var since: BootInstant
        /// The last moment of a collection at which it was open.
        var attended: BootInstant?
        var alarm: Alarm?
    }

    enum Alarm: String, Hashable, Sendable {
        case open
        case leftOpen = "left-open"
    }

    /// What stands open when it shouldn't, in the order of the sources.
    package var alarms: [FaultFact] {
        self.contacts.compactMap { contact, state in
            state.alarm.map { self.fault(contact, $0) }
        }
        .sorted { $0.source < $1.source }
    }

    mutating func take(_ contact: Contact, isOpen: Bool, at now: BootInstant) {
        guard self.contacts[contact]?.isOpen != isOpen else { return }
        self.contacts[contact] = ContactState(isOpen: isOpen, since: now)
    }

    /// Lets time and collections raise and end alarms.
    mutating func followContacts(at now: BootInstant) {
        for (contact, state) in self.contacts where state.isOpen {
            var state = state
            if self.isCollecting { state.attended = now }
            state.alarm = self.isCollecting ? nil : self.alarm(of: contact, state, at: now)
            self.contacts[contact] = state
        }
    }

    /// When the next alarm is due.
    var nextAlarm: BootInstant? {
        guard !self.isCollecting else { return nil }
        return self.contacts.compactMap { contact, state in
            state.isOpen && state.alarm == nil ? self.leftOpenAt(contact, state) : nil
        }
        .min()
    }

    var isCollecting: Bool {
        switch self.state {
        case .collecting, .leaving: true
        case .idle, .open, .settling: false
        }
    }

    private func alarm(
        of contact: Contact, _ state: ContactState, at now: BootInstant
    ) -> Alarm? {
        switch contact {
        case .door where state.attended == nil: return .open
        case .door, .lid: break
        }
        return now >= self.leftOpenAt(contact, state) ? .leftOpen : nil
    }

    private func leftOpenAt(_ contact: Contact, _ state: ContactState) -> BootInstant {
        (state.attended ?? state.since).advanced(byMs: self.longestOpenMs(contact))
    }

    private func longestOpenMs(_ contact: Contact) -> Int64 {
        self.rules.longestOpenMs[contact] ?? BinRules.standardLongestOpenMs
    }

    private func fault(_ contact: Contact, _ alarm: Alarm) -> FaultFact {
        let source =
            switch contact {
            case .lid(let compartment): "lid \(compartment)"
            case .door(let name): "door \(name)"
            }
        let detail =
            switch alarm {
            case .open: "opened while nobody collects; close it, or ask who opened it"
            case .leftOpen:
                "open for more than \(self.longestOpenMs(contact) / 1000) s; close it"
            }
        return FaultFact(source: source, code: alarm.rawValue, detail: detail)
    }
}
