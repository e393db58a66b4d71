/// The devices that are described in the `profiles` folder, which is part of the program.
package enum ProfileLibrary {
    package enum Kind: String, CaseIterable {
        case transmitter, reader

        var file: String {
            switch self {
            case .transmitter: "transmitters.yaml"
            case .reader: "readers.yaml"
            }
        }

        var bytes: [UInt8] {
            switch self {
            case .transmitter: PackageResources.transmitters_yaml
            case .reader: PackageResources.readers_yaml
            }
        }
    }

    /// All devices of a kind, each a mapping whose faults go to `log`.
    static func all(_ kind: Kind, log: FaultLog) -> Table? {
        guard let root = Document.root(of: String(decoding: kind.bytes, as: UTF8.self), log: log)
        else { return nil }
        return Table(root, title: "", at: .start, log: log)
    }

    /// The name of every device of a kind, in the order of the file.
    package static func names(_ kind: Kind) -> [String] {
        Self.all(kind, log: FaultLog(file: kind.file))?.all.map(\.key) ?? []
    }
}

/// How a manual counts its registers; a profile holds wire addresses whatever that is.
enum ManualNumbers: String, CaseIterable {
    case wireDecimal = "wire-decimal"
    case wireHex = "wire-hex"
    case from1 = "from-1"
    case from30001 = "from-30001"
    case from40001 = "from-40001"
}
