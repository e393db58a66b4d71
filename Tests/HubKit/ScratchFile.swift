import Foundation

/// A path in the system's temporary directory; what stands there goes when this does.
package final class ScratchFile: Sendable {
    private let directory: URL
    package let path: String

    package init() throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("steelyard-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        self.directory = directory
        self.path = directory.appendingPathComponent("hub.sqlite").path
    }

    deinit {
        // `try?`: what can't be removed is left to the system, and no test depends on it.
        try? FileManager.default.removeItem(at: self.directory)
    }
}
