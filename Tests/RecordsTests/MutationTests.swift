import BinCore
import Records
import Testing

/// Bytes from outside, damaged in every way that a fixed sequence thinks of: nothing crashes, and
/// what is signed is never accepted with another meaning.
struct MutationTests {
    private static let rounds = 1_500

    private static func damaged(
        _ bytes: [UInt8], by random: inout FixedSequence
    ) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let at = Int.random(in: 0..<max(1, bytes.count), using: &random)
            guard at < bytes.count else { continue }
            switch Int.random(in: 0..<7, using: &random) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes.remove(at: at)
            case 3: bytes.insert(bytes[at], at: at)
            case 4: bytes.insert(contentsOf: Array("\",{}[]:\\0-9e.\n\u{0}".utf8), at: at)
            case 5: bytes.removeSubrange(at..<min(bytes.count, at + 40))
            default:
                let from = Int.random(in: 0..<bytes.count, using: &random)
                let piece = Array(bytes[from..<min(bytes.count, from + 40)])
                bytes.insert(contentsOf: piece, at: at)
            }
        }
        return bytes
    }

    @Test func recordsNeverCrashAndStayReadable() throws {
        var random = FixedSequence(state: 1)
        var accepted = 0
        for bytes in try Vectors.lines("journal.ndjson") {
            for _ in 0..<Self.rounds {
                let damaged = Self.damaged(bytes, by: &random)
                // `try?`: most are refused, which is the point.
                guard let record = try? Record(bytes: damaged) else { continue }
                accepted += 1
                let again = try Record(bytes: record.encoded())
                if again != record { Issue.record("\(damaged.text) changed when it was written") }
            }
        }
        #expect(accepted > 0)
    }

    @Test func damagedBatchesAreNeverTakenForOthers() throws {
        var random = FixedSequence(state: 2)
        let golden = try Vectors.bytes("batch.ndjson")
        let batch = try Batch(bytes: golden)
        for _ in 0..<Self.rounds {
            let damaged = Self.damaged(golden, by: &random)
            // `try?`: refused is fine.
            if let taken = try? Batch(bytes: damaged), taken != batch {
                Issue.record("accepted: \(damaged.text)")
            }
        }
    }

    @Test func damagedAcknowledgementsAndBulletinsAreNeverTakenForOthers() throws {
        var random = FixedSequence(state: 3)
        let golden = try Vectors.bytes("acknowledgement.json")
        let acknowledgement = try Acknowledgement(bytes: golden)
        let bulletins = try Bulletin.all(in: try Vectors.bytes("bulletins.ndjson"))
        for _ in 0..<Self.rounds {
            let damaged = Self.damaged(golden, by: &random)
            // `try?`: refused is fine, here and below.
            if let taken = try? Acknowledgement(bytes: damaged), taken != acknowledgement {
                Issue.record("accepted: \(damaged.text)")
            }
            for bulletin in bulletins {
                let damaged = Self.damaged(bulletin.bytes, by: &random)
                if let taken = try? Bulletin(bytes: damaged), taken != bulletin {
                    Issue.record("accepted: \(damaged.text)")
                }
            }
        }
    }

    @Test func noiseIsRefused() {
        var random = FixedSequence(state: 4)
        for _ in 0..<Self.rounds {
            let length = Int.random(in: 0...200, using: &random)
            let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(throws: RecordError.self) { try Record(bytes: noise) }
            #expect(throws: BatchError.self) { try Batch(bytes: noise + [0x0A]) }
            #expect(throws: BulletinError.self) { try Bulletin(bytes: noise + [0x0A]) }
            #expect(throws: AcknowledgementError.self) { try Acknowledgement(bytes: noise) }
        }
    }
}
