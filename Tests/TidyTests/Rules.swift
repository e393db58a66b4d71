import Testing

/// One place that breaks a rule: where it is, and what to do.
struct Finding: CustomStringConvertible {
    var path: String
    /// Counted from 1.
    var line: Int
    var advice: String

    var description: String { "\(self.path):\(self.line): \(self.advice)" }
}

/// A rule of the house that can be seen in one file.
struct Rule: Sendable, CustomTestStringConvertible {
    var name: String
    /// The lines that break it (index from 0), each with what to do.
    var check: @Sendable (SourceFile) -> [(Int, String)]

    var testDescription: String { self.name }

    func findings(in file: SourceFile) -> [Finding] {
        self.check(file).map { Finding(path: file.path, line: $0.0 + 1, advice: $0.1) }
    }

    /// A rule about single lines of code, in files that mention one of `tokens`.
    private static func code(
        _ name: String, _ advice: String, in applies: @escaping @Sendable (SourceFile) -> Bool,
        mentioning tokens: [String]? = nil,
        where breaks: @escaping @Sendable (SourceFile, Int, String) -> Bool
    ) -> Rule {
        Rule(name: name) { file in
            guard applies(file), tokens.map(file.mentions) ?? true else { return [] }
            return file.lines.indices
                .filter { breaks(file, $0, file.lines[$0].code) }
                .map { ($0, advice) }
        }
    }

    @Sendable private static func swiftSource(_ file: SourceFile) -> Bool {
        file.isSwift && file.isSource
    }

    static let all: [Rule] = [
        imports, swiftTestingOnly, packageNotPublic, noForcedTry, noForcedUnwrap, noFatalError,
        uncheckedSendable, silentTry, integersInTheCore, noOpenEnds, noHostPaths, lineLength,
        fileLength,
    ]

    static let imports = Rule(name: "imports point the right way") { file in
        guard file.isSwift, file.isSource, let target = file.target else { return [] }
        guard let row = AllowedImports.table.first(where: { $0.target == target }) else {
            return [(0, "give the target `\(target)` a row in AllowedImports.table")]
        }
        return file.lines.enumerated().compactMap { index, line in
            guard let module = AllowedImports.module(importedBy: line.code),
                !row.modules.contains(module),
                !(row.usesPlumbing && AllowedImports.plumbing.contains(module))
            else { return nil }
            return (index, "`\(target)` may not import `\(module)`: meet through a port of BinCore")
        }
    }

    static let swiftTestingOnly = code(
        "tests use Swift Testing", "write the test with Swift Testing, not XCTest",
        in: { $0.isSwift && $0.isTest }, mentioning: ["XCTest"]
    ) { _, _, code in AllowedImports.module(importedBy: code) == "XCTest" }

    static let packageNotPublic = code(
        "nothing is public", "say `package`: nobody links us as a library", in: swiftSource,
        mentioning: ["public", "open"]
    ) { _, _, code in
        code.contains(/\bpublic\b/)
            || code.contains(/^\s*open\s+(?:class|func|override|static|var)\b/)
    }

    static let noForcedTry = code(
        "no forced try", "handle the error: a forced `try` stops the bin", in: swiftSource,
        // What is looked for; no `try!` of ours.
        mentioning: ["try!"]
    ) { _, _, code in code.contains(/\btry!/) }

    static let noForcedUnwrap = code(
        "no forced unwrap", "unwrap with `guard` or `if`: a forced unwrap or cast stops the bin",
        in: swiftSource, mentioning: ["!"]
    ) { _, _, code in
        // Hardly any line has the sign, and patterns are slow. A `try!` is the rule's above.
        code.utf8.contains(UInt8(ascii: "!"))
            && code.replacing(/\btry!/, with: "").contains(/[\w)\]}>"?]!(?!=)/)
    }

    static let noFatalError = code(
        "no fatal error", "throw for the world's faults, `precondition` for our bugs",
        in: swiftSource, mentioning: ["fatalError"]
    ) { _, _, code in code.contains(/\bfatalError\s*\(/) }

    private static let mayBeUnchecked: Set<String> = ["BinHardware", "BinJournal", "Simulation"]

    static let uncheckedSendable = Rule(name: "unchecked sendability is rare and reasoned") {
        file in
        guard swiftSource(file) else { return [] }
        return file.lines.indices.compactMap { index in
            let code = file.lines[index].code
            let isType = code.contains("@unchecked")
            guard isType || code.contains("nonisolated(unsafe)") else { return nil }
            if isType, !mayBeUnchecked.contains(file.target ?? "") {
                return (index, "use a `Mutex` or an actor: only C resources may be unchecked")
            }
            guard file.commentAbove(index).contains(/unchecked|unsafe/) else {
                return (index, "say right above: `// @unchecked: guarded by …; its rule is …`")
            }
            return nil
        }
    }

    static let silentTry = code(
        "a dropped error has its reason", "say on this line or the one above why `try?` may forget",
        in: swiftSource, mentioning: ["try?"]
    ) { file, index, code in code.contains(/\btry\?/) && !file.hasComment(at: index) }

    static let integersInTheCore = code(
        "integers in the core", "use whole grams, µCNY, milligrams: floats are for filters only",
        in: { file in
            ["BinCore", "Records", "HubCore"].contains { file.path.hasPrefix("Sources/\($0)/") }
                && !file.path.hasSuffix("/ScaleRegisters+Decoding.swift")
        }
    ) { _, _, code in
        code.contains(/\b(?:Float|Double|Float16|Float32|Float64|CGFloat)\b/)
            || hasFloatLiteral(code)
    }

    /// Whether a line has `0.5`, `1e3` or `0x1p-3`: of such a literal Swift makes a `Double`
    /// without being told. Not the second of `pair.0.1`, and not the `e3` of `0x1e3`.
    private static func hasFloatLiteral(_ code: String) -> Bool {
        guard code.utf8.contains(where: { (0x30...0x39).contains($0) }) else { return false }
        let decimal = /(?:^|[^\w.$])\d[\d_]*(?:\.\d|[eE][+\-]?\d)/
        let hexadecimal = /\b0x[0-9A-Fa-f_]+(?:\.[0-9A-Fa-f_]+)?[pP][+\-]?\d/
        return code.contains(decimal) || code.contains(hexadecimal)
    }

    static let noOpenEnds = Rule(name: "no open ends") { file in
        guard file.mentions(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) else { return [] }
        return file.lines.indices
            .filter { file.lines[$0].comment.contains(/\b(?:TO[D]O|FIX[M]E|XX[X])\b/) }
            .map { ($0, "do it now, or open an issue and take the note out") }
    }

    static let noHostPaths = Rule(name: "no paths of one machine") { file in
        let path = /\/(?:root|work|Users|home\/\w+|mnt)\//
        let hosts = ["root", "work", "Users", "home", "mnt"].map { "/\($0)/" }
        guard file.mentions(hosts) else { return [] }
        return file.lines.indices
            .filter { file.lines[$0].text.contains(path) }
            .map { ($0, "take the path from a flag, `#filePath` or the script's own place") }
    }

    /// Long strings in tests stay whole: vectors are easier to compare so.
    static let lineLength = Rule(name: "lines of 100 columns") { file in
        guard file.isCode else { return [] }
        return file.lines.enumerated().compactMap { index, line in
            let columns = file.isTest ? line.code.count + line.comment.count : line.text.count
            return columns > 100 ? (index, "\(columns) columns: break the line at 100") : nil
        }
    }

    static let fileLength = Rule(name: "files of one purpose") { file in
        let most = file.isTest ? 600 : 400
        guard file.isCode, file.lines.count > most else { return [] }
        return [(most, "\(file.lines.count) lines, at most \(most): split it by reason to change")]
    }
}
