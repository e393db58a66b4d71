import BinCore
import Simulation
import Testing

/// The ideal cell with one trait of the real one.
private func traits(_ change: (inout LoadCellTraits) -> Void) -> LoadCellTraits {
    var traits = LoadCellTraits()
    traits.noise = 0
    traits.ringGain = 0
    traits.creep = 0
    traits.drift = 0
    change(&traits)
    return traits
}

private let division = Grams(5)

@Suite struct LoadCellTests {
    private var random = SeededRandom(seed: 7)

    /// The deviation from `load` in milligrams.
    private mutating func error(
        of cell: inout LoadCell, under load: Milligrams, celsius: Double = 20, at now: BootInstant
    ) -> Int64 {
        let seen = cell.indicate(load, celsius: celsius, at: now, random: &self.random)
        return (seen - load).value
    }

    @Test(arguments: [100, 1_000, 5_000] as [Int64])
    mutating func settlesWithinADivisionOneSecondAfterADrop(dropped: Int64) {
        var cell = LoadCell(division: division, zeroCelsius: 20)
        let load = grams(dropped)
        cell.strike(load, at: ms(0))
        for step in Int64(0)..<60 {
            let error = self.error(of: &cell, under: load, at: ms(1000 + step * 50))
            #expect(abs(error) < division.milligrams.value)
        }
    }

    @Test mutating func aDropSetsOutFromTheOldLoadAndOvershoots() {
        var cell = LoadCell(division: division, zeroCelsius: 20, traits: traits { $0.ringGain = 1 })
        let load = grams(1000)
        cell.strike(load, at: ms(0))
        #expect(self.error(of: &cell, under: load, at: ms(0)) == -load.value)
        let errors = (Int64(1)...20).map { self.error(of: &cell, under: load, at: ms($0 * 10)) }
        #expect(errors.max() ?? 0 > load.value / 4)
        // Twice the mass rings twice as much.
        var heavier = LoadCell(
            division: division, zeroCelsius: 20, traits: traits { $0.ringGain = 1 })
        heavier.strike(grams(2000), at: ms(0))
        #expect(self.error(of: &heavier, under: load, at: ms(0)) == -2 * load.value)
    }

    @Test mutating func noiseHasTheConfiguredDeviationAndNoBias() {
        var cell = LoadCell(division: division, zeroCelsius: 20, traits: traits { $0.noise = 0.1 })
        let errors = (Int64(0)..<10_000).map {
            Double(self.error(of: &cell, under: .zero, at: ms($0)))
        }
        let mean = errors.reduce(0, +) / 10_000
        let rms = (errors.reduce(0) { $0 + $1 * $1 } / 10_000).squareRoot()
        // 0.1 of 5 g; the bounds are five standard errors of the estimates.
        #expect(abs(mean) < 25)
        #expect(abs(rms - 500) < 18)
    }

    @Test mutating func creepStaysInsideClassC3AndRecovers() {
        let creep = LoadCellTraits().creep
        var cell = LoadCell(
            division: division, zeroCelsius: 20, traits: traits { $0.creep = creep })
        let load = grams(30_000)
        var last: Int64 = 0
        for minute in Int64(0)...30 {
            let error = self.error(of: &cell, under: load, at: ms(minute * 60_000))
            #expect(error >= last)
            last = error
        }
        // OIML R 60-1:2021: 0.735 intervals in 30 minutes at full load.
        #expect(last > 0 && last * 1000 <= division.milligrams.value * 735)
        let relieved = self.error(of: &cell, under: .zero, at: ms(30 * 60_000))
        #expect(relieved == last)
        #expect(self.error(of: &cell, under: .zero, at: ms(3 * 3_600_000)) == 0)
    }

    @Test mutating func theZeroDriftsWithTheTemperature() {
        var cell = LoadCell(division: division, zeroCelsius: 20, traits: traits { $0.drift = 0.1 })
        #expect(self.error(of: &cell, under: .zero, celsius: 20, at: ms(0)) == 0)
        #expect(self.error(of: &cell, under: .zero, celsius: 25, at: ms(1)) == 2500)
        #expect(self.error(of: &cell, under: .zero, celsius: 15, at: ms(2)) == -2500)
    }

    @Test mutating func theCurveIsWidestHalfWayAndTurnsWithTheLoad() {
        var cell = LoadCell(
            division: division, zeroCelsius: 20,
            traits: traits {
                $0.nonLinearity = 0.4
                $0.hysteresis = 0.1
            })
        // Full load 6,000 divisions of 5 g: half way up 0.4 − 0.1, half way down 0.4 + 0.1.
        let expected: [(Int64, Int64)] = [
            (0, 0), (15_000, 1_500), (30_000, 0), (15_000, 2_500), (0, 0),
        ]
        for (index, (load, error)) in expected.enumerated() {
            let seen = self.error(of: &cell, under: grams(load), at: ms(Int64(index) * 1000))
            #expect(seen == error)
        }
    }

    @Test mutating func theSpanGrowsWithTheTemperature() {
        var cell = LoadCell(
            division: division, zeroCelsius: 20, traits: traits { $0.spanDrift = 10e-6 })
        #expect(self.error(of: &cell, under: grams(30_000), celsius: 30, at: ms(0)) == 3_000)
        #expect(self.error(of: &cell, under: .zero, celsius: 30, at: ms(1)) == 0)
    }

    @Test mutating func whereTheLoadLiesMattersAsTheCornersDiffer() {
        var cell = LoadCell(
            division: division, zeroCelsius: 20, traits: traits { $0.corners = [1e-3, 0, 0, 0] })
        // The middle of the first quarter rests on its corner with 9/16, the last one with 1/16.
        let expected: [Int64] = [5_625, 1_875, 1_875, 625]
        for (position, error) in zip(LoadPosition.quarters, expected) {
            let seen = cell.indicate(
                grams(10_000), celsius: 20, position: position, at: ms(0), random: &self.random)
            #expect(seen - grams(10_000) == Milligrams(error))
        }
        #expect(self.error(of: &cell, under: grams(10_000), at: ms(0)) == 2_500)
    }

    @Test mutating func aShockLeavesNothing() {
        var cell = LoadCell(division: division, zeroCelsius: 20, traits: traits { _ in })
        cell.shock(grams(2_000), at: ms(0))
        let errors = (Int64(0)...20).map { self.error(of: &cell, under: .zero, at: ms($0 * 10)) }
        #expect(errors[0] == 0)
        #expect(errors.max() ?? 0 > 1_000_000)
        #expect(self.error(of: &cell, under: .zero, at: ms(3_000)) == 0)
    }

    @Test mutating func windWandersAroundNothing() {
        var cell = LoadCell(division: division, zeroCelsius: 20, traits: traits { $0.wind = 1 })
        let errors = (Int64(0)..<20_000).map {
            Double(self.error(of: &cell, under: .zero, at: ms($0 * 2_100)))
        }
        let mean = errors.reduce(0, +) / 20_000
        let rms = (errors.reduce(0) { $0 + $1 * $1 } / 20_000).squareRoot()
        // 5 g; five standard errors, of samples three correlation times apart.
        #expect(abs(mean) < 200)
        #expect(abs(rms - 5_000) < 150)
        let near = self.error(of: &cell, under: .zero, at: ms(42_000_000))
        let next = self.error(of: &cell, under: .zero, at: ms(42_000_001))
        #expect(abs(near - next) < 2_000)
    }

    @Test func aDayIsAWaveAroundTheMean() {
        let ambient = AmbientTemperature(mean: 20, swing: 5, dawn: ms(1000))
        let hour: Int64 = 3_600_000
        for (hours, celsius) in [(0, 20.0), (6, 25), (12, 20), (18, 15), (30, 25)] {
            let seen = ambient.celsius(at: ms(1000 + Int64(hours) * hour))
            #expect(abs(seen - celsius) < 1e-9)
        }
    }
}

@Suite struct SeededRandomTests {
    /// Source: the first outputs of the public-domain `splitmix64.c` for seed 1234567, as printed
    /// in the documentation of several implementations of it.
    @Test func followsThePublishedSequence() {
        var random = SeededRandom(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        for value in expected { #expect(random.next() == value) }
    }

    @Test func aBranchDoesNotDependOnWhatWasDrawnFromOthers() {
        let random = SeededRandom(seed: 5)
        var first = random.branch(3)
        var second = random.branch(4)
        _ = second.next()
        var again = random.branch(3)
        #expect(first.next() == again.next())
        #expect(first.next() != second.next())
    }
}
