import BinCore
import Testing

/// A bin whose lock on `pet` may be driven for 0.5 s and rests for 4.5 s.
enum OutputFixtures {
    static func name(_ text: String) throws -> Name { try #require(Name(text)) }

    static func settings(powered: LockSettings.Powered = .opens) throws -> BinSettings {
        let (pet, film) = try (self.name("pet"), self.name("film"))
        let device = try #require(DeviceID("bin-1"))
        var settings = BinSettings(
            device: device, community: pet, storage: StorageSettings(directory: "unused"))
        settings.compartments[pet] = CompartmentSettings(
            name: pet, material: pet, scale: pet,
            lock: LockSettings(
                line: LineSettings(chip: "c", line: 1), powered: powered,
                longestMs: powered == .opens ? 500 : nil, restMs: 4_500))
        settings.compartments[film] = CompartmentSettings(
            name: film, material: film, scale: film)
        settings.feedback = [
            .green: LineSettings(chip: "c", line: 2, active: .low),
            .buzzer: LineSettings(chip: "c", line: 3),
        ]
        return settings
    }

    static func view(
        _ phase: BinView.Phase, unlocked: Bool = false, occasions: Int64 = 0
    ) throws -> BinView {
        let pet = try self.name("pet")
        return BinView(
            phase: phase,
            compartments: [
                BinView.Compartment(
                    name: pet, material: pet, live: .zero, isStable: true, isUnlocked: unlocked)
            ], occasions: occasions)
    }
}
