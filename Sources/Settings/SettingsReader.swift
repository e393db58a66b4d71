package import BinCore
import Crypto

/// A configuration without a fault, with the bytes it was read from.
package struct CheckedSettings: Hashable, Sendable {
    package let settings: BinSettings
    package let bytes: [UInt8]
    /// SHA-256 of `bytes`, lower-case hexadecimal.
    package let sha256: String
    /// What is right but may not be meant, or not do what is hoped for, by position.
    package let warnings: [SettingsFault]
}

/// Reads the bin's configuration (CONTRACT §7).
package enum SettingsReader {
    /// The largest configuration, 256 KiB: a bin with a hundred compartments needs a tenth of it.
    package static let largestFileBytes = 262_144

    /// Reads the file at `path`.
    ///
    /// - Throws: All that is wrong with it at once; a file that can't be read is one fault.
    package static func read(path: String) throws(SettingsFaults) -> CheckedSettings {
        let bytes: [UInt8]
        do {
            bytes = try SettingsFile.bytes(path: path, most: Self.largestFileBytes)
        } catch {
            throw Self.single(error.message, file: path)
        }
        return try Self.read(yaml: bytes, named: path)
    }

    /// Reads a configuration that is at hand.
    ///
    /// - Parameters:
    ///   - bytes: The file's bytes, UTF-8.
    ///   - file: What faults call it. Relative paths in the configuration are taken relative to its
    ///     directory, and left alone if it has none.
    package static func read(
        yaml bytes: [UInt8], named file: String
    ) throws(SettingsFaults) -> CheckedSettings {
        guard bytes.count <= Self.largestFileBytes else {
            throw Self.single(SettingsFile.tooLarge(Self.largestFileBytes), file: file)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Self.single("is not UTF-8 text; save it as UTF-8", file: file)
        }
        let log = FaultLog(file: file)
        guard let root = Document.root(of: text, log: log),
            let settings = SettingsDraft(log: log, file: file).settings(of: root), log.isEmpty
        else { throw log.faults }
        let digest = SHA256.hash(data: bytes)
        return CheckedSettings(
            settings: settings, bytes: bytes, sha256: Self.hex(digest), warnings: log.warnings)
    }

    package static func read(
        yaml text: String, named file: String
    ) throws(SettingsFaults) -> CheckedSettings {
        try Self.read(yaml: Array(text.utf8), named: file)
    }

    private static func single(_ message: String, file: String) -> SettingsFaults {
        let log = FaultLog(file: file)
        log.add(message, at: .start)
        return log.faults
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
