/// One scale, from what its converter delivers to a weight: filter, calibration, zero, stability.
///
/// A value without a clock. Everything in it is an integer.
package struct Scale: Hashable, Sendable {
    package let limits: ScaleLimits
    /// `nil` until the scale was calibrated: a transmitter then delivers mass by itself, a
    /// converter nothing.
    package private(set) var calibration: Calibration?
    package let linearity: Linearity
    package let temperature: TemperatureCoefficient?
    /// Of the newest reading, thousandths of a degree Celsius.
    package private(set) var milliCelsius: Int64?
    /// What the empty scale shows beyond its calibration; taken off every mass.
    package private(set) var zeroShift = Milligrams.zero
    package private(set) var raws = RawWindow()
    private var filter = LoadFilter()
    private var weigher: Weigher
    /// What the newest value left it saying, judged once for all who ask.
    private var judged = Weight.none
    /// When it last answered without saying anything certain.
    private var doubtedAt: BootInstant?
    /// When the filter held back a mass that was more than a division away, within the window.
    private var heldBack: [BootInstant] = []
    /// Up to this share of the readings may be spikes; more are a motion that the median can't see,
    /// such as one of three readings a turn.
    private static let spikeShare = 5

    package init(
        limits: ScaleLimits, calibration: Calibration? = nil, linearity: Linearity = .straight,
        temperature: TemperatureCoefficient? = nil
    ) {
        self.limits = limits
        self.temperature = temperature
        self.calibration = calibration
        self.linearity = linearity
        self.weigher = Weigher(limits: limits)
    }

    /// Weighs with a transmitter's reading: its milligrams are raw values too.
    package mutating func take(_ reading: Reading) {
        if reading.condition == .unsure { return self.doubt(at: reading.at) }
        self.milliCelsius = reading.milliCelsius
        self.take(
            self.raw(of: reading).value, reading.condition, reading.isStable, at: reading.at)
    }

    /// Until the next value nothing is at rest.
    private mutating func doubt(at instant: BootInstant) {
        self.doubtedAt = max(self.doubtedAt ?? instant, instant)
        guard case .stable(let mass) = self.judged else { return }
        self.judged = self.moving(mass, mass...mass)
    }

    /// What a transmitter's reading would have been at the reference temperature. Without a
    /// coefficient or a temperature it is taken as it is.
    package func raw(of reading: Reading) -> Milligrams {
        guard let temperature = self.temperature, let celsius = reading.milliCelsius else {
            return reading.mass
        }
        return temperature.corrected(reading.mass, at: celsius) ?? reading.mass
    }

    /// Whether its temperature is to be corrected, and the newest reading told none.
    package var lacksTemperature: Bool {
        self.temperature != nil && self.milliCelsius == nil && self.weigher.newest != nil
    }

    /// Weighs with a converter's counts. Without a calibration they mean nothing.
    package mutating func take(_ conversion: Conversion) {
        if self.calibration == nil {
            self.note(conversion.counts, conversion.condition, at: conversion.at)
        } else {
            self.take(conversion.counts, conversion.condition, nil, at: conversion.at)
        }
    }

    private mutating func note(
        _ raw: Int64, _ condition: Reading.Condition, at instant: BootInstant
    ) {
        if condition == .normal { self.raws.add(raw, at: instant) }
    }

    private mutating func take(
        _ raw: Int64, _ condition: Reading.Condition, _ isStable: Bool?, at instant: BootInstant
    ) {
        guard self.weigher.isNews(instant) else { return }
        defer { self.judged = self.judge() }
        self.note(raw, condition, at: instant)
        // A converter's doubt counts at once; it is no value to be filtered.
        guard condition == .normal, let mass = self.mass(of: raw) else {
            self.filter.clear()
            let condition = condition == .normal ? .error : condition
            self.weigher.add(
                Reading(mass: .zero, isStable: isStable, condition: condition, at: instant))
            return
        }
        let newest = mass - self.zeroShift
        let filtered = Milligrams(self.filter.add(mass.value, at: instant)) - self.zeroShift
        let start = instant.advanced(byMs: -Weigher.windowMs)
        self.heldBack.removeAll { $0 <= start }
        if (newest - filtered).magnitude > self.limits.division.milligrams {
            self.heldBack.append(instant)
        }
        self.weigher.add(
            Reading(mass: filtered, isStable: isStable, condition: condition, at: instant))
    }

    /// The mass of a raw value before the zero is taken off; `nil` if it is none.
    private func mass(of raw: Int64) -> Milligrams? {
        self.line(of: raw).map { self.linearity.corrected($0) }
    }

    /// The mass of a raw value on the straight line: the calibration's, or a transmitter's own.
    private func line(of raw: Int64) -> Milligrams? {
        guard let calibration = self.calibration else {
            let mass = Milligrams(raw)
            return Milligrams.readable.contains(mass) ? mass : nil
        }
        return calibration.mass(of: raw)
    }

    /// The mean mass of the last second on the straight line, zero not taken off; `nil` without a
    /// whole second, or of a converter that was never calibrated.
    package func line(at now: BootInstant) -> Milligrams? {
        guard self.weigher.newest != nil else { return nil }
        return self.raws.summary(at: now).flatMap { self.line(of: $0.mean) }
    }

    /// What the scale says now.
    package func weight(at now: BootInstant) -> Weight {
        guard let newest = self.weigher.newest,
            now.ms(since: max(newest, self.doubtedAt ?? newest)) <= Weigher.staleMs
        else { return .none }
        return self.judged
    }

    /// What the newest value leaves the scale saying.
    ///
    /// While the filter holds back a value that is more than a division away, the scale moves: it
    /// may be the first of a new load, and must not be overlooked by what waits for rest. So it
    /// does while more than a fifth of the window was held back.
    private func judge() -> Weight {
        guard let newest = self.weigher.newest else { return .none }
        let weight = self.weigher.weight(at: newest)
        let isHeldBack = self.heldBack.last.map { $0 == self.weigher.newest } ?? false
        let isShaken = self.heldBack.count * Self.spikeShare > self.weigher.count
        switch weight {
        case .stable(let mass) where isHeldBack || isShaken: return self.moving(mass, mass...mass)
        case .moving(let mass, let lowest, let highest):
            return self.moving(mass, lowest...max(lowest, highest))
        case .stable, .overload, .underload, .none: return weight
        }
    }

    /// A window with at least so many values may have a spike on either side.
    private static let fewestWithSpikes = 5

    /// The filter hides swings that it takes for spikes: what is certain lies between the values as
    /// they came, but for one on either side.
    private func moving(_ mass: Milligrams, _ filtered: ClosedRange<Milligrams>) -> Weight {
        let masses = self.raws.raws.compactMap { raw in
            self.mass(of: raw).map { $0 - self.zeroShift }
        }.sorted()
        let spikes = masses.count < Self.fewestWithSpikes ? 0 : 1
        let inner = masses.dropFirst(spikes).dropLast(spikes)
        return .moving(
            mass, lowest: min(filtered.lowerBound, inner.first ?? filtered.lowerBound),
            highest: max(filtered.upperBound, inner.last ?? filtered.upperBound))
    }

    /// The weight, if it is steady enough to be a zero or a tare.
    package func tare(at now: BootInstant) -> Milligrams? {
        guard case .stable(let mass) = self.weight(at: now), self.weigher.isSteady else {
            return nil
        }
        return mass
    }

    /// Whether a stable weight is steady enough to be a zero or a tare.
    package var isSteady: Bool { self.weigher.isSteady }

    /// Whether the indication is zero to within a quarter of a division.
    ///
    /// Source: OIML R 76-1 4.5.5 as restated by two sources.
    package func isAtZero(at now: BootInstant) -> Bool {
        guard let mass = self.tare(at: now) else { return false }
        return mass.magnitude.value * 4 <= self.limits.division.milligrams.value
    }

    /// Weighs by another line from now on.
    package mutating func calibrate(_ calibration: Calibration) {
        self.calibration = calibration
        self.zeroShift = .zero
        self.unsettle()
    }

    /// Has no weight until it was at rest anew.
    package mutating func unsettle() {
        self.filter.clear()
        self.weigher.clear()
        self.judged = self.judge()
    }

    /// Calls `mass`, as indicated now, zero.
    package mutating func shiftZero(by mass: Milligrams) {
        self.zeroShift = self.zeroShift + mass
        self.weigher.shift(by: mass)
        self.judged = self.judge()
    }

    /// Puts the shift of the zero into the calibration, as far as whole raw steps go.
    package mutating func fixZero() -> Calibration? {
        guard let old = self.calibration, let new = old.zeroed(at: self.zeroShift),
            let fixed = old.mass(of: new.zero)
        else { return nil }
        self.calibration = new
        self.zeroShift = self.zeroShift - fixed
        return new
    }
}
