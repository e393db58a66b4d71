import HubCore

/// The exit codes of sysexits(3) that the hub uses.
enum Sysexit: Int32 {
    case usage = 64
    case data = 65
    case noInput = 66
    case unavailable = 69
    case cantCreate = 73
    case io = 74
    case tryAgain = 75
    case configuration = 78
}

/// Why a verb failed, for a person, and its exit code.
struct Failure: Error {
    let code: Sysexit
    let message: String

    init(_ code: Sysexit, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Returns `nil` for errors that the argument parser words itself.
    init?(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let fault as HubFault: self.init(Self.code(of: fault), fault.description)
        default: return nil
        }
    }

    private static func code(of fault: HubFault) -> Sysexit {
        switch fault {
        case .unknownDevice, .deviceExists, .bulletin, .corrupt: .data
        case .unopened: .cantCreate
        case .busy: .tryAgain
        case .storage: .io
        }
    }
}
