import Records

/// What a resident does, and waits to see.
extension Bin {
    /// Waits until the display answers `isShown`.
    @discardableResult
    func shown(
        _ what: String, seconds: Int = 60, _ isShown: (JSONObject) -> Bool
    ) async throws -> JSONObject {
        var last: JSONObject?
        do {
            return try await waiting(for: what, seconds: seconds) {
                let display = try await self.display()
                last = display
                return isShown(display) ? display : nil
            }
        } catch {
            let text = last.map { JSONValue.object($0).text } ?? "nothing"
            throw Child.Trouble(description: "\(error); last shown: \(text)")
        }
    }

    /// Waits until nobody is at the bin, every scale is at rest, and nothing is left to record.
    func rest() async throws {
        try await self.shown("a bin at rest") { display in
            display["state"] == "idle" && display.compartments.allSatisfy(\.isAtRest)
        }
    }

    /// Holds a card to the reader and waits for the greeting.
    func greet(_ card: String) async throws {
        try await self.sim("tap", card)
        try await self.shown("the greeting of \(card)") {
            $0["state"] == "greeting" && $0["card"]?.string == "…" + card.suffix(4)
        }
    }

    /// Drops something and waits for the deposit. Returns it as shown.
    @discardableResult
    func drop(_ grams: Int64, into compartment: String) async throws -> JSONObject {
        try await self.sim("put", compartment, "\(grams)")
        let display = try await self.shown("a deposit of \(grams) g in \(compartment)") {
            let deposit = $0["deposit"]?.object
            return $0["state"] == "deposit" && deposit?["compartment"]?.string == compartment
                && deposit?["mass"]?.integer == grams
        }
        return display["deposit"]?.object ?? JSONObject()
    }

    /// Holds the card to the reader again and waits for the thanks. Returns the order's sums.
    @discardableResult
    func leave(_ card: String) async throws -> JSONObject {
        try await self.sim("tap", card)
        let display = try await self.shown("thanks to \(card)") { $0["state"] == "thanks" }
        return display["order"]?.object ?? JSONObject()
    }
}

extension JSONObject {
    var compartments: [JSONObject] { (self["compartments"]?.array ?? []).compactMap(\.object) }

    /// Of a display's compartment: at rest, with a weight that the journal holds already.
    fileprivate var isAtRest: Bool { self["stable"] == true && self["mass"] == 0 }
}

extension [JSONObject] {
    /// The records of a kind, in their order.
    func of(_ kind: String) -> [JSONObject] { self.filter { $0["kind"]?.string == kind } }
}
