import BinCore
import Testing

@Suite struct MissingMassTests {
    private func missing(film: Int64, pet: Int64) throws -> MissingMass {
        var missing = MissingMass()
        missing.add(Grams(film), from: try name("film"))
        missing.add(Grams(pet), from: try name("pet"))
        return missing
    }

    @Test(
        "a drop makes good for its own compartment first",
        arguments: [
            (250, 250, 250, 0), (100, 100, 300, 100), (500, 500, 0, 0), (700, 500, 0, 0),
            (0, 0, 300, 200), (-50, 0, 300, 200),
        ] as [(Int64, Int64, Int64, Int64)])
    func own(drop: Int64, good: Int64, film: Int64, pet: Int64) throws {
        var missing = try self.missing(film: 300, pet: 200)
        #expect(missing.makeGood(Grams(drop), into: try name("pet")) == Grams(good))
        #expect(try missing[name("film")] == Grams(film))
        #expect(try missing[name("pet")] == Grams(pet))
        #expect(missing.total == Grams(film + pet))
    }

    @Test func whatIsMadeGoodLeavesNoTrace() throws {
        var missing = try self.missing(film: 300, pet: 200)
        missing.makeGood(Grams(500), into: try name("film"))
        #expect(missing == MissingMass())
        missing.add(.zero, from: try name("film"))
        missing.add(Grams(-5), from: try name("film"))
        #expect(missing == MissingMass())
    }
}
