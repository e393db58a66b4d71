import Console
import Foundation

/// A folder of its own that is removed with its owner.
final class BenchFolder: Sendable {
    let path: String

    init(in directory: String) throws(Failure) {
        let path = "\(directory)/steelyard-bench-\(UUID().uuidString)"
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false)
        } catch {
            throw Failure(
                "no folder can be made in \(directory); give another with --directory", .cantCreate)
        }
        self.path = path
    }

    // `try?`: what can't be removed is in a folder for what is temporary.
    deinit { try? FileManager.default.removeItem(atPath: self.path) }
}
