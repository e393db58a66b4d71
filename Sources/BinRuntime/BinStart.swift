package import BinCore
package import Records

/// What the bin starts from.
package struct BinStart: Sendable {
    package var rules: BinRules
    /// Compartments by the scale that weighs them.
    package var compartments: [Name: Name]
    package var memory: BinMemory
    package var boot: BootFact
    /// The newest record of this start of the machine, if there is one.
    package var lastRecorded: RecordHeader?
    /// Why nothing could be recorded before this start, if it was so; recorded with the start, for
    /// it is over.
    package var outage: FaultFact?

    package init(
        settings: BinSettings, memory: BinMemory, boot: BootFact, lastRecorded: RecordHeader?
    ) {
        self.rules = BinRules(settings)
        self.compartments = [:]
        for compartment in settings.compartments.values {
            self.compartments[compartment.scale] = compartment.name
        }
        self.memory = memory
        self.boot = boot
        self.lastRecorded = lastRecorded
    }
}
