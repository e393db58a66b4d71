package import BinCore

/// The type tests of OIML R 76 on one drawn instrument, one after the other.
package struct Verification: Sendable {
    /// The instruments: Max and e in grams.
    package static let instruments = [(6_000, 2), (30_000, 5), (30_000, 10), (60_000, 20)]
        .map { ScaleLimits(capacity: Grams($0), division: Grams($1), minimum: Grams(20 * $1)) }

    private static let minuteMs: Int64 = 60_000
    /// Every so many instruments convert 80 times a second, the others 10 times: those are the two
    /// rates of an HX711.
    package static let fastEvery: UInt64 = 10

    private var scale: ScaleUnderTest
    private var random: SeededRandom
    package private(set) var findings: [Finding] = []

    private init(limits: ScaleLimits, seed: UInt64) {
        let kind = "\(limits.capacity.value)/\(limits.division.value)"
        let random = SeededRandom(seed: seed).branch(kind)
        let rate = seed % Self.fastEvery == 0 ? 80 : 10
        self.scale = ScaleUnderTest(
            limits: limits, rate: rate, seed: random.branch("scale").seed)
        self.random = random.branch("officer")
    }

    /// Everything that is found at the instrument of a seed.
    package static func findings(limits: ScaleLimits, seed: UInt64) -> [Finding] {
        var verification = Verification(limits: limits, seed: seed)
        verification.testZero()
        verification.testWeighing()
        verification.testRepeatability()
        verification.testDiscrimination()
        verification.testEccentricity()
        verification.testTareAndNet()
        verification.testCreep()
        verification.testTemperature()
        return verification.findings
    }

    private var limits: ScaleLimits { self.scale.limits }
    private var full: Double { Double(self.limits.capacity.value / self.limits.division.value) }

    private func mass(_ intervals: Double) -> Milligrams {
        Milligrams(Int64((intervals * self.scale.division).rounded()))
    }

    private func intervals(_ mass: Milligrams) -> Double {
        Double(mass.value) / self.scale.division
    }

    private mutating func note(
        _ test: VerificationTest, at intervals: Double, _ error: Double, naive: Double?
    ) {
        self.findings.append(
            Finding(test: test, intervals: intervals, error: error, naive: naive))
    }

    /// Dirt of up to half a division lies on the platform and is zeroed.
    private mutating func testZero() {
        for _ in 0..<3 {
            let dirt = self.mass(Double.random(in: -0.5...0.5, using: &self.random))
            self.scale.place(dirt)
            self.scale.setZero()
            let error = self.scale.error(true: .zero)
            self.note(.zeroSetting, at: 0, error, naive: nil)
            self.scale.place(.zero)
            self.scale.setZero()
        }
    }

    /// Both sides of each band of the MPE, up and down, corrected by the error at zero.
    private mutating func testWeighing() {
        self.scale.place(.zero)
        self.scale.setZero()
        let zero = self.scale.error(true: .zero)
        let loads = [20, 100, 500, 501, 1_000, 2_000, 2_001, 3_000, 4_500, 6_000]
            .filter { $0 <= self.full }
        for load in loads { self.weigh(.weighingUp, load, zero: zero) }
        for load in loads.dropLast().reversed() { self.weigh(.weighingDown, load, zero: zero) }
        self.scale.place(.zero)
    }

    private mutating func weigh(_ test: VerificationTest, _ load: Double, zero: Double) {
        self.scale.place(self.mass(load))
        let naive = self.intervals(self.scale.hastyIndication) - load
        let error = self.scale.error(true: self.mass(load)) - zero
        self.note(test, at: load, error, naive: naive)
    }

    /// Three weighings near half of Max and three near Max: the greatest difference.
    private mutating func testRepeatability() {
        for share in [0.5, 1.0] {
            let load = (self.full * share).rounded()
            var errors: [Double] = []
            var naive: [Double] = []
            for _ in 0..<3 {
                self.scale.place(self.mass(load))
                naive.append(self.intervals(self.scale.hastyIndication) - load)
                errors.append(self.scale.error(true: self.mass(load)))
                self.scale.place(.zero)
            }
            self.note(
                .repeatability, at: load, Self.spread(errors), naive: Self.spread(naive))
        }
    }

    private static func spread(_ values: [Double]) -> Double {
        (values.max() ?? 0) - (values.min() ?? 0)
    }

    /// Any load near Min, half of Max and Max: 1.4 d more must change the indication.
    private mutating func testDiscrimination() {
        for share in [20 / self.full, 0.5, 1.0] {
            let load = self.full * share - Double.random(in: 0...1, using: &self.random)
            self.scale.place(self.mass(load))
            let needed = Double(self.scale.tenthsToChange()) / 10
            self.note(.discrimination, at: load, needed, naive: nil)
        }
        self.scale.place(.zero)
    }

    private mutating func testEccentricity() {
        let load = (self.full / 3).rounded()
        self.scale.setZero()
        let zero = self.scale.error(true: .zero)
        for position in LoadPosition.quarters {
            self.scale.position = position
            self.scale.place(self.mass(load))
            let naive = self.intervals(self.scale.hastyIndication) - load
            let error = self.scale.error(true: self.mass(load)) - zero
            self.note(.eccentricity, at: load, error, naive: naive)
            self.scale.place(.zero)
        }
        self.scale.position = .centre
    }

    /// Tares of a tenth, a third and two thirds of Max, on a scale that stayed loaded for two hours
    /// while the temperature went by up to 4 °C; then net loads on both sides of the bands. One
    /// conversion of a hundred is cut short, as interrupted reads of an HX711 are.
    private mutating func testTareAndNet() {
        self.scale.spikes = 0.01
        for share in [0.1, 1.0 / 3, 2.0 / 3] {
            let tare = (self.full * share).rounded()
            self.scale.celsius = 20
            self.scale.place(self.mass(tare))
            let remembered = self.scale.hastyIndication
            self.scale.rest(120 * Self.minuteMs)
            self.scale.celsius = 20 + Double.random(in: -4...4, using: &self.random)
            self.scale.rest(Self.minuteMs)
            var balance = Balance(
                division: self.limits.division,
                level: self.mass(tare).rounded(to: self.limits.division))
            balance.tare(at: self.scale.tare())
            let error = self.scale.error(over: balance, true: .zero)
            self.note(
                .tare, at: tare, error, naive: self.intervals(self.scale.displayed - remembered))
            let nets = [20.0, 100, 500, 501, 2_000, 2_001, 4_000].filter { tare + $0 <= self.full }
            for net in nets {
                self.scale.place(self.mass(tare + net))
                let naive = self.intervals(self.scale.hastyIndication - remembered) - net
                let error = self.scale.error(over: balance, true: self.mass(net))
                self.note(.net, at: net, error, naive: naive)
                self.scale.place(self.mass(tare))
                balance.tare(at: self.scale.tare())
            }
        }
        self.scale.spikes = 0
        self.scale.celsius = 20
        self.scale.place(.zero)
    }

    /// Half an hour at Max, after a rest, and the zero right after it.
    private mutating func testCreep() {
        self.scale.rest(60 * Self.minuteMs)
        self.scale.setZero()
        let empty = (mass: self.scale.weight(), shown: self.scale.displayed)
        self.scale.place(self.limits.capacity.milligrams)
        let start = (mass: self.scale.weight(), shown: self.scale.hastyIndication)
        self.scale.rest(15 * Self.minuteMs)
        let middle = (mass: self.scale.weight(), shown: self.scale.displayed)
        self.scale.rest(15 * Self.minuteMs)
        let end = (mass: self.scale.weight(), shown: self.scale.displayed)
        self.note(
            .creep, at: self.full, self.intervals(end.mass - start.mass),
            naive: self.intervals(end.shown - start.shown))
        self.note(
            .lateCreep, at: self.full, self.intervals(end.mass - middle.mass),
            naive: self.intervals(end.shown - middle.shown))
        self.scale.place(.zero)
        self.note(
            .zeroReturn, at: 0, self.intervals(self.scale.weight() - empty.mass),
            naive: self.intervals(self.scale.hastyIndication - empty.shown))
    }

    /// 20, 40, −10, 5 and 20 °C without a load.
    private mutating func testTemperature() {
        self.scale.rest(60 * Self.minuteMs)
        var last = (celsius: self.scale.celsius, mass: self.scale.weight())
        for celsius in [40.0, -10, 5, 20] {
            let before = self.scale.displayed
            self.scale.celsius = celsius
            self.scale.rest(60 * Self.minuteMs)
            let mass = self.scale.weight()
            let steps = abs(celsius - last.celsius) / 5
            self.note(
                .temperature, at: 0, self.intervals(mass - last.mass) / steps,
                naive: self.intervals(self.scale.displayed - before) / steps)
            last = (celsius, mass)
        }
    }
}
