import BinCore

/// One reading of a configuration, section by section; the sections are in extensions.
struct SettingsDraft {
    let log: FaultLog
    let claims = Claims()
    /// The directory of the file, with a slash at its end; empty if the file's name has none.
    private let directory: String

    init(log: FaultLog, file: String) {
        self.log = log
        self.directory = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    }

    /// The settings, or `nil` with at least one fault in the log.
    func settings(of value: DocumentValue) -> BinSettings? {
        guard var root = Table(value, title: "", at: .start, log: self.log) else { return nil }
        root.allow([
            "device", "storage", "trust", "buses", "scales", "compartments", "readers", "doors",
            "feedback", "session", "uplink", "pull", "kiosk",
        ])
        let device = self.device(in: root)
        let storage = self.storage(in: root)
        let trust = self.trust(in: root)
        let buses = root.named("buses") { self.bus($0, &$1) }
        let scales = root.named("scales") { self.scale($0, &$1) }
        let compartments = root.named("compartments", isOptional: false) {
            self.compartment($0, &$1)
        }
        let readers = root.named("readers") { self.reader($0, &$1) }
        let doors = root.named("doors") { self.door(&$1) }
        let feedback = self.feedback(in: root)
        let session = self.session(in: root)
        let uplink = self.uplink(in: root)
        let pull = self.pull(in: root)
        let kiosk = self.kiosk(in: root)
        self.claims.check(in: root)
        for bus in buses.values {
            let round = BusRound(bus, scales: scales.values, readers: readers.values)
            if !round.isShortEnough { self.warn(of: round, on: bus, in: root) }
        }
        guard let (id, community) = device, let storage else { return nil }
        return BinSettings(
            device: id, community: community, storage: storage, trust: trust, buses: buses,
            scales: scales, compartments: compartments, readers: readers, doors: doors,
            feedback: feedback, session: session, uplink: uplink, pull: pull, kiosk: kiosk)
    }

    private func warn(of round: BusRound, on bus: BusSettings, in root: Table) {
        self.log.warn(
            "asking its \(round.devices) devices once takes bus `\(bus.name)` about "
                + "\(round.us / 1000) ms: too few readings a second to find a weight at rest; "
                + "raise `baud`, or put some of them on a second bus",
            at: root.place(of: ["buses", bus.name.text]))
    }

    /// The path under `key`; a relative one is taken relative to the configuration's directory.
    func path(_ key: String, in table: Table, isOptional: Bool = false) -> String? {
        guard let text = table.text(key, isOptional: isOptional) else { return nil }
        return text.hasPrefix("/") ? text : self.directory + text
    }

    /// The GPIO chip under `chip`: a name, a path or a label.
    func chip(in table: Table) -> String? { table.text("chip") }

    /// The offset of a line under `key`, taken from `chip` for `table`.
    func lineOffset(_ key: String, of chip: String?, in table: Table) -> Int? {
        // The largest controllers have 512 lines (ARCH_NR_GPIOS of kernels before 6.2).
        guard let line = table.integer(key, 0...511) else { return nil }
        if let chip {
            self.claims.takeLine(line, of: chip, for: table.title, at: table.place(of: key))
        }
        return line
    }

    /// The bus and the address of the Modbus device that `table` describes.
    func busAddress(in table: Table) -> (bus: Name, address: Int)? {
        let bus = table.name("bus")
        // 0 is the broadcast address, 248 to 255 are reserved (MODBUS over Serial Line V1.02, 2.2).
        let address = table.integer("address", 1...247)
        guard let bus else { return nil }
        self.claims.refer(to: bus, what: "bus", section: "buses", at: table.place(of: "bus"))
        guard let address else { return nil }
        self.claims.take(
            .address(bus: bus.text, address: address), for: table.title,
            at: table.place(of: "address"))
        return (bus, address)
    }
}
