extension BinMemory {
    /// A moment that was recorded, with the start of the machine that it belongs to.
    package struct Recorded: Hashable, Sendable {
        package var boot: Int64
        package var moment: Moment

        package init(boot: Int64, moment: Moment) {
            self.boot = boot
            self.moment = moment
        }
    }

    /// Whether weight that came while the daemon was away may be credited to the order that was
    /// open: only if certainly no more time went by than the order would have stayed open. After
    /// that it may be somebody else's.
    ///
    /// | machine | clocks | away | credited |
    /// | --- | --- | --- | --- |
    /// | ran on | any | ≤ idle | yes |
    /// | ran on | any | > idle | no |
    /// | restarted | both synced | 0 … idle | yes |
    /// | restarted | any other | unknown | no |
    package static func mayCredit(
        last: Recorded, now: Recorded, idleMs: Int64
    ) -> Bool {
        if last.boot == now.boot {
            return (0...idleMs).contains(now.moment.up.ms(since: last.moment.up))
        }
        guard last.moment.clock == .synced, now.moment.clock == .synced else { return false }
        let away =
            now.moment.at.millisecondsSince1970 - last.moment.at.millisecondsSince1970
        return (0...idleMs).contains(away)
    }
}
