import Glibc

/// One pin of a simulated chip: what is wired to it pulls it up or down, or reads what a program
/// drives.
package final class SimulatedLine: Sendable {
    private let pullPath: String
    private let pull: Descriptor
    private let valuePath: String

    init(folder: String) throws(SimulatedGPIOError) {
        self.pullPath = "\(folder)/pull"
        self.valuePath = "\(folder)/value"
        self.pull = try KernelFile.open(self.pullPath, O_WRONLY)
    }

    /// Pulls the pin high or low. A program that reads it sees that as an edge; against one that
    /// drives it nothing happens until it lets go.
    ///
    /// - Throws: `.refused` if the chip has been removed.
    package func pull(high: Bool) throws(SimulatedGPIOError) {
        try KernelFile.write(high ? "pull-up" : "pull-down", to: self.pull, path: self.pullPath)
    }

    /// The level on the pin, whoever makes it.
    package func isHigh() throws(SimulatedGPIOError) -> Bool {
        try KernelFile.readNumber(self.valuePath) == 1
    }
}
