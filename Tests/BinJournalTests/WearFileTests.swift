import BinCore
import BinJournal
import Foundation
import Testing

@Suite struct WearFileTests {
    private let folder: String
    private let pet: Name
    private let now = BootInstant(milliseconds: 7_200_000)

    init() throws {
        self.folder =
            FileManager.default.temporaryDirectory.appending(path: "wear-\(UUID().uuidString)").path
        self.pet = try #require(Name("pet"))
    }

    private func file(_ boot: String) throws -> WearFile {
        WearFile(in: try StorageDirectory(path: self.folder), bootID: boot)
    }

    @Test func aMemoryThatWasNeverWrittenToIsFree() throws {
        #expect(try self.file("a").lastWorn(self.pet) == nil)
    }

    @Test func aRestartForgetsNothing() throws {
        try self.file("a").willWear(self.pet, at: self.now)
        let film = try #require(Name("film"))
        let again = try self.file("a")
        #expect(again.lastWorn(self.pet) == self.now)
        #expect(again.lastWorn(film) == nil)
        try again.willWear(film, at: self.now)
        #expect(try self.file("a").lastWorn(self.pet) == self.now)
        let path = "\(self.folder)/transmitters.json"
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    /// Nobody knows how long the machine was off.
    @Test func afterAPowerCutThePauseCountsFromTheStart() throws {
        try self.file("a").willWear(self.pet, at: self.now)
        #expect(try self.file("b").lastWorn(self.pet) == BootInstant(milliseconds: 0))
    }

    @Test("A damaged file frees nothing", arguments: ["", "{", "[]", #"{"pet":{"boot":"a"}}"#])
    func damaged(text: String) throws {
        _ = try StorageDirectory(path: self.folder)
        let path = URL(fileURLWithPath: "\(self.folder)/transmitters.json")
        try Data(text.utf8).write(to: path)
        let file = try self.file("a")
        #expect(file.lastWorn(self.pet) == BootInstant(milliseconds: 0))
        try file.willWear(self.pet, at: self.now)
        #expect(try self.file("a").lastWorn(self.pet) == self.now)
    }

    @Test func whatCannotBeRememberedIsRefused() throws {
        let file = try self.file("a")
        try FileManager.default.removeItem(atPath: self.folder)
        #expect(throws: CommandRefusal.self) { try file.willWear(self.pet, at: self.now) }
        #expect(file.lastWorn(self.pet) == nil)
    }
}
