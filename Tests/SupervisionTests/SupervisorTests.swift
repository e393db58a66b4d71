import Foundation
import Glibc
import Logging
import ServiceLifecycle
import Supervision
import Testing

/// Plays systemd's end of the notification socket.
private struct NotificationSocket {
    let descriptor: Int32
    let path: String

    init() throws {
        self.path =
            FileManager.default.temporaryDirectory
            .appending(path: "steelyard-notify-\(UUID().uuidString.prefix(8))").path
        self.descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: self.path.utf8) }
        let bound = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(self.descriptor, raw, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(self.descriptor >= 0 && bound == 0)
    }

    /// Waits for the next message.
    func next() -> String {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = recv(self.descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    /// Whether a message waits.
    var hasMore: Bool {
        var state = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, 0) > 0
    }

    func close() {
        _ = Glibc.close(self.descriptor)
        unlink(self.path)
    }
}

@Suite(.serialized, .timeLimit(.minutes(1)))
struct SupervisorTests {
    @Test func tellsReadyOnlyWhenEveryDoorIsOpenAndStoppingAtTheEnd() async throws {
        let systemd = try NotificationSocket()
        defer { systemd.close() }
        setenv("NOTIFY_SOCKET", systemd.path, 1)
        defer { unsetenv("NOTIFY_SOCKET") }
        let supervisor = Supervisor(
            doors: 2, isAlive: { true }, logger: Logger(label: "test"))
        let group = ServiceGroup(
            services: [supervisor], logger: Logger(label: "test"))
        async let running: Void = group.run()
        supervisor.doorOpened()
        #expect(!systemd.hasMore)
        supervisor.doorOpened()
        #expect(systemd.next() == "READY=1")
        await group.triggerGracefulShutdown()
        try await running
        #expect(systemd.next() == "STOPPING=1")
    }

    /// systemd kills whatever goes on 20 s after it was told that it stops.
    @Test func saysNothingOfStoppingWhereTheProcessGoesOn() async throws {
        let systemd = try NotificationSocket()
        defer { systemd.close() }
        setenv("NOTIFY_SOCKET", systemd.path, 1)
        defer { unsetenv("NOTIFY_SOCKET") }
        let supervisor = Supervisor(
            doors: 0, isAlive: { true }, isEnd: { false }, logger: Logger(label: "test"))
        supervisor.doorOpened()
        let group = ServiceGroup(services: [supervisor], logger: Logger(label: "test"))
        async let running: Void = group.run()
        #expect(systemd.next() == "READY=1")
        await group.triggerGracefulShutdown()
        try await running
        #expect(!systemd.hasMore)
    }

    @Test func aStepThatTakesLongerThanItSaidHangs() {
        let progress = StartProgress()
        #expect(progress.isGettingOn(inSeconds: 59))
        #expect(!progress.isGettingOn(inSeconds: 62))
        progress.report(seconds: 600)
        #expect(progress.isGettingOn(inSeconds: 650))
        #expect(!progress.isGettingOn(inSeconds: 662))
    }

    @Test func feedsTheWatchdogOnlyWhileTheBinIsAlive() async throws {
        let systemd = try NotificationSocket()
        defer { systemd.close() }
        setenv("NOTIFY_SOCKET", systemd.path, 1)
        setenv("WATCHDOG_USEC", "2000000", 1)
        defer {
            unsetenv("NOTIFY_SOCKET")
            unsetenv("WATCHDOG_USEC")
        }
        let dead = Supervisor(doors: 0, isAlive: { false }, logger: Logger(label: "test"))
        dead.doorOpened()
        let group = ServiceGroup(services: [dead], logger: Logger(label: "test"))
        async let running: Void = group.run()
        #expect(systemd.next() == "READY=1")
        await group.triggerGracefulShutdown()
        try await running
        #expect(systemd.next() == "STOPPING=1")

        let alive = Supervisor(doors: 1, isAlive: { true }, logger: Logger(label: "test"))
        alive.doorOpened()
        let second = ServiceGroup(services: [alive], logger: Logger(label: "test"))
        async let runningAgain: Void = second.run()
        #expect(systemd.next() == "READY=1")
        #expect(systemd.next() == "WATCHDOG=1")
        await second.triggerGracefulShutdown()
        try await runningAgain
    }

    @Test func aLongStartAsksForTimeNowAndThenAndForALongStepAtOnce() throws {
        let systemd = try NotificationSocket()
        defer { systemd.close() }
        setenv("NOTIFY_SOCKET", systemd.path, 1)
        defer { unsetenv("NOTIFY_SOCKET") }
        let progress = StartProgress()
        progress.report(seconds: nil)
        #expect(systemd.next() == "EXTEND_TIMEOUT_USEC=60000000\nWATCHDOG=1")
        progress.report(seconds: nil)
        #expect(!systemd.hasMore)
        progress.report(seconds: 600)
        #expect(systemd.next() == "EXTEND_TIMEOUT_USEC=660000000\nWATCHDOG=1")
    }
}
