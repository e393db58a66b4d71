package import BinCore
import Records
import Synchronization

/// The file `transmitters.json`: when the memory of each scale's transmitter was last written to,
/// by the machine's boot and its monotonic clock, so that neither a restart nor a wrong wall clock
/// shortens the pause until the next time.
package final class WearFile: WearRemembering {
    private struct Worn: Hashable, Sendable {
        var boot: String
        var up: BootInstant
    }

    /// A few dozen bytes a scale; a bus has 247 at most.
    private static let longest = 65_536
    private static let name = "transmitters.json"

    private let path: String
    private let boot: String
    /// By scale. `nil` if the file can't be read: then all were written to before this boot.
    private let worn: Mutex<[String: Worn]?>

    /// - Parameter bootID: The kernel's name for this boot.
    package init(in directory: StorageDirectory, bootID: String) {
        self.path = "\(directory.path)/\(Self.name)"
        self.boot = bootID
        do throws(JournalError) {
            let bytes = try PrivateFile().read(self.path, limit: Self.longest)
            self.worn = Mutex(bytes.map { Self.parse($0) } ?? [:])
        } catch {
            // As bad as a damaged one, and no reason for the bin not to start.
            self.worn = Mutex(nil)
        }
    }

    package func lastWorn(_ scale: Name) -> BootInstant? {
        self.worn.withLock { worn in
            guard let worn else { return BootInstant(milliseconds: 0) }
            return worn[scale.text].map {
                $0.boot == self.boot ? $0.up : BootInstant(milliseconds: 0)
            }
        }
    }

    package func willWear(_ scale: Name, at now: BootInstant) throws(CommandRefusal) {
        var all = self.worn.withLock { $0 } ?? [:]
        all[scale.text] = Worn(boot: self.boot, up: now)
        let object = JSONObject(
            all.sorted { $0.key < $1.key }.map { scale, worn in
                (scale, ["boot": .string(worn.boot), "up": .integer(worn.up.milliseconds)])
            })
        do throws(JournalError) {
            try PrivateFile().replace(self.path, with: JSONValue.object(object).bytes)
        } catch { throw .notRemembered(error.message) }
        self.worn.withLock { $0 = all }
    }

    private static func parse(_ bytes: [UInt8]) -> [String: Worn]? {
        // `try?`: what can't be parsed is damaged, which is all that counts here.
        guard let object = try? JSONParser.object(bytes) else { return nil }
        var all: [String: Worn] = [:]
        for member in object.members {
            guard let boot = member.value.object?["boot"]?.string,
                let up = member.value.object?["up"]?.integer, up >= 0
            else { return nil }
            all[member.key] = Worn(boot: boot, up: BootInstant(milliseconds: up))
        }
        return all
    }
}
