package import BinCore
package import Records

/// Why a test of power cuts failed: what was found, and how to find it again.
package struct Finding: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// The bin of these tests, its people, and the hub that signs for it.
package struct Scene: Sendable {
    package static let division: Int64 = 5

    package let device: DeviceID
    package let community: Name
    package let pet: Name
    package let film: Name
    package let reader: Name
    package let residents: [CardNumber]
    package let blocked: CardNumber
    package let stranger: CardNumber
    package let collector: CardNumber
    package let hub: SigningKey

    package init() throws {
        func name(_ text: String) throws -> Name {
            guard let name = Name(text) else { throw Finding("\(text) is no name") }
            return name
        }
        func card(_ text: String) throws -> CardNumber {
            guard let card = CardNumber(text) else { throw Finding("\(text) is no card") }
            return card
        }
        guard let device = DeviceID("baiyun-017"),
            let hub = SigningKey(seed: Array(1...32))
        else { throw Finding("the scene can't be set") }
        self.device = device
        self.hub = hub
        self.community = try name("baiyun")
        self.pet = try name("pet")
        self.film = try name("film")
        self.reader = try name("front")
        self.residents = try (0..<6).map { try card("uid:04A1B2C\($0)") }
        self.blocked = try card("uid:04DEAD00")
        self.stranger = try card("uid:04FACE00")
        self.collector = try card("uid:04C0FFEE")
    }

    package var compartments: [Name] { [self.film, self.pet] }

    /// The configuration: two compartments, each on a scale of its own name.
    package func settings(directory: String) throws -> BinSettings {
        var settings = BinSettings(
            device: self.device, community: self.community,
            storage: StorageSettings(directory: directory))
        guard let ratio = Ratio(1, 1), let bottle = Name("pet-bottle"), let foil = Name("pe-film")
        else { throw Finding("the scene can't be set") }
        let registers = ScaleRegisters(
            weight: ScaleRegisters.Weight(
                table: .holding, address: 0, coding: .int32, order: .big, scale: ratio),
            status: nil)
        let limits = ScaleLimits(
            capacity: Grams(30_000), division: Grams(Self.division), minimum: Grams(20))
        for (scale, material) in [(self.pet, bottle), (self.film, foil)] {
            let driver = ModbusScaleSettings(bus: scale, address: 1, registers: registers)
            settings.scales[scale] = ScaleSettings(
                name: scale, driver: .modbus(driver), limits: limits)
            settings.compartments[scale] = CompartmentSettings(
                name: scale, material: material, scale: scale)
        }
        settings.session.idleSeconds = 30
        return settings
    }

    package func bulletin(
        _ kind: BulletinKind, _ version: Int64, _ body: JSONValue
    ) throws -> Bulletin {
        try Bulletin(
            kind: kind, version: version, effective: .epoch, audience: .everyone, body: body,
            signedBy: self.hub)
    }

    /// Everybody whom the hub knows.
    package var cards: JSONValue {
        func entry(_ card: CardNumber, _ role: Role) -> JSONValue {
            ["card": .string(card.description), "role": .string(role.rawValue)]
        }
        let entries =
            self.residents.map { entry($0, .resident) }
            + [entry(self.blocked, .blocked), entry(self.collector, .collector)]
        return ["replace": .bool(true), "cards": .array(entries)]
    }
}

/// What is true, whatever any journal says.
package struct World: Sendable {
    /// Since the story began.
    package var nowMs: Int64 = 0
    /// What lies in each compartment, milligrams.
    package var loads: [Name: Int64] = [:]
    /// What each card's holder ever put in while it was their turn, milligrams.
    package var put: [CardNumber: Int64] = [:]
}
