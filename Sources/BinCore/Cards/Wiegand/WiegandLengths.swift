/// Guards formats whose lengths differ by one bit, such as 34 and 35.
///
/// A frame that loses its first or last bit, or gets one more pulse there, keeps its rhythm, and
/// the parity of the neighbouring length holds by chance in one case out of four or eight. Who
/// lists such neighbours mostly has cards of one length only. So, once the reader has delivered
/// three cards of one length, a frame of a neighbouring length that has never been certain is only
/// taken when the same frame comes twice. It is certain if it can't be made from the other by one
/// bit.
///
/// What remains: the first cards after the daemon's start, and readers that do send both lengths.
struct WiegandLengths: Hashable, Sendable {
    /// So many cards of a length make it the reader's habit.
    static let habit = 3
    /// How long somebody takes to present the card again.
    static let repeatNs: Int64 = 10_000_000_000

    private struct Doubt: Hashable, Sendable {
        var frame: WiegandFrame
        var atNs: Int64
    }

    private let formats: [WiegandFormat]
    private var cards: [Int: Int] = [:]
    private var certain: Set<Int> = []
    private var doubt: Doubt?

    init(_ formats: [WiegandFormat]) { self.formats = formats }

    /// Whether `frame`, which a format accepts, is to be taken.
    mutating func admits(_ frame: WiegandFrame, atNs: Int64) -> Bool {
        let rivals = self.formats.filter { format in
            (frame.longerByOne + frame.shorterByOne).contains(where: format.accepts)
        }
        let isUsual = rivals.allSatisfy { self.cards[$0.bits, default: 0] < Self.habit }
        var isCertain = rivals.isEmpty
        if !isUsual, !self.certain.contains(frame.count) {
            let last = self.doubt
            self.doubt = Doubt(frame: frame, atNs: atNs)
            guard let last, last.frame == frame, atNs - last.atNs < Self.repeatNs else {
                return false
            }
            isCertain = true
        }
        if isCertain { self.certain.insert(frame.count) }
        self.cards[frame.count] = min(self.cards[frame.count, default: 0] + 1, Self.habit)
        return true
    }
}
