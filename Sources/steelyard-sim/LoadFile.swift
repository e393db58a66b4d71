import BinCore
import Console
import Foundation
import Records

/// What lies in the compartments, kept across runs: `{"steelyard":"loads","v":1,"loads":{NAME: mg}}`.
struct LoadFile {
    /// The largest file that is read: far more compartments than a bin has.
    private static let bytesMax = 65_536

    let path: String

    /// The loads by compartment; none if the file isn't there yet.
    func read() throws(Failure) -> [Name: Milligrams] {
        guard FileManager.default.fileExists(atPath: self.path) else { return [:] }
        guard let data = FileManager.default.contents(atPath: self.path) else {
            throw Failure("state \(self.path) can't be read; check its permissions", .noInput)
        }
        // `try?`: whatever is wrong with the file, the remedy is the same.
        let object = data.count <= Self.bytesMax ? try? JSONParser.object(Array(data)) : nil
        guard let object, object["steelyard"] == "loads", object["v"] == 1,
            let members = object["loads"]?.object?.members
        else { throw self.malformed }
        var loads: [Name: Milligrams] = [:]
        for member in members {
            guard let name = Name(member.key), let mass = member.value.integer, mass >= 0 else {
                throw self.malformed
            }
            loads[name] = Milligrams(mass)
        }
        return loads
    }

    /// Replaces the file in one step.
    func write(_ loads: [Name: Milligrams]) throws(Failure) {
        let members = loads.sorted { $0.key < $1.key }.map {
            ($0.key.text, JSONValue.integer($0.value.value))
        }
        let text = JSONValue.object(
            JSONObject([
                ("steelyard", "loads"), ("v", 1), ("loads", .object(JSONObject(members))),
            ]))
        do {
            try Data(text.bytes + [0x0A]).write(to: URL(filePath: self.path), options: .atomic)
        } catch {
            throw Failure(
                "state \(self.path) can't be written: \(error.localizedDescription)", .cantCreate)
        }
    }

    private var malformed: Failure {
        Failure("state \(self.path) was not written by steelyard-sim; remove it", .badData)
    }
}
