import HTTPDoor
import Testing

struct GzipTests {
    /// `printf 'steelyard\n' | gzip -n9 | xxd -p` of GNU gzip 1.12.
    private static let golden: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x2B, 0x2E, 0x49, 0x4D, 0xCD,
        0xA9, 0x4C, 0x2C, 0x4A, 0xE1, 0x02, 0x00, 0xD3, 0x2F, 0x61, 0xAC, 0x0A, 0x00, 0x00, 0x00,
    ]

    @Test func expandsWhatAnotherProgramCompressed() throws {
        #expect(try Gzip.expand(Self.golden, limit: 10) == Array("steelyard\n".utf8))
    }

    @Test(
        "what is compressed expands to itself",
        arguments: [0, 1, 100, 16_383, 16_384, 65_536, 1_048_576])
    func roundTrip(count: Int) throws {
        // Numbers of a linear congruential generator: hardly compressible.
        var state: UInt32 = 1
        let noise = (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24)
        }
        for content in [noise, [UInt8](repeating: 0x61, count: count)] {
            let small = try #require(Gzip.compress(content))
            #expect(try Gzip.expand(small, limit: count) == content)
        }
    }

    @Test("the limit holds on both sides", arguments: [(1_000, true), (999, false), (0, false)])
    func bounds(limit: Int, fits: Bool) throws {
        let content = [UInt8](repeating: 7, count: 1_000)
        let small = try #require(Gzip.compress(content))
        if fits {
            #expect(try Gzip.expand(small, limit: limit) == content)
        } else {
            #expect(throws: Gzip.Failure.tooLarge) { try Gzip.expand(small, limit: limit) }
        }
    }

    /// 64 MiB of zeros in 64 KiB: never unfolded beyond the limit.
    @Test func aBombIsTooLarge() throws {
        let bomb = try #require(Gzip.compress([UInt8](repeating: 0, count: 64 * 1_048_576)))
        #expect(bomb.count < 70_000)
        #expect(throws: Gzip.Failure.tooLarge) { try Gzip.expand(bomb, limit: 1_048_576) }
    }

    @Test func everyCutIsMalformed() {
        for length in 0..<Self.golden.count {
            #expect(throws: Gzip.Failure.malformed) {
                try Gzip.expand(Array(Self.golden[..<length]), limit: 100)
            }
        }
    }

    @Test func damageAndTrailingBytesAreMalformed() {
        var checksum = Self.golden
        checksum[22] ^= 1
        var magic = Self.golden
        magic[0] = 0
        let zlib: [UInt8] = [0x78, 0x9C, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01]
        for bytes in [checksum, magic, zlib, Self.golden + [0], Array("plain".utf8)] {
            #expect(throws: Gzip.Failure.malformed) { try Gzip.expand(bytes, limit: 100) }
        }
    }
}
