import BinCore
import Dispatch
import Synchronization

/// What hangs on a bin's GPIO lines, played on chips that the kernel simulates.
final class LineServer: Sendable {
    /// What the parts on lines get from the simulated bin.
    struct Source: Sendable {
        /// What a scale's converter delivers now; `nil` while it is stuck or disconnected.
        var counts: @Sendable (Name) -> Int64?
        var fault: @Sendable (Part) -> Fault?
    }

    private struct Converter: Sendable {
        let scale: Name
        let periodMs: Int
        let model: ConverterModel
    }

    /// A counter's light barrier.
    private struct Beam: Sendable {
        /// A bottle that falls at 3 m/s breaks it for 20 to 100 ms.
        static let brokenMs = 40

        let line: SimulatedLine
        let restsHigh: Bool
    }

    /// By the chip's name in the configuration.
    private let chips: [String: SimulatedChip]
    private let converters: [Converter]
    private let readers: [Name: WiegandPlayer]
    private let beams: [Name: Beam]
    private let source: Source
    private let queue = DispatchQueue(label: "converters")
    private let isPlaying = Mutex(false)

    /// Whether the kernel has lines to play on.
    static var isPossible: Bool { SimulatedChip.isOffered }

    /// Makes the chips and connects the parts.
    ///
    /// - Parameter powerDownUs: For how long a converter's clock may be high; `nil` for ever.
    init(
        _ settings: BinSettings, powerDownUs: Int?, source: Source
    ) throws(SimulationError) {
        do throws(SimulatedGPIOError) {
            let chips = try Self.chips(of: settings)
            var converters: [Converter] = []
            for (name, scale) in settings.scales {
                guard case .hx711(let lines) = scale.driver, let chip = chips[lines.chip] else {
                    continue
                }
                let model = try ConverterModel(
                    chip: chip, clock: lines.clock, data: lines.data,
                    samplesPerSecond: lines.rate, powerDownUs: powerDownUs)
                converters.append(
                    Converter(scale: name, periodMs: 1000 / max(1, lines.rate), model: model))
            }
            var readers: [Name: WiegandPlayer] = [:]
            for (name, reader) in settings.readers {
                guard case .wiegand(let lines) = reader.driver, let chip = chips[lines.chip] else {
                    continue
                }
                readers[name] = try WiegandPlayer(chip: chip, d0: lines.d0, d1: lines.d1)
            }
            var beams: [Name: Beam] = [:]
            for (name, compartment) in settings.compartments {
                guard let input = compartment.counter?.input, let chip = chips[input.line.chip]
                else { continue }
                let beam = Beam(
                    line: try chip.line(input.line.line), restsHigh: input.line.active == .low)
                try beam.line.pull(high: beam.restsHigh)
                beams[name] = beam
            }
            self.beams = beams
            self.chips = chips
            self.converters = converters
            self.readers = readers
            self.source = source
        } catch {
            throw SimulationError(.cannotCreate, error.description)
        }
    }

    /// Begins to convert.
    func start() {
        self.isPlaying.withLock { $0 = true }
        for converter in self.converters { self.play(converter, from: .now()) }
    }

    private func play(_ converter: Converter, from time: DispatchTime) {
        self.queue.asyncAfter(deadline: time) {
            guard self.isPlaying.withLock({ $0 }) else { return }
            self.feed(converter)
            self.play(converter, from: time + .milliseconds(converter.periodMs))
        }
    }

    func stop() {
        self.isPlaying.withLock { $0 = false }
        for chip in self.chips.values {
            // The next simulator removes what is left.
            try? chip.remove()
        }
    }

    /// Lets a piece fall through a compartment's light barrier, if it has one.
    func breakBeam(of compartment: Name) async throws(SimulationError) {
        guard let beam = self.beams[compartment] else { return }
        do throws(SimulatedGPIOError) {
            try beam.line.pull(high: !beam.restsHigh)
            // `try?`: a cut sleep makes a short piece.
            try? await Task.sleep(for: .milliseconds(Beam.brokenMs))
            try beam.line.pull(high: beam.restsHigh)
        } catch {
            throw SimulationError(.refused, "counter \(compartment): \(error)")
        }
    }

    /// Sends a card's frames; returns when the last bit was sent.
    func send(_ frames: [[Bool]], from reader: Name) async throws(SimulationError) {
        guard let player = self.readers[reader] else { return }
        for bits in frames {
            do throws(SimulatedGPIOError) { try await player.play(WiegandWave(bits: bits)) } catch {
                throw SimulationError(.refused, "reader \(reader): \(error)")
            }
        }
    }

    private func feed(_ converter: Converter) {
        do throws(SimulatedGPIOError) {
            switch self.source.fault(.scale(converter.scale)) {
            case .off, .silent, .late: try converter.model.setWire(.staysHigh)
            case .stuck: break
            case .garbage: try converter.model.feed(Int.random(in: -0x80_0000...0x7F_FFFF))
            case nil:
                try converter.model.setWire(.whole)
                if let counts = self.source.counts(converter.scale) {
                    try converter.model.feed(Int(counts))
                }
            }
        } catch {
            // A chip that is being removed has nothing left to feed.
        }
    }

    /// A chip for each one that the configuration names, with as many lines as it needs.
    private static func chips(
        of settings: BinSettings
    ) throws(SimulatedGPIOError) -> [String: SimulatedChip] {
        var lines: [String: Int] = [:]
        for (chip, line) in settings.usedLines { lines[chip] = max(lines[chip] ?? 0, line + 1) }
        var chips: [String: SimulatedChip] = [:]
        for (name, count) in lines.sorted(by: { $0.key < $1.key }) {
            let last = name.split(separator: "/").last.map(String.init) ?? name
            let chip = try SimulatedChip(label: last, lines: count)
            // Not a label but a number that the kernel gives: it must have given that one.
            let isNumbered = last.hasPrefix("gpiochip")
            guard !isNumbered || chip.name == last else {
                throw .otherNumber(wanted: last, given: chip.name)
            }
            chips[name] = chip
        }
        return chips
    }
}

extension BinSettings {
    /// Every GPIO line in the configuration.
    fileprivate var usedLines: [(chip: String, line: Int)] {
        var lines: [(chip: String, line: Int)] = []
        for scale in self.scales.values {
            guard case .hx711(let pins) = scale.driver else { continue }
            lines += [(pins.chip, pins.clock), (pins.chip, pins.data)]
        }
        for reader in self.readers.values {
            guard case .wiegand(let pins) = reader.driver else { continue }
            lines += [(pins.chip, pins.d0), (pins.chip, pins.d1)]
        }
        for compartment in self.compartments.values { lines += compartment.usedLines }
        let others = self.doors.values.map(\.input.line) + self.feedback.values
        return lines + others.map { ($0.chip, $0.line) }
    }
}

extension CompartmentSettings {
    fileprivate var usedLines: [(chip: String, line: Int)] {
        var lines = [self.lock?.line, self.counter?.input.line, self.lid?.input.line]
        switch self.fill {
        case .level(let input)?: lines.append(input.line)
        case .ultrasonic(let sensor)?: lines += [sensor.trigger, sensor.echo]
        case nil: break
        }
        return lines.compactMap(\.self).map { ($0.chip, $0.line) }
    }
}
