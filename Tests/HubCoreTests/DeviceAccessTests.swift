import HubCore
import Records
import Testing

@Suite struct DeviceAccessTests {
    @Test(
        "who may speak for a device",
        arguments: [
            // shown, expected, revoked, known
            (nil, "a", false, false, .unauthorized), ("b", "a", false, false, .unauthorized),
            ("b", nil, false, false, .unauthorized), ("b", "a", false, true, .notThisDevice),
            ("b", nil, false, true, .notThisDevice), ("a", "a", false, true, .granted),
            ("a", "a", true, true, .revoked), ("b", "a", true, true, .notThisDevice),
        ] as [(String?, String?, Bool, Bool, DeviceAccess)])
    func access(
        shown: String?, expected: String?, isRevoked: Bool, isKnown: Bool, access: DeviceAccess
    ) {
        let decided = DeviceAccess.decide(
            shown: shown.map { DeviceToken.digest(of: $0) },
            expected: expected.map { DeviceToken.digest(of: $0) }, isRevoked: isRevoked,
            isKnown: isKnown)
        #expect(decided == access)
    }

    @Test func aTokenIsHexadecimalAndKeptAsItsDigest() {
        let token = DeviceToken(random: [UInt8](repeating: 0xAB, count: 32))
        #expect(token?.text == String(repeating: "ab", count: 32))
        // printf 'ab%.0s' {1..32} | sha256sum
        #expect(
            token?.digest.hex
                == "271a413bd339c5709fdceaec41f14f11e9fbfb5042d72d331c65f32b284cd09a")
        #expect(DeviceToken(random: [1]) == nil)
    }
}
