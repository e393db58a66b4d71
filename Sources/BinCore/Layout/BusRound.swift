/// How long a bus needs to ask each of its devices once while all answer.
package struct BusRound: Hashable, Sendable {
    /// A weight is judged by at least three readings of one second (`Weigher`).
    package static let longestUs = 1_000_000 / 3
    /// What a device takes to answer, apart from the characters: an estimate, for good devices
    /// answer in 1 to 10 ms.
    private static let answerUs = 5000
    /// Unit, function, address, count and checksum.
    private static let requestCharacters = 8
    /// Unit, function, count of bytes and checksum.
    private static let replyCharacters = 5
    /// As `BusTiming`: start, eight bits, parity or stop, stop; 3.5 characters, at least 1.75 ms.
    private static let bitsPerCharacter = 11
    private static let shortestGapUs = 1750

    package let us: Int
    package let devices: Int

    package init(
        _ bus: BusSettings, scales: some Sequence<ScaleSettings>,
        readers: some Sequence<ReaderSettings>
    ) {
        let characterUs = Self.bitsPerCharacter * 1_000_000 / max(bus.baud, 1)
        let gapUs = max(Self.shortestGapUs, characterUs * 7 / 2)
        var polls: [[RegisterBlock]] = []
        for scale in scales {
            guard case .modbus(let settings) = scale.driver, settings.bus == bus.name else {
                continue
            }
            polls.append(ScaleRequests(settings.registers, joined: true).all)
        }
        for reader in readers {
            guard case .modbus(let settings) = reader.driver, settings.bus == bus.name else {
                continue
            }
            polls.append(Self.requests(of: settings))
        }
        self.devices = polls.count
        let turnaroundUs = polls.count > 1 ? polls.count * max(bus.turnaroundMs, 0) * 1000 : 0
        self.us = polls.joined().reduce(turnaroundUs) { sum, block in
            let characters = Self.requestCharacters + Self.replyCharacters + 2 * block.count
            return sum + characters * characterUs + 2 * gapUs + Self.answerUs
        }
    }

    /// Of a reader without a card.
    private static func requests(of reader: ModbusReaderSettings) -> [RegisterBlock] {
        switch reader.presence {
        case .level, .hold:
            return [reader.uid]
        case .counter(let block):
            return block.joined(with: reader.uid).map { [$0] } ?? [block, reader.uid, block]
        case .latched(let block):
            return [block.joined(with: reader.uid) ?? block]
        }
    }

    /// Whether each scale is read often enough for its weight to be found at rest.
    package var isShortEnough: Bool { self.us <= Self.longestUs }
}
