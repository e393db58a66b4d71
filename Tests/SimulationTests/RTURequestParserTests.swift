import BinCore
import Simulation
import Testing

private func bytes(_ hex: String) -> [UInt8] {
    hex.split(separator: " ").compactMap { UInt8($0, radix: 16) }
}

@Suite struct RTUChecksumTests {
    /// Frames of transmitters' and readers' manuals with a good checksum; DOMAIN §4.1, §4.3, §4.4,
    /// §4.8 name the sources.
    @Test(arguments: [
        "01 83 02 C0 F1", "01 83 06 C1 32", "01 03 00 08 00 01 05 C8", "01 03 02 08 02 3E 45",
        "01 03 00 50 00 02 C4 1A", "01 03 04 FF FF C1 EF EA 0B", "01 03 04 00 00 01 62 7A 4A",
        "01 10 00 05 00 01 02 5A A5 5C DE", "01 10 00 05 00 01 11 C8",
        "01 10 00 54 00 02 04 00 00 00 64 F6 8B", "01 03 04 00 00 00 84 FA 50",
        "01 03 0A 09 80 00 00 00 98 00 00 00 98 B5 29", "01 06 00 05 00 08 98 0D",
        "01 03 04 A4 1E 45 C6 0B C7", "01 04 00 00 00 0A 70 0D",
    ])
    func holdsForFramesOfManuals(frame: String) {
        let frame = bytes(frame)
        #expect(RTUChecksum.holds(for: frame))
        #expect(RTUChecksum.sealed(frame.dropLast(2)) == frame)
    }

    /// Misprints of two manuals: DOMAIN §4.3 and §4.7.
    @Test(arguments: [
        "01 03 04 00 00 00 00 84 FA 50", "01 10 00 00 00 02 04 00 00 03 E8 F3 22", "", "01",
        "01 03",
    ])
    func doesNotHoldForMisprints(frame: String) {
        #expect(!RTUChecksum.holds(for: bytes(frame)))
    }
}

@Suite struct RTURequestParserTests {
    /// Two reads, a single write, a multiple write, and a function of unknown length.
    private static let requests =
        [
            "01 03 00 50 00 02 C4 1A", "01 04 00 00 00 0A 70 0D", "01 06 00 05 00 08 98 0D",
            "01 10 00 05 00 01 02 5A A5 5C DE",
        ].map(bytes) + [RTUChecksum.sealed([0x01, 0x2B, 0x0E, 0x01, 0x00])]

    private func functions(_ frames: [RTUFrame]) -> [UInt8] { frames.map(\.function) }

    @Test(arguments: requests) func takesARequestWhole(request: [UInt8]) {
        var parser = RTURequestParser()
        let frames = parser.append(request)
        #expect(frames.map(\.payload) == [Array(request.dropFirst(2).dropLast(2))])
        #expect(frames.map(\.address) == [1])
        #expect(!parser.isWaiting)
    }

    @Test func takesRequestsJoined() {
        var parser = RTURequestParser()
        #expect(self.functions(parser.append(Self.requests.joined())) == [3, 4, 6, 16, 0x2B])
    }

    @Test func takesRequestsByteByByte() {
        var parser = RTURequestParser()
        let frames = Self.requests.joined().flatMap { parser.append([$0]) }
        #expect(self.functions(frames) == [3, 4, 6, 16, 0x2B])
        #expect(!parser.isWaiting)
    }

    @Test(arguments: [
        "00", "FF FF FF", "01 03 00 50 00 02 C4", "01 03 00 50 00 02 C4 1B", "83 02 C0 F1",
        "01 10 00 05 00 01 FF 5A A5 5C DE", "01 55 00",
    ])
    func findsTheRequestBehindNoiseAtTheLatestAfterSilence(noise: String) {
        for request in Self.requests.dropLast() {
            var parser = RTURequestParser()
            var frames = parser.append(bytes(noise) + request)
            frames += parser.silence()
            #expect(frames.last?.payload == Array(request.dropFirst(2).dropLast(2)))
            #expect(!parser.isWaiting)
        }
    }

    @Test func aBeginningThatNeverEndsIsForgottenInSilence() {
        var parser = RTURequestParser()
        #expect(parser.append([1, 3, 0]) == [])
        #expect(parser.isWaiting)
        #expect(parser.silence() == [])
        #expect(self.functions(parser.append(Self.requests[0])) == [3])
    }

    @Test func noiseWithoutEndIsNotKept() {
        var parser = RTURequestParser()
        var random = SeededRandom(seed: 2)
        for _ in 0..<200 {
            let noise = (0..<100).map { _ in UInt8.random(in: 0...255, using: &random) }
            // Noise may hold a frame by chance, once in 65,536 places.
            _ = parser.append(noise)
        }
        _ = parser.silence()
        #expect(self.functions(parser.append(Self.requests[0])) == [3])
    }
}

@Suite struct ModbusRequestTests {
    private func read(_ bytes: [UInt8]) throws -> ModbusRequest {
        var parser = RTURequestParser()
        return try ModbusRequest(try #require(parser.append(RTUChecksum.sealed(bytes)).first))
    }

    @Test func readsWhatIsAsked() throws {
        #expect(
            try self.read([1, 3, 0, 80, 0, 2]) == .read(.holding, address: 80, count: 2))
        #expect(try self.read([1, 4, 1, 0, 0, 125]) == .read(.input, address: 256, count: 125))
        #expect(try self.read([1, 6, 0, 5, 0, 8]) == .write(.register, address: 5, words: [8]))
        #expect(
            try self.read([1, 16, 0, 5, 0, 2, 4, 0, 1, 0xAB, 0xCD])
                == .write(.registers, address: 5, words: [1, 0xABCD]))
        #expect(try self.read([1, 5, 3, 0xF8, 0, 0]) == .write(.coil, address: 1016, words: [0]))
        #expect(try self.read([1, 5, 0, 0, 0xFF, 0]) == .write(.coil, address: 0, words: [1]))
    }

    @Test(
        arguments: [
            ([1, 3, 0, 80, 0, 0], .illegalValue), ([1, 3, 0, 80, 0, 126], .illegalValue),
            ([1, 16, 0, 5, 0, 2, 2, 0, 1], .illegalValue), ([1, 16, 0, 5, 0, 0, 0], .illegalValue),
            ([1, 1, 0, 0, 0, 1], .illegalFunction), ([1, 5, 3, 0xF8, 0, 1], .illegalValue),
            ([1, 0x2B, 0x0E, 1, 0], .illegalFunction),
        ] as [([UInt8], ModbusException)])
    func refusesWhatNoDeviceHereKnows(bytes: [UInt8], exception: ModbusException) {
        #expect(throws: exception) { try self.read(bytes) }
    }
}
