/// How the lock of a compartment is.
package struct LockState: Hashable, Sendable {
    /// Somebody overrides the bin for a while.
    package struct Hold: Hashable, Sendable {
        package var isOpen: Bool
        package var until: BootInstant

        package init(isOpen: Bool, until: BootInstant) {
            self.isOpen = isOpen
            self.until = until
        }
    }

    package var compartment: Name
    /// What the lid is to be now.
    package var isOpenWanted: Bool
    package var isDriven: Bool
    /// The coil was driven for as long as it may be.
    package var isResting: Bool
    package var hold: Hold?

    package init(
        compartment: Name, isOpenWanted: Bool, isDriven: Bool, isResting: Bool, hold: Hold? = nil
    ) {
        self.compartment = compartment
        self.isOpenWanted = isOpenWanted
        self.isDriven = isDriven
        self.isResting = isResting
        self.hold = hold
    }
}

/// Why a lock is not opened or closed.
package enum LockRefusal: Error, Hashable, Sendable {
    /// The bin has no such compartment.
    case noCompartment(known: [Name])
    /// The compartment has no lock.
    case noLock
    /// Its line can't be driven now.
    case failed(FaultFact)
}

/// Whoever can hold the bin's lids open or locked for a while. From any thread; returns at once.
package protocol LockControlling: Sendable {
    /// By the compartments' names.
    var locks: [LockState] { get }

    /// Holds a lid open or locked, whatever the bin wants; afterwards the bin decides again. It
    /// replaces an earlier hold.
    func hold(
        _ compartment: Name, open isOpen: Bool, forMs ms: Int64
    ) throws(LockRefusal) -> LockState
}
