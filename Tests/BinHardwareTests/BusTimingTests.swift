import BinCore
import Testing

@testable import BinHardware

@Suite struct BusTimingTests {
    /// Source: DOMAIN §4.1 (3.5 × 11 / 9600 = 4.010 ms, / 19200 = 2.005 ms, / 4800 = 8.02 ms), each
    /// rounded up to whole microseconds.
    @Test(
        "The gap is 3.5 characters, and never below 1.75 ms",
        arguments: [
            (4800, 8021), (9600, 4011), (19_200, 2006), (21_999, 1751), (22_000, 1750),
            (38_400, 1750), (115_200, 1750),
        ])
    func gap(baud: Int, us: Int) throws {
        #expect(BusTiming(try self.settings(baud: baud)).gapUs == us)
    }

    @Test(
        "A reply may take the timeout after the request's eight characters",
        arguments: [(1200, 274), (9600, 210), (115_200, 201)])
    func response(baud: Int, ms: Int) throws {
        #expect(BusTiming(try self.settings(baud: baud)).responseMs == ms)
    }

    @Test func bytesOfAReplyAreNotAwaitedLongerThanTheReply() throws {
        var settings = try self.settings(baud: 9600)
        #expect(BusTiming(settings).byteMs == 32)
        settings.timeoutMs = 20
        #expect(BusTiming(settings).byteMs == 20)
    }

    private func settings(baud: Int) throws -> BusSettings {
        BusSettings(name: try Fixtures.name("rs485"), port: "/dev/null", baud: baud)
    }
}
