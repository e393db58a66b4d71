import BinCore
import Records

extension DiskBin {
    /// How long a start may take until everything is explained: the wait for stable weights, and
    /// two readings.
    private static let mostMs: Int64 = 14_000
    private static let stepMs: Int64 = 500

    /// Lets the bin run until it has settled what it found.
    ///
    /// - Throws: `Finding` if it doesn't, or a record says what isn't true.
    func comeToRest() async throws {
        var waited: Int64 = 0
        // The first weight can be stable after a second; then nothing may come any more.
        while waited < 2_500 || !self.isExplained {
            guard waited < Self.mostMs else {
                throw Finding("after \(waited) ms: \(self.unexplained)")
            }
            try await self.wait(Self.stepMs)
            waited += Self.stepMs
        }
        guard self.history.laws.openOrders.isEmpty else {
            throw Finding("orders \(self.history.laws.openOrders.keys.sorted()) are not settled")
        }
        try self.history.checkCredits(against: self.world)
    }

    private var isExplained: Bool { self.unexplained.isEmpty }

    /// What the journal doesn't explain yet.
    private var unexplained: String {
        guard let memory = self.memory else { return "the bin isn't running" }
        if memory.openOrder != nil { return "an order is open" }
        for name in self.site.scene.compartments {
            let level = (memory.compartments[name]?.level ?? .zero).value * 1000
            let load = self.world.loads[name] ?? 0
            if abs(level - load) >= Scene.division * 1000 {
                return "\(name) is recorded with \(level) mg and holds \(load) mg"
            }
        }
        return ""
    }

    /// A resident comes to the bin after all this.
    func serveSomebody() async throws {
        let scene = self.site.scene
        let card = scene.residents[0]
        try await self.wait(11_000)
        try await self.tap(card)
        self.put(500_000, into: scene.pet, by: card)
        try await self.wait(2_500)
        try await self.tap(card)
        try await self.wait(2_500)
        // What lay below a division before may come on top.
        guard case .order(let order) = self.history.records.last?.fact, order.card == card,
            abs(order.mass.value - 500) <= Scene.division
        else {
            let records = self.history.bodies.suffix(4).map { String(decoding: $0, as: UTF8.self) }
            throw Finding("a resident drops 500 g after the recovery, and the last is \(records)")
        }
    }
}
