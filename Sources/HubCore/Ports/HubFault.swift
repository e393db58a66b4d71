package import BinCore

/// Why the hub can't do what was asked of it.
package enum HubFault: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownDevice(DeviceID)
    case deviceExists(DeviceID)
    /// A bulletin's body isn't what its kind demands.
    case bulletin(String)
    /// The database can't be opened or made.
    case unopened(path: String, problem: String)
    /// Another process holds the database for too long.
    case busy
    /// Something stored isn't what was stored there.
    case corrupt(String)
    case storage(String)

    package var description: String {
        switch self {
        case .unknownDevice(let device):
            "no device `\(device)` is known; `steelyard-hub device list` shows those that are"
        case .deviceExists(let device): "the device `\(device)` exists already"
        case .bulletin(let problem): problem
        case .unopened(let path, let problem): "the database \(path) can't be opened: \(problem)"
        case .busy: "another process holds the database; try again"
        case .corrupt(let what): "the database is damaged: \(what); run `steelyard-hub verify`"
        case .storage(let problem): "the database refused: \(problem)"
        }
    }
}
