/// What this software calls itself.
package enum Steelyard {
    package static let version = "0.1.0"

    /// How the running program is told apart from any other in records, `status` and `--version`:
    /// `0.1.0+1a2b3c4d5e6f7a8b`, the version and the beginning of the program's SHA-256.
    ///
    /// - Parameter digest: The SHA-256 of the program's file, lower-case hexadecimal; `nil` if it
    ///   can't be read, which leaves the bare version.
    package static func identification(digest: String?) -> String {
        digest.map { "\(Self.version)+\($0.prefix(16))" } ?? Self.version
    }

    /// `version`, if it identifies a program; `nil` for a bare version, as records of old have it.
    package static func software(in version: String) -> String? {
        version.contains("+") ? version : nil
    }
}
