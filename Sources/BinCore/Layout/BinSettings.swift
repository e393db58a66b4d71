/// A bin's configuration as plain values (CONTRACT §7), already checked.
package struct BinSettings: Hashable, Sendable {
    package var device: DeviceID
    package var community: Name
    package var storage: StorageSettings
    /// Base64 Ed25519 public keys whose bulletins and acknowledgements count.
    package var trust: [String]
    /// Every dictionary's key is the value's own name.
    package var buses: [Name: BusSettings]
    package var scales: [Name: ScaleSettings]
    package var compartments: [Name: CompartmentSettings]
    package var readers: [Name: ReaderSettings]
    /// Switches at doors, by the doors' names.
    package var doors: [Name: ContactSettings]
    package var feedback: [Lamp: LineSettings]
    package var session: SessionSettings
    package var uplink: UplinkSettings?
    package var pull: PullSettings?
    package var kiosk: KioskSettings?

    package init(
        device: DeviceID, community: Name, storage: StorageSettings, trust: [String] = [],
        buses: [Name: BusSettings] = [:], scales: [Name: ScaleSettings] = [:],
        compartments: [Name: CompartmentSettings] = [:], readers: [Name: ReaderSettings] = [:],
        doors: [Name: ContactSettings] = [:], feedback: [Lamp: LineSettings] = [:],
        session: SessionSettings = SessionSettings(), uplink: UplinkSettings? = nil,
        pull: PullSettings? = nil, kiosk: KioskSettings? = nil
    ) {
        self.device = device
        self.community = community
        self.storage = storage
        self.trust = trust
        self.buses = buses
        self.scales = scales
        self.compartments = compartments
        self.readers = readers
        self.doors = doors
        self.feedback = feedback
        self.session = session
        self.uplink = uplink
        self.pull = pull
        self.kiosk = kiosk
    }
}

/// Where the journal lives and how long acknowledged records are kept.
package struct StorageSettings: Hashable, Sendable {
    package var directory: String
    package var retainDays: Int

    package init(directory: String, retainDays: Int = 400) {
        self.directory = directory
        self.retainDays = retainDays
    }
}

/// A compartment: what is dropped into it and the scale that weighs it.
package struct CompartmentSettings: Hashable, Sendable {
    package var name: Name
    package var material: Name
    package var scale: Name
    package var lock: LockSettings?
    package var counter: CounterSettings?
    package var lid: ContactSettings?
    package var fill: FillSettings?

    package init(
        name: Name, material: Name, scale: Name, lock: LockSettings? = nil,
        counter: CounterSettings? = nil, lid: ContactSettings? = nil, fill: FillSettings? = nil
    ) {
        self.name = name
        self.material = material
        self.scale = scale
        self.lock = lock
        self.counter = counter
        self.lid = lid
        self.fill = fill
    }
}

package struct SessionSettings: Hashable, Sendable {
    /// An order without a tap or a change of weight for this long is settled.
    package var idleSeconds: Int

    package init(idleSeconds: Int = 30) { self.idleSeconds = idleSeconds }
}

/// The hub that batches are pushed to.
package struct UplinkSettings: Hashable, Sendable {
    package var url: String
    /// A file with the certificate authority of the hub, PEM.
    package var ca: String?
    /// A file with the bearer token, for a hub on loopback only.
    package var tokenFile: String?
    package var everySeconds: Int

    package init(
        url: String, ca: String? = nil, tokenFile: String? = nil, everySeconds: Int = 60
    ) {
        self.url = url
        self.ca = ca
        self.tokenFile = tokenFile
        self.everySeconds = everySeconds
    }
}

/// Where the hub may fetch batches over TLS, and the client names it may do so under.
package struct PullSettings: Hashable, Sendable {
    package var listen: ListenAddress
    package var allow: [String]

    package init(listen: ListenAddress, allow: [String]) {
        self.listen = listen
        self.allow = allow
    }
}

/// Where the resident's page is served, on loopback.
package struct KioskSettings: Hashable, Sendable {
    package enum Language: String, CaseIterable, Sendable { case zh, en }

    package var listen: ListenAddress
    package var languages: [Language]

    package init(listen: ListenAddress, languages: [Language] = [.zh, .en]) {
        self.listen = listen
        self.languages = languages
    }
}

/// `HOST:PORT`, with an IPv6 host in square brackets.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    /// 0 lets the system choose.
    package let port: Int

    /// Returns `nil` unless `text` has a host and a port of 0 to 65,535.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Self.number(text[text.index(after: colon)...], upTo: 65_535)
        else { return nil }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        let isWritable = host.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard !host.isEmpty, isWritable, !host.contains("["), !host.contains("]"),
            host.contains(":") == isBracketed
        else { return nil }
        self.host = String(host)
        self.port = port
    }

    /// Whether only this machine can reach it: `localhost`, `::1` or an address in 127.0.0.0/8, not
    /// a name that begins like one.
    package var isLoopback: Bool {
        if self.host == "localhost" || self.host == "::1" { return true }
        let parts = self.host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { Self.number($0, upTo: 255) != nil }
    }

    /// Decimal digits only: `Int` alone would also take a sign.
    private static func number(_ text: Substring, upTo most: Int) -> Int? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text),
            number <= most
        else { return nil }
        return number
    }

    package var description: String {
        self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }
}
