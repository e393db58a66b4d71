import BinCore
import Foundation
import Settings
import Testing

@Suite struct FileTests {
    private func fault(path: String) -> String? {
        do {
            _ = try SettingsReader.read(path: path)
            return nil
        } catch {
            return error.description
        }
    }

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("steelyard-settings-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(atPath: path) } catch { Issue.record(error) }
        }
        try body(path)
    }

    @Test func readsAFile() throws {
        try self.withDirectory { directory in
            let path = directory + "/bin.yaml"
            let yaml = Example.smallest.with("/var/lib/steelyard", "state")
            try Data(yaml.utf8).write(to: URL(fileURLWithPath: path))
            let checked = try SettingsReader.read(path: path)
            #expect(checked.bytes == Array(yaml.utf8))
            #expect(checked.settings.storage.directory == directory + "/state")
        }
    }

    @Test func refusesWhatIsNotAFile() throws {
        try self.withDirectory { directory in
            #expect(
                self.fault(path: directory)
                    == "\(directory):1:1: is a directory; name the file in it")
            let missing = directory + "/missing.yaml"
            #expect(
                self.fault(path: missing)
                    == "\(missing):1:1: can't be opened: No such file or directory")
            let pipe = directory + "/pipe"
            #expect(mkfifo(pipe, 0o600) == 0)
            #expect(self.fault(path: pipe) == "\(pipe):1:1: is not a regular file")
        }
    }

    @Test func boundsTheSize() throws {
        try self.withDirectory { directory in
            let path = directory + "/large.yaml"
            let most = SettingsReader.largestFileBytes
            let padding = String(repeating: "#", count: most - Example.smallest.utf8.count)
            let url = URL(fileURLWithPath: path)
            try Data((Example.smallest + padding).utf8).write(to: url)
            #expect(self.fault(path: path) == nil)
            try Data((Example.smallest + padding + "#").utf8).write(to: url)
            let expected = "1:1: is larger than 256 KiB; this can't be a configuration"
            #expect(self.fault(path: path) == "\(path):\(expected)")
            #expect(faults(of: Example.smallest + padding + "#") == [expected])
        }
    }

    @Test func refusesWhatIsNotUTF8() {
        #expect(
            faults(ofBytes: Array(Example.smallest.utf8) + [0xC3, 0x28])
                == ["1:1: is not UTF-8 text; save it as UTF-8"])
    }
}
