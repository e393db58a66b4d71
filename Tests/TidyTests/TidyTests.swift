import Testing

/// The rules of the house, on the whole tree.
struct TidyTests {
    private static let tree = Result { try SourceTree.read() }

    @Test("the tree keeps the rule", arguments: Rule.all)
    func theTreeKeeps(rule: Rule) throws {
        let findings = try Self.tree.get().flatMap(rule.findings)
        for finding in findings { Issue.record("\(finding)") }
    }

    @Test func theTreeIsThere() throws {
        let paths = Set(try Self.tree.get().map(\.path))
        for path in [
            "Package.swift", "Sources/BinCore/Units/Mass.swift", "Sources/CZlib/CZlib.c",
            "Tests/TidyTests/Rules.swift", "deploy/verify-batch.py",
        ] {
            #expect(paths.contains(path), "\(path) wasn't read")
        }
    }

    @Test func everyTargetWithARowExistsOnce() {
        let targets = AllowedImports.table.map(\.target)
        #expect(Set(targets).count == targets.count)
    }
}
