import Foundation
import Records
import Testing

extension SystemTests {
    /// `steelyard-sim verify-instrument` as a script uses it.
    @Suite struct VerifyInstrumentTests {
        @Test func exitsWith1IfALimitIsNotKept() async throws {
            try await Rig.run { rig in
                let kept = try await rig.bin.run(
                    "steelyard-sim", ["verify-instrument", "--seeds", "1", "--json"])
                try #require(kept.code == 0)
                let rows = try kept.output.split(separator: "\n").map {
                    try JSONParser.object(Array($0.utf8))
                }
                try #require(rows.count == 4 * 12)
                try #require(rows.allSatisfy { $0["broken"]?.integer == 0 })
                // No instrument weighs without any error at all.
                let strict = try await rig.bin.run(
                    "steelyard-sim", ["verify-instrument", "--seeds", "1", "--margin", "100"])
                try #require(strict.code == 1)
                try #require(strict.output.contains("BROKEN, seed 1"))
                try #require(strict.output.contains("A limit is NOT kept by a margin of 100 %."))
            }
        }

        /// The README's table, as the README has it: its head, rule and rows of six columns.
        @Test func printsTheTableOfTheReadme() async throws {
            try await Rig.run { rig in
                let printed = try await rig.bin.run(
                    "steelyard-sim", ["verify-instrument", "--seeds", "1", "--markdown"])
                let rows = printed.output.split(separator: "\n").filter { $0.hasPrefix("|") }
                try #require(rows.count == 2 + 12)
                let path = URL(fileURLWithPath: "\(Bin.source)/README.md")
                let readme = try String(contentsOf: path, encoding: .utf8)
                for row in rows.prefix(2) { try #require(readme.contains(row)) }
                for row in rows.dropFirst(2) {
                    let title = row.split(separator: "|")[0]
                    try #require(readme.contains("|\(title)|"), "\(title)")
                }
            }
        }
    }
}
