import Testing

/// Every rule can fail, and doesn't where it shouldn't.
struct RulesTests {
    private static let core = "Sources/BinCore/Units/Mass.swift"
    private static let hardware = "Sources/BinHardware/Bus.swift"

    private func lines(_ rule: Rule, _ text: String, path: String = Self.core) -> [Int] {
        rule.findings(in: SourceFile(path: path, text: text)).map(\.line)
    }

    @Test(
        "imports",
        arguments: [
            ("BinCore", "import Foundation", false), ("BinCore", "import Synchronization", false),
            ("Records", "import Crypto", true), ("Records", "package import BinCore", true),
            ("Records", "import Foundation", false), ("HubCore", "import Logging", false),
            ("BinSync", "import HTTPDoor", true), ("BinSync", "import BinJournal", false),
            ("BinSync", "package import BinControl", false), ("BinJournal", "import GRDB", true),
            ("HubAPI", "import GRDB", false), ("BinControl", "@preconcurrency import GRDB", false),
            ("BinDisplay", "import struct BinJournal.Journal", false),
            ("steelyardd", "import BinJournal", true), ("steelyardctl", "import GRDB", false),
            ("BinSync", "// import BinJournal", true), ("BinSync", "let text = \"import X\"", true),
            ("NewTarget", "let x = 1", false), ("BinHardware", "    import Glibc", true),
        ])
    func imports(target: String, text: String, isAllowed: Bool) {
        let found = self.lines(.imports, text, path: "Sources/\(target)/File.swift")
        #expect(found == (isAllowed ? [] : [1]))
    }

    @Test(
        "lines of code that break a rule",
        arguments: [
            (.packageNotPublic, "public struct A {}"), (.packageNotPublic, "    public let a = 1"),
            (.packageNotPublic, "public import Foundation"), (.packageNotPublic, "open class A {}"),
            (.noForcedTry, "let a = try! b()"), (.noForcedUnwrap, "let a = b!"),
            (.noForcedUnwrap, "a![0]"), (.noForcedUnwrap, "a().b()!.c"),
            (.noForcedUnwrap, "let a = b as! C"), (.noForcedUnwrap, "var a: String!"),
            (.noForcedUnwrap, "a[0]!"), (.noForcedUnwrap, "URL(string: \"x\")!"),
            (.noFatalError, "fatalError(\"no\")"), (.noFatalError, "default: fatalError ()"),
            (.silentTry, "let a = try? b()"), (.integersInTheCore, "let a: Double = 1"),
            (.integersInTheCore, "Float(a)"), (.integersInTheCore, "let a = 0.5"),
            (.integersInTheCore, "let a = [1_000.25]"), (.integersInTheCore, "1.5"),
            (.integersInTheCore, "a(-2.0)"), (.integersInTheCore, "let a = 1e3"),
            (.integersInTheCore, "let a = b*2E-3"), (.integersInTheCore, "let a = 0x1p-3"),
            (.integersInTheCore, "let a = 0x1.8p2"),
            (.uncheckedSendable, "final class A: @unchecked Sendable {}"),
            (.uncheckedSendable, "nonisolated(unsafe) var a = 1"),
            (.noOpenEnds, "// TO" + "DO: later"), (.noOpenEnds, "a() /* FIX" + "ME */"),
            (.noHostPaths, "let a = \"/ro" + "ot/a\""), (.noHostPaths, "// see /ho" + "me/pi/a"),
            (.lineLength, "let a = 1 // " + String(repeating: "x", count: 88)),
        ] as [(Rule, String)])
    func breaks(rule: Rule, text: String) {
        #expect(self.lines(rule, "let fine = 1\n" + text + "\nlet fine = 2\n") == [2])
    }

    @Test(
        "lines of code that keep it",
        arguments: [
            (.packageNotPublic, "package struct A {}"), (.packageNotPublic, "// public by law"),
            (.packageNotPublic, "key.publicKey"), (.packageNotPublic, "let a = \"public let\""),
            (.packageNotPublic, "case open(Order)"),
            (.packageNotPublic, "guard open else { return }"),
            (.packageNotPublic, "if order.open { a() }"),
            (.noForcedTry, "// never try!"), (.noForcedTry, "let a = \"try!\""),
            (.noForcedUnwrap, "if !a, b != c, d !== e, f!=g { }"),
            (.noForcedUnwrap, "let a = \"Hello!\""), (.noForcedUnwrap, "// wow!"),
            (.noForcedUnwrap, "(!a)"), (.noForcedUnwrap, "a(\"\\\"b!\")"),
            (.noFatalError, "let fatalErrors = 1"), (.silentTry, "let a = try b()"),
            (.silentTry, "let a = try? b()  // it is gone either way"),
            (.silentTry, "// It is gone either way.\nlet a = try? b()"),
            (.integersInTheCore, "let a = \"0.5 g\"  // 0.5 g"),
            (.integersInTheCore, "/// By 0.5 d, 1e3 times."),
            (.integersInTheCore, "for a in 0...5 where a < 1_000 {}"),
            (.integersInTheCore, "a[1..<5]"), (.integersInTheCore, "$0.1 + a.0.1 + b.0"),
            (.integersInTheCore, "let a = 0x1e3, b = 0xE2, c = 0x1F"),
            (.integersInTheCore, "let a1e3 = b2.c"), (.integersInTheCore, "1.magnitude"),
            (.integersInTheCore, "case float32"), (.integersInTheCore, "/// A Double isn't used."),
            (.noOpenEnds, "let mastodon = 1"), (.noHostPaths, "let a = \"/var/lib/steelyard/a\""),
            (.noHostPaths, "Sources/home/a"),
            (.lineLength, "let a = 1 // " + String(repeating: "x", count: 87)),
        ] as [(Rule, String)])
    func keeps(rule: Rule, text: String) {
        #expect(self.lines(rule, "let fine = 1\n" + text + "\n").isEmpty)
    }

    @Test func uncheckedNeedsItsReasonAndItsPlace() {
        let reasoned = """
            // @unchecked: guarded by `lock`; the library's rule is one thread at a time.
            final class A: @unchecked Sendable {}
            """
        let bare = "/// A bus.\nfinal class A: @unchecked Sendable {}"
        #expect(self.lines(.uncheckedSendable, reasoned, path: Self.hardware) == [])
        #expect(self.lines(.uncheckedSendable, bare, path: Self.hardware) == [2])
        #expect(self.lines(.uncheckedSendable, reasoned, path: Self.core) == [2])
        let apart = reasoned.replacing("time.\n", with: "time.\n\nlet a = 1\n")
        #expect(self.lines(.uncheckedSendable, apart, path: Self.hardware) == [4])
        let local = "// unsafe: only the child task uses it.\nnonisolated(unsafe) let a = b"
        #expect(self.lines(.uncheckedSendable, local) == [])
    }

    @Test func theFilterMayUseFloatsAndTestsMayUnwrap() {
        let filter = "Sources/BinCore/Layout/ScaleRegisters+Decoding.swift"
        #expect(self.lines(.integersInTheCore, "Double(a)", path: filter) == [])
        #expect(self.lines(.integersInTheCore, "0.5", path: filter) == [])
        #expect(self.lines(.integersInTheCore, "Double(a)", path: Self.hardware) == [])
        for target in ["Records", "HubCore"] {
            let path = "Sources/\(target)/A.swift"
            #expect(self.lines(.integersInTheCore, "let a = 0.5", path: path) == [1])
        }
        #expect(self.lines(.noForcedUnwrap, "a!", path: "Tests/BinCoreTests/A.swift") == [])
    }

    @Test func testsUseSwiftTesting() {
        let test = "Tests/BinCoreTests/A.swift"
        #expect(self.lines(.swiftTestingOnly, "import XCTest", path: test) == [1])
        #expect(self.lines(.swiftTestingOnly, "import Testing", path: test) == [])
    }

    @Test func vectorsInTestsMayBeLongAndCodeMayNot() {
        let vector = "let a = \"" + String(repeating: "x", count: 100) + "\""
        let long = "\"\"\"\n" + String(repeating: "x", count: 101) + "\n\"\"\"\n"
        let call = "call(" + String(repeating: "x", count: 100) + ")"
        let test = "Tests/BinCoreTests/A.swift"
        #expect(self.lines(.lineLength, vector, path: test) == [])
        #expect(self.lines(.lineLength, long, path: test) == [])
        #expect(self.lines(.lineLength, vector) == [1])
        #expect(self.lines(.lineLength, call, path: test) == [1])
        #expect(self.lines(.lineLength, call, path: "README.md") == [])
    }

    @Test(
        "files have a greatest length",
        arguments: [
            ("Sources/BinCore/A.swift", 400), ("Sources/CModbus/A.c", 400),
            ("Tests/BinCoreTests/A.swift", 600),
        ])
    func fileLength(path: String, most: Int) {
        let fits = String(repeating: "let a = 1\n", count: most)
        #expect(self.lines(.fileLength, fits, path: path) == [])
        #expect(self.lines(.fileLength, fits + "let a = 1\n", path: path) == [most + 1])
    }

    @Test func longStringsAndBlockCommentsAreNoCode() {
        let text = """
            let a = \"\"\"
                b!
                \"\"\"
            /* c!
             d! */
            e!
            """
        #expect(self.lines(.noForcedUnwrap, text) == [6])
    }
}
