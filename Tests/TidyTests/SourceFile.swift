import Foundation

/// One file of the repository, line by line.
struct SourceFile {
    struct Line {
        /// The whole line.
        var text: String
        /// The line without comments, and with nothing between quotes. In files that aren't Swift
        /// or C the same as `text`.
        var code: String
        /// What the line says in a comment.
        var comment: String
    }

    /// From the repository's root, for instance `Sources/BinCore/Units/Mass.swift`.
    var path: String
    var lines: [Line]
    private var bytes: [UInt8]

    init(path: String, text: String) {
        self.path = path
        self.bytes = Array(text.utf8)
        var scanner = LineScanner()
        let texts = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let isCode = [".swift", ".c", ".h"].contains { path.hasSuffix($0) }
        self.lines = texts.map { text in
            guard isCode else { return Line(text: text, code: text, comment: text) }
            let (code, comment) = scanner.scan(text)
            return Line(text: text, code: code, comment: comment)
        }
        if self.lines.last?.text.isEmpty == true { self.lines.removeLast() }
    }

    var isSwift: Bool { self.path.hasSuffix(".swift") }
    var isSource: Bool { self.path.hasPrefix("Sources/") }
    var isTest: Bool { self.path.hasPrefix("Tests/") }
    /// Swift, or C with its header.
    var isCode: Bool { self.isSwift || self.path.hasSuffix(".c") || self.path.hasSuffix(".h") }

    /// Whether one of the tokens stands anywhere. Much faster than a pattern on each line, which
    /// then need not be looked for.
    func mentions(_ tokens: [String]) -> Bool {
        tokens.contains { token in
            let token = Array(token.utf8)
            guard let first = token.first else { return false }
            var rest = self.bytes[...]
            while let at = rest.firstIndex(of: first) {
                if rest[at...].starts(with: token) { return true }
                rest = rest[(at + 1)...]
            }
            return false
        }
    }

    /// The target that the file belongs to, by its folder.
    var target: String? {
        let parts = self.path.split(separator: "/")
        return parts.count > 2 ? String(parts[1]) : nil
    }

    /// Whether line `index` or the one before it carries a comment.
    func hasComment(at index: Int) -> Bool {
        let before = index > 0 ? self.lines[index - 1].comment : ""
        return !(self.lines[index].comment + before).trimmingCharacters(in: .whitespaces).isEmpty
    }

    /// The comment that stands directly above line `index`, all its lines together.
    func commentAbove(_ index: Int) -> String {
        var text = ""
        for line in self.lines[..<index].reversed() {
            let code = line.code.trimmingCharacters(in: .whitespaces)
            guard code.isEmpty || code.hasPrefix("@"), !line.comment.isEmpty else { break }
            text = line.comment + " " + text
        }
        return text
    }
}

/// Tells code from comments and the insides of strings. Pragmatic: what is interpolated into a
/// string counts as its inside.
struct LineScanner {
    private var blockDepth = 0
    private var isInLongString = false

    mutating func scan(_ text: String) -> (code: String, comment: String) {
        let bytes = Array(text.utf8)
        var code: [UInt8] = []
        var comment: [UInt8] = []
        var isInString = false
        var at = 0
        func stands(_ token: StaticString) -> Bool {
            let length = token.utf8CodeUnitCount
            guard at + length <= bytes.count else { return false }
            return token.withUTF8Buffer { bytes[at..<(at + length)].elementsEqual($0) }
        }
        while at < bytes.count {
            var length = 1
            if self.blockDepth > 0 {
                if stands("*/") { self.blockDepth -= 1 }
                if stands("/*") { self.blockDepth += 1 }
                comment.append(bytes[at])
            } else if self.isInLongString {
                if stands("\"\"\"") { (self.isInLongString, length) = (false, 3) }
            } else if isInString {
                if stands("\\") { length = 2 }
                if stands("\"") {
                    isInString = false
                    code.append(bytes[at])
                }
            } else if stands("//") {
                comment += bytes[at...]
                length = bytes.count - at
            } else if stands("/*") {
                self.blockDepth += 1
            } else {
                if stands("\"\"\"") {
                    (self.isInLongString, length) = (true, 3)
                } else if stands("\"") {
                    isInString = true
                }
                code.append(bytes[at])
            }
            at += length
        }
        return (String(decoding: code, as: UTF8.self), String(decoding: comment, as: UTF8.self))
    }
}

/// The files that the rules are for.
enum SourceTree {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let folders = ["Sources", "Tests", "deploy", "systemd", "udev", ".ci"]
    private static let files = ["Package.swift", "README.md"]
    private static let kinds: Set<String> = [
        "swift", "c", "h", "sh", "py", "md", "yaml", "yml", "html", "css", "js", "service", "rules",
        "conf", "",
    ]

    static func read() throws -> [SourceFile] {
        var paths = Self.files
        for folder in Self.folders {
            let place = Self.root.appending(path: folder)
            guard let walk = FileManager.default.enumerator(atPath: place.path()) else { continue }
            for case let path as String in walk {
                let isKnown = Self.kinds.contains((path as NSString).pathExtension)
                if isKnown, !path.contains("__pycache__") { paths.append("\(folder)/\(path)") }
            }
        }
        return try paths.sorted().compactMap { path in
            let place = Self.root.appending(path: path)
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(
                atPath: place.path(), isDirectory: &isFolder)
            guard exists, !isFolder.boolValue else { return nil }
            return SourceFile(path: path, text: try String(contentsOf: place, encoding: .utf8))
        }
    }
}
