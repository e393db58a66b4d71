import ArgumentParser
import BinCore
import Console
import HubCore
import Records

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Recompute everything from the raw records.",
        discussion: """
            Chains, signatures, the three laws, entries, balances and bulletins. Exits with 65 and \
            the first thing that is wrong.
            """)

    @OptionGroup var database: DatabaseOption
    @OptionGroup var output: OutputOption

    func run() async throws {
        let report = try await self.database.open().audit()
        if self.output.json {
            try Console.print(report.json)
        } else if report.finding == nil {
            try Console.print(
                "\(report.devices) devices, \(report.batches) batches, \(report.records) records, "
                    + "\(report.orders) orders, \(report.bulletins) bulletins: all agree")
        }
        for (device, at) in report.forks.sorted(by: { $0.key < $1.key }) {
            Console.say(
                "steelyard-hub: ALARM: \(device) showed two records \(at) and is quarantined")
        }
        if let finding = report.finding {
            throw Failure("\(finding)", .badData)
        }
    }
}

extension AuditReport {
    fileprivate var json: JSONValue {
        let finding: JSONValue? = self.finding.map { finding in
            [
                "device": finding.device.map { .string($0.text) } ?? .null,
                "seq": finding.seq.map { .integer($0) } ?? .null,
                "problem": .string(finding.problem),
            ]
        }
        return [
            "ok": .bool(self.finding == nil), "devices": .integer(self.devices),
            "batches": .integer(self.batches), "records": .integer(self.records),
            "orders": .integer(self.orders), "bulletins": .integer(self.bulletins),
            "forks": .object(
                JSONObject(
                    self.forks.sorted { $0.key < $1.key }
                        .map { ($0.key.text, .integer($0.value)) })),
            "finding": finding ?? .null,
        ]
    }
}
