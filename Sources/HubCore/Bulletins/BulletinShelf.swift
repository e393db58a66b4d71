package import BinCore
package import Records

/// What is on the shelf of a bulletin, before its lines are fetched.
package struct BulletinLabel: Hashable, Sendable {
    package var kind: BulletinKind
    package var version: Int64
    package var audience: Audience

    package init(kind: BulletinKind, version: Int64, audience: Audience) {
        self.kind = kind
        self.version = version
        self.audience = audience
    }
}

/// Which bulletins a bin needs.
package enum BulletinShelf {
    /// The most bulletins of one answer. A bin that gets as many asks again with what it then has.
    package static let mostAtOnce = 256

    /// - Parameters:
    ///   - labels: All that were published.
    ///   - have: The newest version of each kind that the bin has.
    ///   - reader: The bin and its community; `nil` selects for every audience.
    /// - Returns: Of tariffs and carbon sets all newer ones, since those of the past price
    ///   deposits whose time has come and those of the future wait for theirs; of the other
    ///   kinds, where the newest replaces all, only that one. By kind, older versions first.
    package static func select(
        from labels: [BulletinLabel], have: [BulletinKind: Int64],
        for reader: (device: DeviceID, community: Name)?
    ) -> [BulletinLabel] {
        let newer = labels.filter { label in
            guard label.version > have[label.kind, default: 0] else { return false }
            guard let reader else { return true }
            return label.audience.includes(reader.device, of: reader.community)
        }
        var selected: [BulletinLabel] = []
        for kind in BulletinKind.allCases {
            let ofKind = newer.filter { $0.kind == kind }.sorted { $0.version < $1.version }
            switch kind {
            case .tariff, .carbon: selected += ofKind
            case .cards, .policy, .notices:
                guard reader == nil else {
                    selected += ofKind.suffix(1)
                    continue
                }
                var newest: [Audience: BulletinLabel] = [:]
                for label in ofKind { newest[label.audience] = label }
                selected += newest.values.sorted { $0.version < $1.version }
            }
        }
        return Array(selected.prefix(Self.mostAtOnce))
    }
}
