import BinCore
import BinJournal
import CBareLimits
import Console
import Measuring
import Records

/// A durable deposit in the journal against a bare insert of the same bytes with SQLite's C
/// library: the same table, page size, incremental vacuum, write-ahead log and FULL sync.
///
/// Ours includes what a deposit takes to be a record: its JSON, its link in the chain, its part in
/// the daemon's memory, the look at what lies in the journal's place, and the note in `high-water`.
/// Both run on one thread, as the bin's loop does.
struct CommitBenchmark: Benchmark {
    let name = "commit"
    let summary = "a durable deposit, beside a bare sqlite3 insert of the same bytes"

    /// Where the databases are made.
    let directory: String
    private static let warmUpOrders = 20
    private static let timedOrders = 400
    private static let countedOrders = 400

    init(directory: String) { self.directory = directory }

    func run() async throws -> Comparison {
        let times = try self.timed()
        // Counting can't be undone, so that it comes last.
        guard limits_count_writes() >= 0 else {
            throw Failure("SQLite's writes can't be counted", .internalError)
        }
        let ours = try await self.countedOurs()
        let limit = try self.countedLimit(ours.entries, pageBytes: ours.pageBytes)
        let synced = try await self.countedOurs(isAcknowledged: true)
        return Comparison(
            name: self.name, unit: "us per deposit",
            ours: Samples(times.ours, better: .lower), limit: Samples(times.limit, better: .lower),
            figures: Self.figures(ours.usage, limit, acknowledged: synced.usage),
            conditions: [
                Comparison.Condition("directory", self.directory),
                Comparison.Condition("page-bytes", String(ours.pageBytes)),
            ])
    }

    /// Every other order the bare insert comes first.
    private func timed() throws -> (ours: [Double], limit: [Double]) {
        let folder = try BenchFolder(in: self.directory)
        let ours = try OurJournal(in: "\(folder.path)/ours")
        let limit = try BareJournal(
            at: "\(folder.path)/limit.sqlite", pageBytes: try ours.pageBytes())
        var visits = try Visits()
        var times: (ours: [Double], limit: [Double]) = ([], [])
        var writer = EntryWriter()
        for order in 0..<(Self.warmUpOrders + Self.timedOrders) {
            for fact in visits.next(opening: writer.next) {
                let entry = try writer.entry(for: fact)
                var (oursNs, limitNs): (Int64, Int64)
                if order.isMultiple(of: 2) {
                    oursNs = try ours.append(fact)
                    limitNs = try limit.insert(entry)
                } else {
                    limitNs = try limit.insert(entry)
                    oursNs = try ours.append(fact)
                }
                guard case .deposit = fact, order >= Self.warmUpOrders else { continue }
                times.ours.append(Double(oursNs) / 1000)
                times.limit.append(Double(limitNs) / 1000)
            }
        }
        return times
    }

    /// What whole orders cost from an empty database to a closed one, whose log is written back.
    ///
    /// - Parameter isAcknowledged: The hub acknowledges each order by itself.
    private func countedOurs(
        isAcknowledged: Bool = false
    ) async throws -> (usage: Usage, entries: [Entry], pageBytes: Int32) {
        let folder = try BenchFolder(in: self.directory)
        var visits = try Visits()
        var writer = EntryWriter()
        var (facts, entries): ([Fact], [Entry]) = ([], [])
        for _ in 0..<Self.countedOrders {
            for fact in visits.next(opening: writer.next) {
                facts.append(fact)
                entries.append(try writer.entry(for: fact))
            }
        }
        var journal: OurJournal? = try OurJournal(in: folder.path)
        let pageBytes = try journal?.pageBytes() ?? 0
        let before = Usage.now()
        for fact in facts {
            _ = try journal?.append(fact)
            guard case .order = fact else { continue }
            if isAcknowledged { try await journal?.acknowledge() }
            try await journal?.lookAfter()
        }
        // Gone is closed.
        journal = nil
        return (Usage.now() - before, entries, pageBytes)
    }

    private func countedLimit(_ entries: [Entry], pageBytes: Int32) throws -> Usage {
        let folder = try BenchFolder(in: self.directory)
        var journal: BareJournal? = try BareJournal(
            at: "\(folder.path)/limit.sqlite", pageBytes: pageBytes)
        let before = Usage.now()
        for entry in entries { _ = try journal?.insert(entry) }
        journal = nil
        return Usage.now() - before
    }

    private static func figures(
        _ ours: Usage, _ limit: Usage, acknowledged: Usage
    ) -> [Comparison.Figure] {
        let orders = Double(Self.countedOrders)
        let commits = orders * Double(Visits.commitsPerOrder)
        func figure(_ key: String, per count: Double, _ part: (Usage) -> Int64?)
            -> Comparison.Figure
        {
            Comparison.Figure(
                key, ours: part(ours).map { Double($0) / count },
                limit: part(limit).map { Double($0) / count })
        }
        return [
            figure("bytes-per-order", per: orders) { $0.bytes },
            Comparison.Figure(
                "bytes-per-acknowledged-order", ours: Double(acknowledged.bytes) / orders,
                limit: nil),
            figure("device-bytes-per-order", per: orders) { $0.deviceBytes },
            figure("syncs-per-1000-commits", per: commits / 1000) { $0.syncs },
            figure("cpu-us-per-commit", per: commits * 1000) { $0.cpuNs },
        ]
    }
}
