import Records
import Testing

@Suite struct StorageWarningTests {
    private static let mib: Int64 = 1 << 20
    private let reserve = 8 * Self.mib

    private func warning(
        free: Int64, perDay: Int64?, after before: StorageState.Warning?
    ) -> StorageState.Warning? {
        StorageState(free: free, journal: 0, perRecord: 1_000, perDay: perDay)
            .warning(after: before, reserve: self.reserve)
    }

    /// 30,000,000 bytes are 30 days of 1,000 records of 1,000 bytes.
    @Test(
        "less than thirty days are told at the bin's own rate",
        arguments: [(30, nil), (29, .days)] as [(Int64, StorageState.Warning?)])
    func days(days: Int64, expected: StorageState.Warning?) {
        for before in [nil, StorageState.Warning.days] {
            let free = self.reserve + days * 4_000_000
            #expect(self.warning(free: free, perDay: 4_000, after: before) == expected)
        }
    }

    @Test(
        "little room is told whatever the rate",
        arguments: [
            (64, nil, nil), (63, nil, .room), (71, .room, .room), (72, .room, nil),
        ] as [(Int64, StorageState.Warning?, StorageState.Warning?)])
    func room(
        mib: Int64, before: StorageState.Warning?, expected: StorageState.Warning?
    ) {
        #expect(self.warning(free: mib * Self.mib, perDay: nil, after: before) == expected)
        #expect(self.warning(free: mib * Self.mib, perDay: 1, after: before) == expected)
    }

    @Test func aRateThatIsNotKnownClearsNothing() {
        let free = 500 * Self.mib
        #expect(self.warning(free: free, perDay: nil, after: .days) == .days)
        #expect(self.warning(free: free, perDay: 1, after: .days) == nil)
        #expect(self.warning(free: free, perDay: nil, after: nil) == nil)
    }
}
