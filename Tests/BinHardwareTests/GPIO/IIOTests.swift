import BinCore
import Foundation
import Logging
import ServiceLifecycle
import Testing

@testable import BinHardware

/// A folder that looks like the kernel's of IIO devices. What a real one does on reading, wait for
/// a conversion, it can't do.
private final class IIOFolder: Sendable {
    let root: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.root = folder.path()
    }

    deinit {
        // A folder that is left behind in the temporary directory does no harm.
        try? FileManager.default.removeItem(atPath: self.root)
    }

    /// A device as the driver makes it, at 5 V: scales are AVDD · 100 / gain / 1678.
    func add(_ device: String, name: String = "hx711", raw: String = "9050924") throws {
        let folder = "\(self.root)/\(device)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        for (file, text) in [
            ("name", name), ("in_voltage0_raw", raw), ("in_voltage1_raw", "7726292"),
            ("in_voltage_scale", "0.000002327"),
            ("in_voltage0_scale_available", "0.000002327 0.000004655 "),
            ("in_voltage1_scale_available", "0.000009311 "),
        ] { try self.write(text, to: "\(device)/\(file)") }
    }

    func write(_ text: String, to file: String) throws {
        let url = URL(filePath: "\(self.root)/\(file)")
        try Data("\(text)\n".utf8).write(to: url, options: .atomic)
    }

    func text(of file: String) throws -> String {
        try String(contentsOfFile: "\(self.root)/\(file)", encoding: .utf8)
    }

    func remove(_ file: String) throws {
        try FileManager.default.removeItem(atPath: "\(self.root)/\(file)")
    }
}

@Suite(.timeLimit(.minutes(1))) struct IIOTests {
    private let folder: IIOFolder

    init() throws { self.folder = try IIOFolder() }

    private func device(
        _ device: String, _ channel: IIOSettings.Channel = .a
    ) throws(IIOError) -> IIODevice {
        try IIODevice(IIOSettings(device: device, channel: channel), root: self.folder.root)
    }

    @Test func readsOffsetBinaryOfEitherChannel() throws {
        try self.folder.add("iio:device0")
        #expect(try self.device("hx711").word() == HX711Word(0x0A1B2C))
        #expect(try self.device("hx711", .b).word() == HX711Word(0xF5E4D4))
    }

    @Test func findsADeviceByItsDriversNameItsOwnItsLabelAndItsPath() throws {
        try self.folder.add("iio:device0", name: "bme280")
        try self.folder.add("iio:device1", raw: "8388609")
        try self.folder.write("film", to: "iio:device1/label")
        for name in ["hx711", "iio:device1", "film", "\(self.folder.root)/iio:device1"] {
            #expect(try self.device(name).word().counts == 1)
        }
    }

    @Test func saysWhyADeviceIsNone() throws {
        try self.folder.add("iio:device0", name: "bme280")
        #expect(throws: IIOError(.missing, device: "hx711")) { try self.device("hx711") }
        #expect(throws: IIOError(.missing, device: "/nowhere/x")) { try self.device("/nowhere/x") }
        #expect(throws: IIOError(.notHX711("bme280"), device: "bme280")) {
            try self.device("bme280")
        }
        try self.folder.add("iio:device1")
        try self.folder.add("iio:device2")
        #expect(throws: IIOError(.ambiguous, device: "hx711")) { try self.device("hx711") }
        #expect(try self.device("iio:device2").word().counts == 662_316)
    }

    @Test func choosesTheLargestGainOfChannelAIfThereIsAChoice() throws {
        try self.folder.add("iio:device0")
        try self.folder.write("0.000004655", to: "iio:device0/in_voltage_scale")
        _ = try self.device("hx711", .b)
        #expect(try self.folder.text(of: "iio:device0/in_voltage_scale").hasPrefix("0.000004655"))
        _ = try self.device("hx711", .a)
        #expect(try self.folder.text(of: "iio:device0/in_voltage_scale").hasPrefix("0.000002327"))
        try self.folder.remove("iio:device0/in_voltage0_scale_available")
        #expect(try self.device("hx711").word().counts == 662_316)
    }

    @Test("refuses what no HX711 gives", arguments: ["16777216", "-1", "", "12a", "0x10"])
    func badValues(raw: String) throws {
        try self.folder.add("iio:device0", raw: raw)
        let device = try self.device("hx711")
        #expect(throws: IIOError(.badValue(attribute: "in_voltage0_raw"), device: "hx711")) {
            try device.word()
        }
    }

    @Test func tellsConversionsAndComesBackAfterTheDriverWasGone() async throws {
        try self.folder.add("iio:device0")
        let scale = try Fixtures.name("film")
        let log = EventLog()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let converter = IIOConverter(
            scale: scale, settings: IIOSettings(device: "hx711", rate: 80), root: self.folder.root,
            listener: log, clock: RunningClock(), logger: logger)
        let group = ServiceGroup(services: [converter], logger: logger)
        var events = EventReader(log)
        let start = ContinuousClock.now
        let running = Task { try await group.run() }
        for _ in 0..<5 {
            guard case .converted(scale, let conversion) = try await events.next() else {
                Issue.record("not a conversion")
                break
            }
            #expect(conversion.counts == 662_316)
        }
        // Five that settle and five that are told, never faster than the converter: nine periods.
        #expect(start.duration(to: .now) >= .milliseconds(112))
        #expect(converter.health().first?.state == .working)
        #expect(converter.health().first?.counts["settling"] == 5)

        try self.folder.remove("iio:device0")
        #expect(try await events.nextNotice() == .failed("scale film", "device-missing"))
        #expect(converter.health().first?.state == .down)
        try self.folder.add("iio:device0", raw: "0")
        #expect(try await events.nextNotice() == .failed("scale film", "underload"))
        try self.folder.add("iio:device0", raw: "8388608")
        #expect(try await events.nextNotice() == .restored("scale film", "underload"))
        await group.triggerGracefulShutdown()
        try await running.value
    }
}
