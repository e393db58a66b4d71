import CrashKit
import Testing

/// A medium that refuses an operation, or all of them from one on, and heals.
@Suite struct RefusalTests {
    /// More than there are of any kind in a morning.
    private static let most = 400

    @Test(
        "nothing is shown that isn't stored, nothing stored is lost, and the bin goes on",
        arguments: [.writes, .syncs, .sizes, .names, .reads] as [CrashDisk.Refused],
        [false, true])
    func survives(kind: CrashDisk.Refused, isForGood: Bool) async throws {
        let refusals = Refusals(at: try Site(try Scene()))
        var (trials, outages) = (0, 0)
        // Each of the first ones, then fewer.
        var nth = 1
        while nth < Self.most {
            for isFull in kind == .writes ? [false, true] : [false] {
                let outcome = try await refusals.play(
                    Refusals.Fault(kind, nth: nth, isFull: isFull, isForGood: isForGood))
                guard outcome.refused > 0 else {
                    nth = Self.most
                    break
                }
                trials += 1
                outages += outcome.outages > 0 ? 1 : 0
                // What isn't for good may be made up for, as in a checkpoint.
                let mustSay = isForGood && [.writes, .syncs].contains(kind) && nth < 100
                #expect(outcome.outages > 0 || !mustSay, "\(kind) \(nth)")
            }
            nth += nth < 8 ? 1 : 23
        }
        print("refused \(kind)\(isForGood ? " for good" : ""): \(trials) times, \(outages) told")
        // Of the others a morning may have none: see `aCheckpointThatIsRefusedIsMadeUpFor` and
        // `startsLater`.
        #expect(trials >= 8 || ![.writes, .syncs].contains(kind))
    }

    /// The log is written back into the database when it is long enough: there too the medium may
    /// refuse, at each page and at the syncs before and after them.
    @Test func aCheckpointThatIsRefusedIsMadeUpFor() async throws {
        let refusals = Refusals(at: try Site(try Scene()))
        let (commits, places) = try await refusals.checkpoint()
        try #require(!places.isEmpty)
        for nth in [places[0], places[places.count / 2], places[places.count - 1]] {
            for isFull in [false, true] {
                let fault = Refusals.Fault(.writes, nth: nth, isFull: isFull, isForGood: false)
                let outcome = try await refusals.play(fault, after: commits)
                #expect(outcome.refused > 0)
            }
        }
    }

    /// SQLite itself says nothing of it.
    @Test func aDatabaseThatTheLogCantBeWrittenBackIntoIsTold() async throws {
        let refusals = Refusals(at: try Site(try Scene()))
        #expect(try await refusals.playWorn("journal.sqlite", commits: 400) >= 2)
    }

    /// Enough for the numbers to be reserved anew, twice.
    @Test func aMarkWhoseBlocksAreBadIsMadeElsewhere() async throws {
        let refusals = Refusals(at: try Site(try Scene()))
        #expect(try await refusals.playWorn("high-water", commits: 600) == 0)
    }

    /// A page that a medium doesn't give back.
    @Test func aReadThatFailsAtTheStartLosesNothing() async throws {
        let refusals = Refusals(at: try Site(try Scene()))
        let left = try await refusals.left()
        var failed = 0
        while try await refusals.openUnreadable(nth: failed + 1, on: left) { failed += 1 }
        #expect(failed >= 10)
    }

    @Test("a start that is refused is made up for by the next", arguments: [false, true])
    func startsLater(isForGood: Bool) async throws {
        let refusals = Refusals(at: try Site(try Scene()))
        let left = try await refusals.left()
        var refused = 0
        for kind in CrashDisk.Refused.allCases {
            for nth in 1...12 where kind != .reads {
                let fault = Refusals.Fault(
                    kind, nth: nth, isFull: nth % 2 == 0, isForGood: isForGood)
                refused += try await refusals.open(fault, on: left) ? 1 : 0
            }
        }
        #expect(refused >= 3)
    }
}
