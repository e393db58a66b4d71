import BinCore

extension BinSettings {
    /// What the configuration has and this version can't drive: said in `status` and in the
    /// journal, not silently left out.
    var unsupportedParts: [FaultFact] {
        var sources: [(source: String, detail: String)] = []
        let gpio = "this version doesn't drive it"
        for compartment in self.compartments.values {
            if compartment.lock != nil { sources.append(("lock \(compartment.name)", gpio)) }
            if compartment.counter != nil { sources.append(("counter \(compartment.name)", gpio)) }
            if compartment.lid != nil { sources.append(("lid \(compartment.name)", gpio)) }
            if compartment.fill != nil { sources.append(("fill \(compartment.name)", gpio)) }
        }
        for name in self.doors.keys { sources.append(("door \(name)", gpio)) }
        for lamp in self.feedback.keys { sources.append(("feedback \(lamp.rawValue)", gpio)) }
        let tls = "this version speaks no TLS; use `steelyardctl batch export` and `batch ack`"
        if let uplink = self.uplink, uplink.tokenFile == nil { sources.append(("uplink", tls)) }
        if self.pull != nil { sources.append(("pull", tls)) }
        return sources.sorted { $0.source < $1.source }.map {
            FaultFact(source: $0.source, code: "unsupported", detail: $0.detail)
        }
    }
}
