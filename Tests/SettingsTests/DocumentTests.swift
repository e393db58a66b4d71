import Settings
import Testing

@Suite struct DocumentTests {
    @Test(
        "a document that is none",
        arguments: [
            ("", "1:1: is empty; see steelyard.example.yaml"),
            ("# nothing\n---\n", "1:1: is empty; see steelyard.example.yaml"),
            ("# nothing\n", "1:1: is empty; see steelyard.example.yaml"),
            ("[]", "1:1: the configuration must be a mapping, `key: value`"),
            (
                "device:\n\tid: a",
                "2:1: is not valid YAML: found character that cannot start any token; "
                    + "indent with spaces, not with tabs"
            ),
            ("a: b: c", "1:5: is not valid YAML: mapping values are not allowed in this context"),
            (
                "a: {}\n---\nb: {}\n",
                "2:1: is not valid YAML: but found another document; a "
                    + "configuration is one document"
            ),
            ("a: \u{7}", "1:4: has the control character U+7; remove it"),
            ("é: 1\nb\u{0}", "2:2: has the control character U+0; remove it"),
            ("a: *b", "1:4: is not valid YAML: found undefined alias"),
        ])
    func malformed(yaml: String, expected: String) {
        #expect(faults(of: yaml) == [expected])
    }

    @Test func reportsEveryKeyGivenTwiceAndWhatElseIsWrong() {
        let yaml = """
            device: { id: bin-1, community: baiyun, id: bin-2 }
            storage: { directory: /tmp }
            "storage": { directory: /srv, retain-days: 1 }
            storage: { directory: /mnt }
            compartments: {}
            'x': 1
            'x': 2

            """
        #expect(
            faults(of: yaml) == [
                "1:41: `id` is given twice, first on line 1",
                "3:1: `storage` is given twice, first on line 2",
                "4:1: `storage` is given twice, first on line 2",
                "5:15: `compartments` is empty; name at least one",
                "6:1: `x` is not known; known here: device, storage, trust, buses, scales, "
                    + "compartments, readers, doors, feedback, session, uplink, pull, kiosk",
                "7:1: `x` is given twice, first on line 6",
            ])
    }

    @Test(
        "gives up on the double that can't be told apart",
        arguments: [
            ("{ [a]: 1, [a]: 2 }", "1:3: a key must be one word, not a list or a mapping"),
            ("{ '': 1, '': 2 }", "1:3: `` is given twice in one mapping"),
        ])
    func oddDoubles(yaml: String, expected: String) {
        #expect(faults(of: yaml) == [expected])
    }

    @Test func refusesAnchorsAliasesTagsAndComplexKeysInPlace() {
        let yaml = """
            device: &d { id: bin-1, community: baiyun }
            storage: *d
            session: !!map { idle-seconds: !!int "30" }
            ? [a]
            : 1
            compartments: { pet: { material: !x pet, scale: pet } }

            """
        let text = faults(of: yaml)
        #expect(
            text.contains("1:9: anchors and aliases are not supported here; write the value out"))
        #expect(text.contains("3:32: tags are not supported here; write the value without it"))
        #expect(text.contains("4:3: a key must be one word, not a list or a mapping"))
        #expect(text.contains("6:34: tags are not supported here; write the value without it"))
    }

    @Test func refusesAnAliasBombBeforeItGoesOff() {
        // Ten levels of ten, as values and then as a key, which Yams would hash in full.
        var yaml = "a0: &a0 [x]\n"
        for level in 1...10 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            yaml += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let expected = ["1:5: anchors and aliases are not supported here; write the values out"]
        #expect(faults(of: yaml) == expected)
        #expect(faults(of: yaml + "? *a10\n: 1\n? *a10\n: 2\n") == expected)
    }

    @Test("bounds the depth", arguments: ["[", "{a: ", "- ", "? "])
    func depth(opening: String) {
        #expect(faults(of: String(repeating: opening, count: 20)).count >= 1)
        #expect(faults(of: String(repeating: opening, count: 60_000)).count >= 1)
        let closed =
            "device: " + String(repeating: "[", count: 900)
            + String(repeating: "]", count: 900)
        #expect(faults(of: closed).contains("1:20: is nested too deeply; nothing here needs it"))
    }

    @Test func countsColumnsInCharactersAndIgnoresAByteOrderMark() {
        let yaml = "\u{FEFF}" + Example.smallest.with("community: baiyun", "community: 白云, x: 1")
        #expect(
            faults(of: yaml).map { $0.prefix { $0 != " " } } == ["1:33:", "1:37:"])
        #expect(faults(of: "\u{FEFF}" + Example.smallest) == [])
        #expect(faults(of: Example.contract.split(separator: "\n").joined(separator: "\r\n")) == [])
    }

    @Test func namesTheFile() {
        let error = #expect(throws: SettingsFaults.self) {
            try SettingsReader.read(yaml: "a: b: c\n", named: "conf/bin.yaml")
        }
        #expect(
            error?.description
                == "conf/bin.yaml:1:5: is not valid YAML: mapping values are not allowed in this "
                + "context")
    }
}
