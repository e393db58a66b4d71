import Foundation
import Settings
import Testing

@Suite struct ShippedExampleTests {
    /// `deploy/install.sh` puts this file on a bin as its first configuration.
    @Test func theExampleThatIsInstalledHasNoFault() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let path = root.appendingPathComponent("deploy/steelyard.example.yaml").path
        #expect(throws: Never.self) { try SettingsReader.read(path: path) }
        let uplink = "# uplink:"
        let yaml = try String(contentsOfFile: path, encoding: .utf8)
        #expect(yaml.contains(uplink))
        #expect(faults(of: yaml.with(uplink, "uplink:")) == [])
    }
}
