import BinCore

/// The times of a serial line that follow from its settings.
struct BusTiming: Hashable, Sendable {
    /// Start, eight data bits, parity or a second stop, stop. Counted also for 8N1, as the standard
    /// does.
    private static let bitsPerCharacter = 11
    /// Unit, function, address, count or value, checksum.
    private static let charactersPerRequest = 8
    /// Source: Modbus over Serial Line V1.02, 2.5.1.1: fixed above 19,200 baud.
    private static let shortestGapUs = 1750
    /// Far above the 1.5 characters of the standard, since USB adapters hold bytes back for up to
    /// 16 ms (the latency timer of FTDI's).
    private static let byteMs = 32

    private static let longestTimeoutMs = 60_000
    private static let longestTurnaroundMs = 1000

    /// From the request's last byte to the first byte of the reply; 1 to 60,000.
    let timeoutMs: Int
    /// `timeoutMs` and the time in which the request leaves the port's buffer.
    let responseMs: Int
    /// Between two bytes of a reply. A line that was quiet for as long has no reply on it.
    let byteMs: Int
    /// The silence before a request: 3.5 characters, at least 1.75 ms.
    ///
    /// | baud | µs |
    /// | ---: | ---: |
    /// | 4,800 | 8,021 |
    /// | 9,600 | 4,011 |
    /// | 19,200 | 2,006 |
    /// | 115,200 | 1,750 |
    let gapUs: Int
    /// Added to that before a request to another unit than the one asked last, which may hold the
    /// line for a moment after its reply; 0 and more.
    let turnaroundUs: Int

    /// - Parameter timeoutMs: What one device may take, instead of what the bus says for all.
    init(_ settings: BusSettings, timeoutMs own: Int? = nil) {
        // Nothing here may overflow for values that no line has: opening the port refuses them.
        let baud = min(max(settings.baud, 1), Int(Int32.max))
        let timeoutMs = min(max(own ?? settings.timeoutMs, 1), Self.longestTimeoutMs)
        let characterNs = Self.bitsPerCharacter * 1_000_000_000 / baud
        self.timeoutMs = timeoutMs
        self.responseMs = timeoutMs + Self.charactersPerRequest * characterNs / 1_000_000 + 1
        self.byteMs = min(Self.byteMs, timeoutMs)
        let gap = (7 * Self.bitsPerCharacter * 1_000_000 + 2 * baud - 1) / (2 * baud)
        self.gapUs = max(Self.shortestGapUs, gap)
        self.turnaroundUs = min(max(settings.turnaroundMs, 0), Self.longestTurnaroundMs) * 1000
    }
}
