import BinCore

extension BinSettings {
    /// What the configuration has and this version can't drive: said in `status` and in the
    /// journal, not silently left out.
    var unsupportedParts: [FaultFact] {
        var sources: [(source: String, detail: String)] = []
        let tls = "this version speaks no TLS; use `steelyardctl batch export` and `batch ack`"
        if let uplink = self.uplink, uplink.tokenFile == nil { sources.append(("uplink", tls)) }
        if self.pull != nil { sources.append(("pull", tls)) }
        return sources.sorted { $0.source < $1.source }.map {
            FaultFact(source: $0.source, code: "unsupported", detail: $0.detail)
        }
    }
}
