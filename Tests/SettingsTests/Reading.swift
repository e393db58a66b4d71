import Settings

/// What reading `yaml` reports, as `LINE:COLUMN: message`; empty if it is right.
func faults(of yaml: String) -> [String] {
    faults(ofBytes: Array(yaml.utf8))
}

func faults(ofBytes bytes: [UInt8]) -> [String] {
    do {
        _ = try SettingsReader.read(yaml: bytes, named: "bin.yaml")
        return []
    } catch {
        return error.faults.map { "\($0.line):\($0.column): \($0.message)" }
    }
}

extension String {
    /// `self` with the first `old` replaced; unchanged if there is none.
    func with(_ old: String, _ new: String) -> String {
        guard let start = self.firstRange(of: old) else { return self }
        return String(self[..<start.lowerBound]) + new + self[start.upperBound...]
    }
}
