import BinCore

/// What the parts of a configuration take for themselves and what they refer to, for the checks
/// that need the whole document.
final class Claims {
    /// Something that only one part can have.
    enum Resource: Hashable {
        case line(chip: String, line: Int)
        case address(bus: String, address: Int)
        case scale(String)
        case converter(String)
        case port(String)
        case socket(host: String, port: Int)

        var description: String {
            switch self {
            case .line(let chip, let line): "line \(line) of \(chip)"
            case .address(let bus, let address): "address \(address) on bus `\(bus)`"
            case .converter(let device): "converter `\(device)`"
            case .scale(let name): "scale `\(name)`"
            case .port(let path): "port \(path)"
            case .socket(let host, let port): "port \(port) on \(host)"
            }
        }
    }

    private struct Claim {
        let resource: Resource
        let holder: String
        let place: Place
    }

    private struct Reference {
        let what: String
        let section: String
        let name: String
        let place: Place
    }

    private var claims: [Claim] = []
    private var references: [Reference] = []

    /// `holder`, a path, takes `resource`.
    func take(_ resource: Resource, for holder: String, at place: Place) {
        self.claims.append(Claim(resource: resource, holder: holder, place: place))
    }

    /// `holder` takes a line of a chip, by offset. `/dev/gpiochip0` is the same chip as
    /// `gpiochip0`.
    func takeLine(_ line: Int, of chip: String, for holder: String, at place: Place) {
        let name = chip.hasPrefix("/dev/") ? String(chip.dropFirst(5)) : chip
        self.take(.line(chip: name, line: line), for: holder, at: place)
    }

    /// Something names a `what` that `section` must have.
    func refer(to name: Name, what: String, section: String, at place: Place) {
        self.references.append(
            Reference(what: what, section: section, name: name.text, place: place))
    }

    /// Reports what is taken twice, at the later place, and references to what is not there.
    func check(in root: Table) {
        var holders: [Resource: Claim] = [:]
        for claim in self.claims.sorted(by: { $0.place < $1.place }) {
            if let first = holders[claim.resource] {
                root.log.add(
                    "\(claim.resource.description) is already used by `\(first.holder)` on line "
                        + "\(first.place.line)", at: claim.place)
            } else {
                holders[claim.resource] = claim
            }
        }
        for reference in self.references {
            let names = root.names(in: reference.section)
            guard !names.contains(reference.name) else { continue }
            // A misspelled section is reported itself.
            if names.isEmpty, root.has(reference.section) { continue }
            let hint = Spelling.hint(for: reference.name, among: names)
            root.log.add(
                "\(reference.what) `\(reference.name)` is not in `\(reference.section)`\(hint)",
                at: reference.place)
        }
    }
}
