import BinCore
import BinHardware
import CBareLimits
import Console
import Logging
import Measuring

/// How fast a bus with more devices than it has time for is polled, against a loop around
/// libmodbus in C that reads the same registers of the same units.
///
/// The other end is a pseudo-terminal whose server answers at once. Both keep the silence that the
/// standard wants before a request (1.75 ms above 19,200 baud): libmodbus itself keeps none.
struct PollBenchmark: Benchmark {
    let name = "modbus-poll"
    let summary = "polls a second on a saturated pseudo-terminal, beside a bare libmodbus loop"

    /// At 200 ms a period they want 800 polls a second; a line with that silence has room for less
    /// than 570.
    private static let units = 160
    private static let baud = 115_200
    private static let gapUs: Int32 = 1750
    private static let warmUp = 25
    private static let slice = 25
    private static let slices = 16
    private static let rounds = 12

    func run() async throws -> Comparison {
        let server = try PollServer()
        var (ours, limit) = (Side(), Side())
        for _ in 0..<Self.rounds {
            ours.add(try await Self.pollWithOurs(server))
            limit.add(try await Self.pollBare(server))
        }
        return Comparison(
            name: self.name, unit: "polls per second",
            ours: Samples(ours.rates, better: .higher),
            limit: Samples(limit.rates, better: .higher),
            figures: [
                Comparison.Figure(
                    "cpu-us-per-1000-polls", ours: ours.cpuUsPer1000, limit: limit.cpuUsPer1000)
            ],
            conditions: [Comparison.Condition("gap-us", String(Self.gapUs))])
    }

    /// One turn at the line.
    private struct Turn: Sendable {
        /// How long each slice took.
        var slicesNs: [Int64]
        /// Of the master alone, with the warm-up.
        var cpuNs: Int64
    }

    private struct Side {
        var rates: [Double] = []
        var cpuNs: Int64 = 0
        var polls = 0

        mutating func add(_ turn: Turn) {
            self.rates += turn.slicesNs.map { Double(PollBenchmark.slice) * 1e9 / Double($0) }
            self.cpuNs += turn.cpuNs
            self.polls += PollBenchmark.warmUp + turn.slicesNs.count * PollBenchmark.slice
        }

        var cpuUsPer1000: Double { Double(self.cpuNs) / Double(max(1, self.polls)) }
    }

    private static func pollBare(_ server: PollServer) async throws -> Turn {
        let port = server.port
        let before = server.masterCPUNs()
        let (result, slicesNs) = await OwnThread.run {
            var slicesNs = [Int64](repeating: 0, count: Self.slices)
            let result = limits_poll(
                port, Int32(Self.baud), Int32(Self.units), Self.gapUs, Int32(Self.warmUp),
                Int32(Self.slice), Int32(Self.slices), &slicesNs)
            return (result, slicesNs)
        }
        guard result >= 0 else {
            throw Failure("the bare loop's exchange failed: code \(-result)", .internalError)
        }
        return Turn(slicesNs: slicesNs, cpuNs: server.masterCPUNs() - before)
    }

    private static func pollWithOurs(_ server: PollServer) async throws -> Turn {
        let meter = PollMeter(warmUp: Self.warmUp, slice: Self.slice, slices: Self.slices)
        let bus = try Self.bus(at: server.port, listener: meter)
        let before = server.masterCPUNs()
        let task = Task { try await bus.run() }
        let slicesNs = await meter.done()
        let cpuNs = server.masterCPUNs() - before
        task.cancel()
        try await task.value
        guard let slicesNs else {
            throw Failure("our bus reported a fault on a sound line", .internalError)
        }
        return Turn(slicesNs: slicesNs, cpuNs: cpuNs)
    }

    private static func bus(
        at port: String, listener: any HardwareListening
    ) throws(Failure) -> ModbusBus {
        guard let name = Name("bench"), let unity = Ratio(1, 1) else {
            throw Failure("the benchmark's own names are wrong", .internalError)
        }
        let registers = ScaleRegisters(
            weight: ScaleRegisters.Weight(
                table: .holding, address: 0, coding: .int32, order: .big, scale: unity),
            status: ScaleRegisters.Status(
                table: .holding, address: 2, stable: StatusBit(index: 0)))
        let limits = ScaleLimits(
            capacity: Grams(30_000), division: Grams(5), minimum: Grams(20))
        let scales = (1...Self.units).compactMap { unit in
            Name("scale-\(unit)").map { scale in
                ScaleSettings(
                    name: scale,
                    driver: .modbus(
                        ModbusScaleSettings(bus: name, address: unit, registers: registers)),
                    limits: limits)
            }
        }
        let settings = BusSettings(name: name, port: port, baud: Self.baud, parity: .none)
        return ModbusBus(
            settings: settings, scales: scales, readers: [], listener: listener,
            clock: BenchClock(), logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
    }
}
