import BinCore
import CHX711
import Logging
import Simulation
import Synchronization

@testable import BinHardware

/// A simulated HX711 on CHX711's seam, in virtual time, with interruptions at chosen moments.
final class HX711Bench: HX711Access {
    /// Where in a pulse the reader is interrupted.
    enum Moment: CaseIterable {
        /// After the time was taken and before the clock rises.
        case beforeRise
        case high
        /// After the clock fell and before the time is taken.
        case afterFall
        case low
    }

    struct Interruption {
        /// Counted from 1 since the bench was made, resets included.
        var pulse: Int
        var moment: Moment
        var ns: Int64
    }

    /// What the kernel keeps for libgpiod 1; the newest is dropped.
    private static let queue = 16

    var chip: HX711Chip
    var interruptions: [Interruption] = []
    /// When the data wire gets into another state, in the order of time.
    var wireChanges: [(ns: Int64, wire: HX711Chip.DataWire)] = []
    /// When the chip's supply goes away, and for how long, in the order of time.
    var supplyDips: [(ns: Int64, forNs: Int64)] = []
    /// What each call on the wires takes.
    var callNs: Int64 = 0
    private(set) var nowNs: Int64 = 0
    private(set) var pulse = 0
    private var pending: [Int64] = []
    private var isClockHigh = false

    init(_ chip: HX711Chip) { self.chip = chip }

    // MARK: HX711Access

    func withWires(
        _ body: (UnsafePointer<chx711_wires>) -> Int32
    ) throws(LineError) -> Int32 {
        var wires = chx711_wires(
            set_clock: { context, level in HX711Bench.at(context)?.setClock(level != 0) ?? -1 },
            get_data: { context in HX711Bench.at(context)?.data() ?? -1 },
            now_ns: { context in HX711Bench.at(context)?.time() ?? 0 },
            delay_ns: { context, ns in HX711Bench.at(context)?.delay(ns) },
            context: Unmanaged.passUnretained(self).toOpaque())
        let result = body(&wires)
        guard result >= 0 else { throw LineError(.gone(-result), chip: "bench", lines: []) }
        return result
    }

    func edges() throws(LineError) -> EdgeBatch {
        self.collect()
        defer { self.pending = [] }
        return EdgeBatch(
            edges: self.pending.map { LineEdge(index: 0, isRising: false, atNs: $0) })
    }

    // MARK: The wires

    private static func at(_ context: UnsafeMutableRawPointer?) -> HX711Bench? {
        context.map { Unmanaged<HX711Bench>.fromOpaque($0).takeUnretainedValue() }
    }

    private func interrupt(_ moment: Moment) {
        for interruption in self.interruptions
        where interruption.pulse == self.pulse && interruption.moment == moment {
            self.nowNs += interruption.ns
        }
    }

    private func setClock(_ isHigh: Bool) -> Int32 {
        self.nowNs += self.callNs
        if isHigh {
            self.pulse += 1
            self.interrupt(.beforeRise)
            self.chip.setClock(true, atNs: self.nowNs)
            self.interrupt(.high)
        } else {
            self.chip.setClock(false, atNs: self.nowNs)
            self.interrupt(.afterFall)
        }
        self.isClockHigh = isHigh
        self.collect()
        return 0
    }

    private func data() -> Int32 {
        self.nowNs += self.callNs
        self.changeWire()
        return self.chip.isDataHigh(atNs: self.nowNs) ? 1 : 0
    }

    private func time() -> Int64 { self.nowNs }

    /// The low phase's delay comes after the time was taken.
    private func delay(_ ns: Int64) {
        if !self.isClockHigh { self.interrupt(.low) }
        self.nowNs += ns
    }

    private func changeWire() {
        while let change = self.wireChanges.first, change.ns <= self.nowNs {
            self.chip.dataWire = change.wire
            self.wireChanges.removeFirst()
        }
        while let dip = self.supplyDips.first, dip.ns <= self.nowNs {
            self.chip.losePower(atNs: dip.ns, forNs: dip.forNs)
            self.supplyDips.removeFirst()
        }
    }

    private func collect() {
        self.changeWire()
        let edges = self.chip.takeFallingEdges(atNs: self.nowNs)
        self.pending += edges.prefix(max(0, Self.queue - self.pending.count))
    }

    // MARK: The line thread, in virtual time

    /// Runs `cycle` as a line thread would, from opening to `endNs`.
    func run(_ cycle: inout HX711Cycle, untilNs endNs: Int64) throws {
        var wait = try cycle.opened(self)
        while self.nowNs < endNs {
            switch wait {
            case .pause(let ns):
                self.nowNs += ns
                wait = try cycle.timedOut(self)
            case .edges(let ns):
                let deadline = ns.map { self.nowNs + $0 } ?? endNs
                self.collect()
                while self.pending.isEmpty, let next = self.chip.nextAnnouncementNs,
                    next <= deadline
                {
                    self.nowNs = max(self.nowNs, next)
                    self.collect()
                }
                if self.pending.isEmpty {
                    self.nowNs = deadline
                    wait = try cycle.timedOut(self)
                } else {
                    wait = try cycle.came(try self.edges(), self)
                }
            }
        }
    }
}

/// What a converter told, kept.
final class ToldEvents: HardwareListening {
    private let events = Mutex<[HardwareEvent]>([])

    func receive(_ event: HardwareEvent) { self.events.withLock { $0.append(event) } }

    var conversions: [Conversion] {
        self.events.withLock { events in
            events.compactMap { event in
                if case .converted(_, let conversion) = event { return conversion }
                return nil
            }
        }
    }

    var notices: [Notice] {
        self.events.withLock { events in
            events.compactMap { event in
                switch event {
                case .failed(let fault, _): return .failed(fault.source, fault.code)
                case .restored(let fault, _): return .restored(fault.source, fault.code)
                case .reading, .converted, .presented, .pieces, .contact, .filled: return nil
                }
            }
        }
    }
}

/// The bench's virtual time, as far as a converter's clock is concerned.
struct BenchClock: MonotonicClock {
    // @unchecked: the bench and its clock are used by one test's thread only.
    private final class Box: @unchecked Sendable {
        let bench: HX711Bench
        init(_ bench: HX711Bench) { self.bench = bench }
    }

    private let box: Box

    init(_ bench: HX711Bench) { self.box = Box(bench) }

    func now() -> BootInstant {
        BootInstant(milliseconds: self.box.bench.nowNs / 1_000_000)
    }
}

extension HX711Bench {
    /// Reads the chip for some tenths of a second of virtual time and returns what was told.
    func read(
        _ selection: HX711Selection = .a128, rate: Int = 10, tenths: Int64
    ) throws -> (told: ToldEvents, health: DeviceHealth) {
        let told = ToldEvents()
        let timing = HX711Timing(rate: rate)
        let teller = ConverterTeller(
            scale: try Fixtures.name("film"), timing: timing, listener: told,
            clock: BenchClock(self), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        var cycle = HX711Cycle(selection: selection, timing: timing, teller: teller)
        try self.run(&cycle, untilNs: self.nowNs + tenths * 100_000_000)
        return (told, teller.snapshot.current)
    }
}
