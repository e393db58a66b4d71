/// Why the simulator can't do something.
package struct SimulationError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// The act can't be done on this bin.
        case refused
        /// The text of an act, a script or a file can't be read.
        case malformed
        /// A port, link or file can't be made.
        case cannotCreate = "cannot-create"
    }

    package let code: Code
    /// One line: what is wrong, where, and what to do.
    package let description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
