package import BinCore
package import Records

/// What became of a batch.
package enum IngestOutcome: Hashable, Sendable {
    /// The hub's word for what it holds of the device now; `new` records came with this batch.
    case acknowledged(Acknowledgement, new: Int)
    case refused(IngestRefusal)
}

/// What the store knows of the device that a request is about.
package struct DeviceCredentials: Hashable, Sendable {
    package var token: Digest256
    package var isRevoked: Bool

    package init(token: Digest256, isRevoked: Bool) {
        self.token = token
        self.isRevoked = isRevoked
    }
}

/// What a list of cards changed.
package struct CardImport: Hashable, Sendable {
    /// How many cards the registry has now.
    package var cards: Int
    /// How many of the list were new or different.
    package var changed: Int
    /// How many earlier orders found their account.
    package var claimed: Int
    /// The bulletin that tells the bins; `nil` if nothing changed.
    package var version: Int64?

    package init(cards: Int, changed: Int, claimed: Int, version: Int64?) {
        self.cards = cards
        self.changed = changed
        self.claimed = claimed
        self.version = version
    }
}

/// Figures for `/metrics`.
package struct HubFigures: Hashable, Sendable {
    package var devices: [HubDevice]
    package var batches: Int64
    package var orders: Int64
    package var unclaimedOrders: Int64

    package init(devices: [HubDevice], batches: Int64, orders: Int64, unclaimedOrders: Int64) {
        self.devices = devices
        self.batches = batches
        self.orders = orders
        self.unclaimedOrders = unclaimedOrders
    }
}

/// Where the hub keeps what it holds. Every writing call is one durable transaction: when it
/// returns, what it says is on the medium.
///
/// What it throws is a `HubFault`, unless the caller's task is cancelled.
package protocol HubStoring: Sendable {
    /// The key that acknowledgements and bulletins are signed with, made at first use.
    func signingKey() async throws -> SigningKey

    func add(
        _ device: DeviceID, community: Name, token: Digest256, at now: WallTime
    ) async throws
    func revoke(_ device: DeviceID, at now: WallTime) async throws
    /// Lifts a device's quarantine; what showed the fork is kept.
    ///
    /// - Returns: The record that was held against it, or `nil` if nothing was.
    func release(_ device: DeviceID) async throws -> RecordNumber?
    /// Lifts a device's quarantine, and follows the records that it has itself from the fork on.
    ///
    /// What the hub took stays, with its entries. What the device has under the same numbers is
    /// kept beside that, and makes no entries; what comes after is taken as from any device.
    ///
    /// - Returns: The first record that differs, or `nil` if the device wasn't in quarantine.
    func follow(_ device: DeviceID, at now: WallTime) async throws -> RecordNumber?
    /// All devices by id.
    func devices() async throws -> [HubDevice]
    func credentials(of device: DeviceID) async throws -> DeviceCredentials?
    /// Whether any device was given this token.
    func isToken(_ digest: Digest256) async throws -> Bool

    /// Takes what is new in a batch, in the order in which calls come.
    ///
    /// - Parameters:
    ///   - bytes: As they came, after decompression.
    ///   - device: Who sent it; `nil` for a batch that came on a stick, which stands for itself.
    func ingest(
        _ bytes: [UInt8], from device: DeviceID?, at now: WallTime
    ) async throws -> IngestOutcome

    /// Publishes the next version of a kind.
    func publish(
        _ draft: BulletinDraft, kind: BulletinKind, to audience: Audience, at now: WallTime
    ) async throws -> Bulletin
    /// Adds or changes the cards of a list, and publishes all cards if anything changed.
    func importCards(_ cards: [RegisteredCard], at now: WallTime) async throws -> CardImport
    /// The bulletins that a device needs besides `have`, their lines one after the other; empty if
    /// there are none. Without a device those for every audience.
    func bulletins(
        for device: DeviceID?, have: [BulletinKind: Int64]
    ) async throws -> [UInt8]

    /// Returns `nil` for an account that no list and no entry names.
    func standing(of account: AccountID) async throws -> AccountStanding?
    /// The entries after `cursor` in the order in which they came; of one account, or of all.
    func entries(
        of account: AccountID?, after cursor: Int64, limit: Int
    ) async throws -> [BookedEntry]
    /// Returns if the store answers.
    func check() async throws
    func figures() async throws -> HubFigures
    /// Recomputes everything from the raw records, as of one moment.
    func audit() async throws -> AuditReport
}
