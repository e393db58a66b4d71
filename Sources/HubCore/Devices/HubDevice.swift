package import BinCore
package import Records

/// A bin as the hub knows it.
package struct HubDevice: Hashable, Sendable {
    package enum State: String, Sendable {
        case active
        /// Its token counts no more.
        case revoked
        /// It showed two different records under one number; nothing more is taken from it.
        case quarantined
    }

    package var id: DeviceID
    package var community: Name
    package var added: WallTime
    package var revoked: WallTime?
    /// Pinned with the first batch.
    package var key: VerifyingKey?
    /// The number of the last record that the hub holds; 0: none.
    package var last: RecordNumber
    /// When the last batch with something new came.
    package var received: WallTime?
    /// The first number under which it showed two different records.
    package var forkedAt: RecordNumber?
    /// How many different batches were refused and kept, or refused when no more could be kept.
    package var refused: Int64

    package var state: State {
        if self.forkedAt != nil { return .quarantined }
        return self.revoked == nil ? .active : .revoked
    }

    package init(
        id: DeviceID, community: Name, added: WallTime, revoked: WallTime?, key: VerifyingKey?,
        last: RecordNumber, received: WallTime?, forkedAt: RecordNumber?, refused: Int64
    ) {
        self.id = id
        self.community = community
        self.added = added
        self.revoked = revoked
        self.key = key
        self.last = last
        self.received = received
        self.forkedAt = forkedAt
        self.refused = refused
    }
}

/// Who may speak for a device, decided from what its path and its token say.
package enum DeviceAccess: Hashable, Sendable {
    case granted
    /// No token, or one that the hub doesn't know.
    case unauthorized
    /// The token belongs to another device.
    case notThisDevice
    case revoked

    /// - Parameters:
    ///   - shown: The digest of the token that came with the request.
    ///   - expected: The digest that the path's device was given, if there is such a device.
    ///   - isRevoked: Whether the path's device is revoked.
    ///   - isKnown: Whether `shown` is any device's token.
    package static func decide(
        shown: Digest256?, expected: Digest256?, isRevoked: Bool, isKnown: Bool
    ) -> DeviceAccess {
        guard let shown else { return .unauthorized }
        if let expected, shown.equalsInConstantTime(expected) {
            return isRevoked ? .revoked : .granted
        }
        return isKnown ? .notThisDevice : .unauthorized
    }
}
