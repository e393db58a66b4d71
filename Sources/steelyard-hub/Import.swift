import ArgumentParser
import BinCore
import Console
import HubCore
import Records

struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take batches that came on a stick, and print the acknowledgements.",
        discussion: """
            The files may be given in any order. One acknowledgement is printed for each bin, for \
            `steelyardctl batch ack`.
            """)

    @Argument(help: "Files with one batch each; - is standard input.") var files: [String]
    @OptionGroup var database: DatabaseOption

    private struct Item {
        var file: String
        var bytes: [UInt8]
        var device = ""
        var first: RecordNumber = 0

        init(file: String) throws {
            self.file = file
            self.bytes = try Console.read(file)
            // `try?`: what is no batch is refused with its reason when its turn comes.
            guard let batch = try? Batch(bytes: self.bytes) else { return }
            self.device = batch.device.text
            self.first = batch.first
        }
    }

    func run() async throws {
        let store = try self.database.open()
        let items = try self.files.map { try Item(file: $0) }
            .sorted { ($0.device, $0.first) < ($1.device, $1.first) }
        var acknowledgements: [DeviceID: Acknowledgement] = [:]
        var refused = 0
        for item in items {
            switch try await store.ingest(item.bytes, from: nil, at: .now) {
            case .acknowledged(let acknowledgement, new: _):
                acknowledgements[acknowledgement.device] = acknowledgement
            case .refused(let refusal):
                refused += 1
                Console.say("steelyard-hub: \(item.file): \(refusal.code): \(refusal)")
            }
        }
        for (_, acknowledgement) in acknowledgements.sorted(by: { $0.key < $1.key }) {
            try Console.write(acknowledgement.bytes + [0x0A], to: nil)
        }
        guard refused == 0 else {
            throw Failure("\(refused) of \(items.count) batches were refused", .badData)
        }
    }
}
