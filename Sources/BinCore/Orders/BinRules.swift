/// What a bin's machine has to know of its configuration.
package struct BinRules: Hashable, Sendable {
    package struct Compartment: Hashable, Sendable {
        package var name: Name
        package var material: Name
        package var limits: ScaleLimits
        /// The scale's converter knows nothing of mass.
        package var needsCalibration: Bool
        /// What a calibration belongs to (`ScaleSettings.converter`).
        package var converter: String?
        /// What the scale shows wrong between its zero and its span.
        package var linearity: Linearity
        /// How it follows the temperature that its converter delivers, if it is to be corrected.
        package var temperature: TemperatureCoefficient?
        /// What a counted piece weighs at least.
        package var leastPiece: Grams

        package init(
            name: Name, material: Name, limits: ScaleLimits, needsCalibration: Bool = false,
            converter: String? = nil, linearity: Linearity = .straight,
            temperature: TemperatureCoefficient? = nil,
            leastPiece: Grams = CounterSettings.standardLeastPiece
        ) {
            precondition(leastPiece > .zero, "a piece weighs something")
            self.name = name
            self.material = material
            self.limits = limits
            self.needsCalibration = needsCalibration
            self.converter = converter
            self.linearity = linearity
            self.temperature = temperature
            self.leastPiece = leastPiece
        }
    }

    package var compartments: [Compartment]
    /// An order without a tap or a change of weight for this long is settled.
    package var idleMs: Int64
    /// How long a lid or a door may stand open.
    package var longestOpenMs: [Contact: Int64]

    package init(
        compartments: [Compartment], idleMs: Int64, longestOpenMs: [Contact: Int64] = [:]
    ) {
        self.compartments = compartments
        self.idleMs = idleMs
        self.longestOpenMs = longestOpenMs
    }

    /// For a contact that the rules don't name.
    static let standardLongestOpenMs = Int64(ContactSettings.standardLongestOpenSeconds) * 1000

    /// How long a settlement waits for scales to come to rest; after a tap, while no card waits and
    /// a gain moves that would earn nothing, again and again up to the idle time.
    package static let settleMs: Int64 = 5_000
    /// How long the settlement of an order found after a restart waits for the scales' first
    /// stable weights.
    package static let recoverMs: Int64 = 10_000
    /// An order is settled after this long, however much the scales move: a bin that shakes all
    /// day must not keep an order open all day.
    package static let longestMs: Int64 = 900_000
    /// A card that is read again within this time of its last reading isn't a new tap.
    package static let repeatMs: Int64 = 1_500
    /// After a step of a calibration, changes of weight are the technician's for this long.
    package static let serviceMs: Int64 = 600_000
    /// So many refusals are recorded at once, and one more in each of these times: 14,400 a day.
    package static let mostRefusals: Int64 = 60
    package static let refusalEveryMs: Int64 = 6_000
    /// So many orders may be opened without a deposit in any of them, and one more in each of these
    /// times: 8,640 a day. Then cards are refused as `busy`.
    package static let mostEmptyOrders: Int64 = 100
    package static let emptyOrderEveryMs: Int64 = 10_000
    package static let thanksMs: Int64 = 6_000
    package static let refusedMs: Int64 = 4_000
    /// Outside orders a compartment's changes are recorded no more often than this, so that a
    /// trembling bin doesn't fill its journal.
    package static let unattributedMs: Int64 = 10_000
}

extension BinRules {
    /// The rules of a configuration.
    package init(_ settings: BinSettings) {
        let compartments = settings.compartments.values
            .sorted { $0.name < $1.name }
            .compactMap { compartment -> Compartment? in
                guard let scale = settings.scales[compartment.scale] else { return nil }
                return Compartment(
                    name: compartment.name, material: compartment.material, limits: scale.limits,
                    needsCalibration: scale.driver.needsCalibration,
                    converter: scale.converter, linearity: scale.linearity,
                    temperature: scale.temperature,
                    leastPiece: compartment.counter?.leastPiece
                        ?? CounterSettings.standardLeastPiece)
            }
        var longestOpenMs: [Contact: Int64] = [:]
        for compartment in settings.compartments.values {
            guard let lid = compartment.lid else { continue }
            longestOpenMs[.lid(compartment: compartment.name)] =
                Int64(lid.longestOpenSeconds) * 1000
        }
        for (name, door) in settings.doors {
            longestOpenMs[.door(name)] = Int64(door.longestOpenSeconds) * 1000
        }
        self.init(
            compartments: compartments, idleMs: Int64(settings.session.idleSeconds) * 1000,
            longestOpenMs: longestOpenMs)
    }
}
