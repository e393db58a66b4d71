import Console
import HubCore

extension Failure {
    /// What the store refuses, with the exit code that a script tells it by.
    init(_ fault: HubFault) {
        let status: ExitStatus
        switch fault {
        case .unknownDevice, .deviceExists, .bulletin, .corrupt: status = .badData
        case .unopened: status = .cantCreate
        case .busy: status = .tryAgain
        case .storage: status = .unavailable
        }
        self.init(fault.description, status)
    }
}
