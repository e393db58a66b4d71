package import BinCore
import Synchronization

/// A simulated bin on real ports: pseudo-terminals at the configured paths and, where the kernel
/// offers simulated GPIO, chips with the configured lines.
package final class BinSimulator: Sendable {
    /// The bin, which its buses' threads and its callers share.
    private final class Stage: Sendable {
        let bin: Mutex<SimulatedBin>

        init(_ bin: SimulatedBin) { self.bin = Mutex(bin) }
    }

    private let stage: Stage
    /// In the order of their names.
    private let buses: [(name: Name, server: BusServer)]
    private let lines: LineServer?
    private let clock: any MonotonicClock

    /// - Parameters:
    ///   - settings: A checked configuration.
    ///   - seed: What noise and garbage are made from.
    ///   - loads: What lies in the compartments at the start; an unknown name is passed over.
    ///   - powerDownUs: For how long a converter's clock may be high; `nil` for ever.
    package convenience init(
        settings: BinSettings, seed: UInt64, loads: [Name: Milligrams] = [:],
        powerDownUs: Int? = 60, clock: any MonotonicClock = MachineClock()
    ) throws(SimulationError) {
        let bin = SimulatedBin(
            settings: settings, seed: seed, loads: loads, start: clock.now(),
            hasLines: LineServer.isPossible)
        try self.init(playing: bin, powerDownUs: powerDownUs, clock: clock)
    }

    /// Plays a bin that was prepared, for instance with other traits of its load cells.
    package init(
        playing bin: SimulatedBin, powerDownUs: Int? = 60,
        clock: any MonotonicClock = MachineClock()
    ) throws(SimulationError) {
        let stage = Stage(bin)
        let source = LineServer.Source(
            counts: { scale in
                stage.bin.withLock { $0.counts(of: scale, at: clock.now()) }
            },
            fault: { part in stage.bin.withLock { $0.faults[part] } })
        self.lines =
            bin.playsLines
            ? try LineServer(bin.settings, powerDownUs: powerDownUs, source: source) : nil
        var buses: [(name: Name, server: BusServer)] = []
        for (name, bus) in bin.settings.buses.sorted(by: { $0.key < $1.key }) {
            let server = try BusServer(bus: bus, clock: clock) { frame, now in
                stage.bin.withLock { $0.reply(to: frame, on: name, at: now) }
            }
            buses.append((name, server))
        }
        self.stage = stage
        self.buses = buses
        self.clock = clock
    }

    /// Makes every port and begins to answer on it. Once.
    ///
    /// - Throws: `.cannotCreate` for a port that can't be made; then none is left.
    package func start() async throws(SimulationError) {
        for (index, bus) in self.buses.enumerated() {
            do { try await bus.server.start() } catch {
                for started in self.buses[..<index] { await started.server.stop() }
                throw error
            }
        }
        self.lines?.start()
    }

    /// Takes the ports away and ends the threads. Once, after `start`.
    package func stop() async {
        self.lines?.stop()
        for bus in self.buses { await bus.server.stop() }
    }

    /// Does one act; returns when it has taken effect, or with a pour when that has begun.
    ///
    /// - Throws: `.refused` if this bin can't, `.cannotCreate` if a bus's port can't be made again.
    package func perform(_ act: Act) async throws(SimulationError) {
        try self.check(act)
        if case .fault(.bus(let name), let fault) = act {
            for bus in self.buses where bus.name == name {
                if fault == .off {
                    await bus.server.unplug()
                } else {
                    try await bus.server.plugIn()
                }
            }
        }
        try self.playing { (bin, now) throws(SimulationError) in try bin.perform(act, at: now) }
        if case .put(let compartment, _, let overMs) = act, overMs == 0 {
            try await self.lines?.breakBeam(of: compartment)
        }
        for (reader, frames) in self.playing({ bin, _ in bin.takeFrames() }) {
            try await self.lines?.send(frames, from: reader)
        }
    }

    /// Whether an act names things that this bin has.
    package func check(_ act: Act) throws(SimulationError) {
        try self.playing { (bin, _) throws(SimulationError) in try bin.check(act) }
    }

    /// What is true inside the bin now.
    package func status() -> SimulationStatus {
        self.playing { $0.status(at: $1) }
    }

    /// What lies in each compartment once every pour has ended.
    package var loads: [Name: Milligrams] { self.playing { bin, _ in bin.loads } }

    private func playing<Result: Sendable, Failure: Error>(
        _ body: (inout SimulatedBin, BootInstant) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try self.stage.bin.withLock { (bin) throws(Failure) -> Result in
            try body(&bin, self.clock.now())
        }
    }
}
