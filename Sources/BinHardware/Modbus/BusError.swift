/// Why an exchange on a bus gave nothing, and what follows from it.
struct BusError: Error, Hashable, Sendable {
    enum Cause: Hashable, Sendable {
        /// Nothing came within the timeout.
        case noReply
        /// Something came, but after the timeout.
        case lateReply
        /// A frame with a wrong checksum, length, function or sender, or one that broke off.
        case badFrame(Defect)
        /// The device refused with this exception code, 1 to 11.
        case exception(Int)
        /// The reply is in order, but its registers are no mass and no card number.
        case badValue
        /// Registers that take several requests changed between them each time.
        case inconsistent
        /// The device answers, but what moves in a converter that works stands still.
        case frozen
        /// A reader's flag is still set after 0 was written to it.
        case notCleared
        /// No exchange can have the configured unit, address or count.
        case badRequest
        /// There is no such port now.
        case portMissing
        /// The port is there but can't be opened: the errno.
        case portRefused(Int32)
        /// The open port went away: the errno.
        case portLost(Int32)
    }

    enum Defect: String, Hashable, Sendable {
        case checksum = "a wrong checksum"
        case shape = "a wrong length or function"
        case exceptionNumber = "an unknown exception"
        case sender = "another unit's address"
        case brokenOff = "its end missing"
    }

    /// What the bus does next. The taxonomy is the decision, not the cause.
    enum Policy: Hashable, Sendable {
        /// The line is quiet and the device heard: go on.
        case retryNextCycle
        /// The reply may still be on its way, and libmodbus would take it for the next one if it
        /// has the same length: throw away what comes until it can't come any more.
        case waitOutReply
        /// Close the port and open it again after a while.
        case reopenPort
    }

    let cause: Cause

    init(_ cause: Cause) { self.cause = cause }

    var policy: Policy {
        switch self.cause {
        case .exception, .badValue, .inconsistent, .frozen, .notCleared, .badRequest:
            .retryNextCycle
        case .noReply, .lateReply, .badFrame: .waitOutReply
        case .portMissing, .portRefused, .portLost: .reopenPort
        }
    }

    /// Whether the device is there and talks, so that asking it again costs the others nothing.
    var wasAnswered: Bool { self.policy == .retryNextCycle }

    /// Whether the device may be refusing registers that it does not have: exceptions 2 to 4.
    var isRefusal: Bool {
        if case .exception(2...4) = self.cause { true } else { false }
    }

    /// The short code of a fault.
    var code: String {
        switch self.cause {
        case .noReply: "no-reply"
        case .lateReply: "late-reply"
        case .badFrame: "bad-frame"
        case .exception: "exception"
        case .badValue: "bad-value"
        case .inconsistent: "inconsistent"
        case .frozen: "frozen"
        case .notCleared: "not-cleared"
        case .badRequest: "bad-request"
        case .portMissing: "port-missing"
        case .portRefused: "port-refused"
        case .portLost: "port-lost"
        }
    }

    /// What is wrong and what to do, for technicians; at most 120 bytes.
    var hint: String {
        switch self.cause {
        case .noReply: "did not answer: check its power, wiring, address and baud rate"
        case .lateReply: "answers too late: raise timeout-ms of the bus"
        case .badFrame(let defect):
            "answers with \(defect.rawValue): check wiring, termination, parity and address"
        case .exception(let number):
            "answers with exception \(number): check the register map against its manual"
        case .badValue: "registers hold no valid value: check types and word order in the map"
        case .inconsistent:
            "registers change between requests: map adjacent registers if it has any"
        case .frozen:
            "answers, but its converter stands still: switch it off and on, check cell and cable"
        case .notCleared: "flag stays set: check that the register can be written"
        case .badRequest: "can't be asked like this: check address and count in the map"
        case .portMissing: "port is missing: plug the adapter in, or correct its path"
        case .portRefused(let errno):
            "port can't be opened (errno \(errno)): check its permissions and who else uses it"
        case .portLost(let errno):
            "port went away (errno \(errno)): check the adapter and its cable"
        }
    }
}
