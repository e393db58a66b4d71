extension BinMachine {
    /// What a resident may see now.
    package func view(at now: BootInstant) -> BinView {
        let compartments = self.names.compactMap { name in
            self.compartments[name].map { compartment in
                let weight = compartment.scale.weight(at: now)
                var view = compartment.view(of: weight)
                view.isUnlocked = self.isUnlocked(compartment, weight)
                view.isLidOpen = self.contacts[.lid(compartment: name)]?.isOpen
                return view
            }
        }
        return BinView(
            phase: self.phase(compartments, at: now), order: self.order,
            compartments: compartments, doors: self.doors, occasions: self.occasions)
    }

    private var doors: [BinView.Door] {
        self.contacts.compactMap { contact, state in
            switch contact {
            case .lid: nil
            case .door(let name): BinView.Door(name: name, isOpen: state.isOpen)
            }
        }
        .sorted { $0.name < $1.name }
    }

    /// Lids are open for residents while their order is, and for collectors while they collect. One
    /// over a full compartment, or over one that can't be weighed, is open for collectors only.
    private func isUnlocked(_ compartment: Compartment, _ weight: Weight) -> Bool {
        switch self.state {
        case .idle, .settling, .leaving: false
        case .open: !compartment.isFull && weight.canBeServed
        case .collecting: true
        }
    }

    private var order: BinView.Order? {
        switch self.state {
        case .idle, .collecting, .leaving: return nil
        case .open(let session), .settling(let session, _, _, _):
            if session.isRecovered { return nil }
            let order = session.order
            return BinView.Order(
                card: order.opened.card, deposits: order.deposits, mass: order.mass,
                value: order.value, co2e: order.co2e)
        }
    }

    private func phase(
        _ compartments: [BinView.Compartment], at now: BootInstant
    ) -> BinView.Phase {
        if let notice = self.notice, now < notice.until { return notice.phase }
        switch self.state {
        case .idle:
            return compartments.contains { $0.live != nil } ? .idle : .fault("scales")
        case .collecting, .leaving: return .collecting
        case .settling(let session, _, _, _):
            return session.isRecovered ? .fault("starting") : .weighing
        case .open(let session):
            if let deposit = session.shown { return .deposited(deposit) }
            let isAtRest = compartments.allSatisfy {
                $0.live == nil || $0.isStable && $0.live == .zero
            }
            return isAtRest && session.order.deposits == 0 ? .greeting : .weighing
        }
    }
}

extension BinMachine.Compartment {
    fileprivate func view(of weight: Weight) -> BinView.Compartment {
        let (live, isStable): (Milligrams?, Bool) =
            switch weight {
            case .stable(let mass): (mass, true)
            case .moving(let mass, _, _): (mass, false)
            case .overload, .underload, .none: (nil, false)
            }
        return BinView.Compartment(
            name: self.rules.name, material: self.rules.material,
            live: live.map { self.balance.net(of: $0) }, isStable: isStable,
            isFull: self.isFull)
    }
}
