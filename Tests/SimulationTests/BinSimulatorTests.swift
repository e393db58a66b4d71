import BinCore
import Foundation
import Glibc
import Simulation
import Synchronization
import Testing

/// The program at the other end of a serial port.
private struct Master: ~Copyable {
    private let port: Int32

    init(_ path: String) throws {
        self.port = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK)
        try #require(self.port >= 0)
    }

    deinit { close(self.port) }

    func send(_ bytes: [UInt8]) { #expect(write(self.port, bytes, bytes.count) == bytes.count) }

    /// Reads `count` bytes; fewer if nothing comes for `patienceMs`.
    func receive(_ count: Int, patienceMs: Int32 = 10_000) -> [UInt8] {
        var received: [UInt8] = []
        while received.count < count {
            var wait = pollfd(fd: self.port, events: Int16(POLLIN), revents: 0)
            guard poll(&wait, 1, patienceMs) > 0 else { break }
            var buffer = [UInt8](repeating: 0, count: count - received.count)
            let got = read(self.port, &buffer, buffer.count)
            guard got > 0 else { break }
            received += buffer.prefix(got)
        }
        return received
    }

    /// Whether the port is gone: the next write fails.
    var isHungUp: Bool { write(self.port, [0], 1) < 0 && errno == EIO }
}

/// Time that passes when the test says so.
private final class HandClock: MonotonicClock {
    private let milliseconds = Mutex<Int64>(1_000_000)

    func now() -> BootInstant { self.milliseconds.withLock { BootInstant(milliseconds: $0) } }

    func advance(byMs milliseconds: Int64) {
        self.milliseconds.withLock { $0 += milliseconds }
    }
}

@Suite struct BinSimulatorTests {
    private static let readPet = RTUChecksum.sealed([1, 3, 0, 0, 0, 3])

    /// Runs `body` with a simulator whose bus has its port in a folder of its own.
    private func withSimulator(
        clock: any MonotonicClock = MachineClock(),
        _ body: (BinSimulator, String) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: UUID().uuidString, directoryHint: .isDirectory)
        defer { try? FileManager.default.removeItem(at: folder) }
        let port = folder.appending(path: "dev/rs485").path
        let simulator = try BinSimulator(
            settings: try BinUnderTest.settings(port: port), seed: 1, clock: clock)
        try await simulator.start()
        do { try await body(simulator, port) } catch {
            await simulator.stop()
            throw error
        }
        await simulator.stop()
        #expect(throws: (any Error).self) {
            try FileManager.default.destinationOfSymbolicLink(atPath: port)
        }
    }

    @Test func answersInAnyPiecesAndAfterThePortWasOpenedAgain() async throws {
        try await self.withSimulator { _, port in
            for _ in 0..<3 {
                let master = try Master(port)
                master.send(Self.readPet)
                let whole = master.receive(11)
                #expect(whole.count == 11 && RTUChecksum.holds(for: whole))
                for byte in Self.readPet { master.send([byte]) }
                #expect(RTUChecksum.holds(for: master.receive(11)))
            }
        }
    }

    @Test func answersBehindABeginningThatNeverEnded() async throws {
        try await self.withSimulator { _, port in
            let master = try Master(port)
            master.send([1, 16, 0, 0, 0, 0, 200] + Self.readPet)
            #expect(RTUChecksum.holds(for: master.receive(11)))
        }
    }

    @Test func staysSilentToOthersAndGoesOnAnswering() async throws {
        try await self.withSimulator { _, port in
            let master = try Master(port)
            master.send(RTUChecksum.sealed([77, 3, 0, 0, 0, 3]))
            master.send([1, 3, 0, 0, 0, 3, 0, 0])
            master.send(RTUChecksum.sealed([1, 3, 0, 0x50, 0, 2]))
            #expect(master.receive(5) == [0x01, 0x83, 0x02, 0xC0, 0xF1])
        }
    }

    @Test func whatIsPutShowsOnTheBusOnceTheScaleHasSettled() async throws {
        let clock = HandClock()
        try await self.withSimulator(clock: clock) { simulator, port in
            let master = try Master(port)
            clock.advance(byMs: 1000)
            try await simulator.perform(try Act(line: "put pet 20000"))
            clock.advance(byMs: 100)
            master.send(Self.readPet)
            let moving = master.receive(11)
            clock.advance(byMs: 4000)
            master.send(Self.readPet)
            let settled = master.receive(11)
            try #require(moving.count == 11 && settled.count == 11)
            #expect(abs((Int(settled[5]) << 8 | Int(settled[6])) - 20_000) <= 5)
            #expect([moving[8], settled[8]] == [0, 1])
            let pet = try name("pet")
            #expect(simulator.status().compartments[pet]?.load == grams(20_000))
        }
    }

    @Test func aBusThatIsUnpluggedIsGoneUntilItIsPluggedInAgain() async throws {
        try await self.withSimulator { simulator, port in
            let before = try Master(port)
            try await simulator.perform(try Act(line: "fault bus rs485 off"))
            let isHungUp = before.isHungUp
            #expect(isHungUp)
            #expect(access(port, F_OK) != 0)
            try await simulator.perform(try Act(line: "fault bus rs485 on"))
            let after = try Master(port)
            after.send(Self.readPet)
            #expect(RTUChecksum.holds(for: after.receive(11)))
        }
    }

    @Test func aLateReplyComesAfterAll() async throws {
        try await self.withSimulator { simulator, port in
            let master = try Master(port)
            try await simulator.perform(try Act(line: "fault scale pet late"))
            master.send(Self.readPet)
            #expect(RTUChecksum.holds(for: master.receive(11)))
        }
    }

    @Test func replacesAStaleLinkAndNothingElse() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let port = folder.appending(path: "rs485").path
        let settings = try BinUnderTest.settings(port: port)
        #expect(symlink("/dev/pts/99999", port) == 0)
        let simulator = try BinSimulator(settings: settings, seed: 1)
        try await simulator.start()
        _ = try Master(port)
        await simulator.stop()

        try Data("keep".utf8).write(to: URL(filePath: port))
        let second = try BinSimulator(settings: settings, seed: 1)
        let error = await #expect(throws: SimulationError.self) { try await second.start() }
        #expect(error?.code == .cannotCreate)
        #expect(error?.description.contains(port) == true)
        #expect(try String(contentsOfFile: port, encoding: .utf8) == "keep")
    }
}
