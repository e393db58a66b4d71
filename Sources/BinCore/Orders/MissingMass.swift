/// Material that was taken out unpaid and not dropped again yet, by the compartment that it left.
///
/// It may come back through any lid: a drop makes good for its own compartment first, then for the
/// others in the order of their names.
///
/// | missing | dropped | makes good for | still missing |
/// | --- | --- | --- | --- |
/// | film 300 g, pet 200 g | 250 g into pet | pet 200 g, film 50 g | film 250 g |
package struct MissingMass: Hashable, Sendable {
    /// More than 0 each.
    package private(set) var masses: [Name: Grams] = [:]

    package init() {}

    /// Together.
    package var total: Grams { self.masses.values.reduce(.zero, +) }

    package subscript(compartment: Name) -> Grams { self.masses[compartment] ?? .zero }

    /// Adds what left a compartment; nothing for 0 and less.
    package mutating func add(_ mass: Grams, from compartment: Name) {
        guard mass > .zero else { return }
        self.masses[compartment, default: .zero] += mass
    }

    /// Takes what a drop of `mass` into a compartment makes good for. Returns how much that is.
    @discardableResult
    package mutating func makeGood(_ mass: Grams, into compartment: Name) -> Grams {
        var rest = mass
        let others = self.masses.keys.filter { $0 != compartment }.sorted()
        for name in [compartment] + others where rest > .zero {
            let part = min(rest, self[name])
            rest -= part
            self.masses[name] = self[name] == part ? nil : self[name] - part
        }
        return mass - rest
    }
}
