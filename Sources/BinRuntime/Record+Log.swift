import BinCore
import Logging
import Records

extension Record {
    /// Logs what somebody may look for: deposits, and parts that break or come back.
    func log(to logger: Logger) {
        switch self.fact {
        case .deposit(let deposit):
            logger.notice(
                "A deposit was recorded",
                metadata: [
                    LogKey.seq: "\(self.header.seq)", LogKey.card: "\(deposit.card.masked)",
                    LogKey.compartment: "\(deposit.compartment)",
                    LogKey.massGrams: "\(deposit.mass.value)",
                    LogKey.valueMicroYuan: "\(deposit.value.value)",
                ])
        case .fault(let fault):
            logger.warning(
                "A part failed",
                metadata: [
                    LogKey.part: "\(fault.source)", LogKey.code: "\(fault.code)",
                    LogKey.problem: "\(fault.detail)",
                ])
        case .cleared(let fault):
            logger.notice("A part works again", metadata: [LogKey.part: "\(fault.source)"])
        default: break
        }
    }
}
