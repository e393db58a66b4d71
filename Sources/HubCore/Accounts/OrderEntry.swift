package import BinCore
package import Records

/// What one settled order brings to an account: the `order` record that it comes from.
package struct OrderEntry: Hashable, Sendable {
    package var device: DeviceID
    /// Of the `order` record.
    package var header: RecordHeader
    package var fact: OrderFact

    package init(device: DeviceID, header: RecordHeader, fact: OrderFact) {
        self.device = device
        self.header = header
        self.fact = fact
    }

    /// Returns `nil` if `record` settles no order.
    package init?(_ record: Record, of device: DeviceID) {
        guard case .order(let fact) = record.fact else { return nil }
        self.init(device: device, header: record.header, fact: fact)
    }

    /// Whether the order began under a number that the device used twice. What it was credited may
    /// stand in the book already, under the other order of that number: it makes no entry.
    package func began(in seams: [ClosedRange<RecordNumber>]) -> Bool {
        seams.contains { $0.contains(self.fact.order) }
    }
}

/// An entry in the book, with what the hub adds to the record.
package struct BookedEntry: Hashable, Sendable {
    /// Counts the entries in the order in which the hub took them.
    package var id: Int64
    package var community: Name
    /// `nil` as long as no list gives the card to an account.
    package var account: AccountID?
    /// When the batch came; it changes nothing in the record.
    package var received: WallTime
    /// When it was, as the bin's clock said once it was set; see `ClockStep`. `nil` if `at` can be
    /// trusted, or nothing better is known yet.
    package var corrected: WallTime?
    package var entry: OrderEntry

    package init(
        id: Int64, community: Name, account: AccountID?, received: WallTime, corrected: WallTime?,
        entry: OrderEntry
    ) {
        self.id = id
        self.community = community
        self.account = account
        self.received = received
        self.corrected = corrected
        self.entry = entry
    }
}

/// A deposit as it is kept for reports.
package struct DepositLine: Hashable, Sendable {
    package var device: DeviceID
    /// Of the `deposit` record.
    package var header: RecordHeader
    package var order: RecordNumber
    package var compartment: Name
    package var material: Name
    package var mass: Grams
    package var pieces: Int64
    package var value: MicroYuan
    package var co2e: MilligramsCO2e

    package init(
        device: DeviceID, header: RecordHeader, order: RecordNumber, compartment: Name,
        material: Name, mass: Grams, pieces: Int64, value: MicroYuan, co2e: MilligramsCO2e
    ) {
        self.device = device
        self.header = header
        self.order = order
        self.compartment = compartment
        self.material = material
        self.mass = mass
        self.pieces = pieces
        self.value = value
        self.co2e = co2e
    }

    /// Returns `nil` if `record` is no deposit.
    package init?(_ record: Record, of device: DeviceID) {
        guard case .deposit(let fact) = record.fact else { return nil }
        self.init(
            device: device, header: record.header, order: fact.order,
            compartment: fact.compartment, material: fact.material, mass: fact.mass,
            pieces: fact.pieces, value: fact.value, co2e: fact.co2e)
    }
}
