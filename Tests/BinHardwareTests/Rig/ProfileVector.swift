import BinCore
import Foundation
import Settings
import Testing

/// One file of `Vectors`: a profile, and whole frames with what they mean.
struct ProfileVector: Decodable, Sendable, CustomTestStringConvertible {
    struct Exchange: Decodable, Sendable {
        var request: String
        var reply: String
    }

    /// Whether the poll itself is to be tried as well, or nothing else.
    enum Poll: Sendable { case no, also, only }

    struct Frame: Decodable, Sendable, CustomTestStringConvertible {
        var what: String
        /// Where the frames are from.
        var by: String
        var exchanges: [Exchange]
        var mass: Int64?
        var stable: Bool?
        var condition: String?
        var error: String?
        var card: String?
        var poll: Poll?

        var testDescription: String { "\(self.what) (\(self.by))" }
    }

    var source: String
    var obtained: String
    var license: String
    var profile: String
    /// What the configuration adds.
    var settings: [String: String]?
    var frames: [Frame]
    /// The frame of each command, by its effect.
    var commands: [String: String]?
    /// The device's reply to a command, where one is known.
    var replies: [String: String]?

    var testDescription: String { self.profile }

    static let all: [ProfileVector] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Vectors")
        // A vector that can't be read is missed by the test that wants one for each profile.
        let files =
            (try? FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: nil)) ?? []
        return files.sorted { $0.path < $1.path }.compactMap { file in
            // As above.
            try? JSONDecoder().decode(ProfileVector.self, from: Data(contentsOf: file))
        }
    }()

    static let transmitters = all.filter { $0.settings != nil }
    static let readers = all.filter { $0.settings == nil }

    /// A bin with the device as its scale `s` or its reader `r`, at address 1 of bus `a`.
    func bin() throws -> BinSettings {
        guard let settings = self.settings else {
            let reader = "{ driver: modbus, bus: a, address: 1, profile: \(self.profile) }"
            return try Self.settings(
                "scales: { s: { driver: iio, device: d, capacity: 30000, division: 10 } }\n"
                    + "readers: { r: \(reader) }")
        }
        let extra = settings.map { "\($0.key): \($0.value), " }.joined()
        let scale = "{ driver: modbus, bus: a, address: 1, profile: \(self.profile), \(extra)"
        return try Self.settings("scales: { s: \(scale)capacity: 30000, division: 10 } }")
    }

    func transmitter() throws -> ModbusScaleSettings {
        guard case .modbus(let modbus) = try self.bin().scales.values.first?.driver else {
            throw CocoaError(.featureUnsupported)
        }
        return modbus
    }

    func reader() throws -> ModbusReaderSettings {
        guard case .modbus(let modbus) = try self.bin().readers.values.first?.driver else {
            throw CocoaError(.featureUnsupported)
        }
        return modbus
    }

    private static func settings(_ yaml: String) throws -> BinSettings {
        let rest = """

            device: { id: bin-1, community: c }
            storage: { directory: /d }
            buses: { a: { port: /p } }
            compartments: { s: { material: m, scale: s } }

            """
        return try SettingsReader.read(yaml: yaml + rest, named: "bin.yaml").settings
    }
}

extension ProfileVector.Poll: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // `true`, `false` or the text "only".
        if let flag = try? container.decode(Bool.self) {
            self = flag ? .also : .no
        } else {
            self = .only
        }
    }
}
