package import BinCore
package import Logging
import ServiceLifecycle

/// An HX711 that the kernel's own driver clocks, with interrupts off: the way to conversions that
/// no load on the machine can spoil. Tells the same as `HX711Converter`.
///
/// Reads on a thread of its own and never more often than the converter converts. `run()` ends on
/// graceful shutdown or cancellation, after the read that is under way.
package final class IIOConverter: Service, HealthReporting {
    private let scale: Name
    private let settings: IIOSettings
    private let root: String
    private let teller: ConverterTeller
    private let logger: Logger

    /// - Parameters:
    ///   - scale: Whose conversions they are.
    ///   - root: Where devices without a path are.
    ///   - listener: Called on the converter's own thread.
    package init(
        scale: Name, settings: IIOSettings, root: String = "/sys/bus/iio/devices",
        listener: any HardwareListening, clock: any MonotonicClock, logger: Logger
    ) {
        var logger = logger
        logger[metadataKey: LogKey.scale] = "\(scale)"
        self.scale = scale
        self.settings = settings
        self.root = root
        self.teller = ConverterTeller(
            scale: scale, timing: HX711Timing(rate: settings.rate), listener: listener,
            clock: clock, logger: logger)
        self.logger = logger
    }

    package func health() -> [DeviceHealth] { [self.teller.snapshot.current] }

    package func run() async throws {
        self.logger.info("Converter started")
        await cancelWhenGracefulShutdown {
            var teller = self.teller
            var retrying = ReopenInterval()
            while !Task.isCancelled {
                do throws(DedicatedThread.Unavailable) { return try await self.serve(teller) } catch
                {
                    teller.lost(
                        code: "no-thread", hint: "no thread is left for it (errno \(error.errno))")
                }
                await SystemThreads().pause(ns: retrying.nextNs())
            }
        }
        self.logger.info("Converter stopped")
    }

    private func serve(_ teller: ConverterTeller) async throws(DedicatedThread.Unavailable) {
        let (settings, root) = (self.settings, self.root)
        try await DedicatedThread.run(
            named: "iio-\(self.scale)", .ordinary, logger: self.logger
        ) { stop in
            var loop = IIOLoop(settings: settings, root: root, teller: teller)
            loop.run(until: stop)
        }
    }
}

/// What the converter does, on its thread.
private struct IIOLoop {
    let settings: IIOSettings
    let root: String
    var teller: ConverterTeller
    private var reopening = ReopenInterval()

    init(settings: IIOSettings, root: String, teller: ConverterTeller) {
        self.settings = settings
        self.root = root
        self.teller = teller
    }

    mutating func run(until stop: WakeSignal) {
        while true {
            do throws(IIOError) {
                let device = try IIODevice(self.settings, root: self.root)
                self.teller.started()
                return try self.serve(device, until: stop)
            } catch {
                self.teller.lost(code: error.code, hint: error.hint)
            }
            if stop.wait(until: MonotonicTime.nowNs() + self.reopening.nextNs()) { return }
        }
    }

    /// Returns when it is to stop.
    private mutating func serve(
        _ device: IIODevice, until stop: WakeSignal
    ) throws(IIOError) {
        while true {
            let start = MonotonicTime.nowNs()
            let read = try self.read(device)
            // The driver resets the converter by itself.
            _ = self.teller.take(read)
            if read == .noReply { self.teller.started() }
            let machine = self.teller.machine
            // Silence is looked for again only when it can have ended.
            let pauseNs = read == .noReply ? machine.timeoutNs : machine.timing.periodNs
            if stop.wait(until: start + pauseNs) { return }
        }
    }

    private mutating func read(_ device: IIODevice) throws(IIOError) -> ConverterRead {
        do throws(IIOError) {
            let word = try device.word()
            self.reopening = ReopenInterval()
            return .word(word)
        } catch {
            guard error.isNoReply else { throw error }
            return .noReply
        }
    }
}
