import Foundation
import Records
import Testing

@testable import BinJournal

/// What is written to stays open, and is always what has the name.
@Suite struct OpenFileTests {
    private let path = FileManager.default.temporaryDirectory
        .appending(path: "open-file-\(UUID().uuidString)").path
    private let files = PrivateFile()

    private func text() throws -> String {
        String(decoding: try self.files.read(self.path, limit: 100) ?? [], as: UTF8.self)
    }

    @Test func writesGoToTheFileThatHasTheNameNow() throws {
        // `try?`: what can't be removed from the temporary folder is the system's to clean up.
        defer { try? self.files.unlink(self.path) }
        let writer = self.files.writer(of: self.path)
        #expect(throws: JournalError.self) { try writer.write([0x61], at: 0) }
        try self.files.create(self.path)
        try writer.write(Array("one".utf8), at: 0)
        try writer.write(Array("two".utf8), at: 3)
        #expect(try self.text() == "onetwo")
        try self.files.replace(self.path, with: Array("another".utf8))
        try writer.write([0x41], at: 0)
        #expect(try self.text() == "Another")
        try self.files.unlink(self.path)
        #expect(throws: JournalError.self) { try writer.write([0x61], at: 0) }
        #expect(self.files.size(self.path) == nil)
        try self.files.create(self.path)
        try writer.write([0x62], at: 0)
        #expect(try self.text() == "b")
    }
}
