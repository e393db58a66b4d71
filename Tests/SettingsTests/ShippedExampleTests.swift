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
        var all = yaml
        let optional = [
            "# lock:", "#   { chip: pinctrl-rp1, line: 17", "# counter:",
            "#   { chip: pinctrl-rp1, line: 16", "# lid:", "#   { chip: pinctrl-rp1, line: 20",
            "# temperature: { function", "# linearity:", "# temperature: { reference",
            "# fill:", "#   { driver: ultrasonic", "# doors:", "# feedback:",
        ]
        for comment in optional {
            #expect(all.contains(comment))
            all = all.with(comment, String(comment.dropFirst(2)))
        }
        #expect(faults(of: all) == [])
    }
}
