/// Why simulated GPIO can't do something.
package enum SimulatedGPIOError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kernel has no `gpio-sim` driver, or configfs isn't mounted.
    case notOffered
    /// A chip can't have this label or number of lines.
    case malformedChip(label: String, lines: Int)
    /// The chip has no line with this number.
    case noSuchLine(Int, chip: String)
    /// The kernel is without our converters: it is not the one that `deploy/rig` builds.
    case noConverters
    /// The kernel gave a chip another number than the configuration names.
    case otherNumber(wanted: String, given: String)
    /// A file of the kernel refused: the errno.
    case refused(path: String, errno: Int32)
    /// A file of the kernel says something unknown.
    case unknownText(path: String, text: String)

    package var description: String {
        switch self {
        case .notOffered:
            "no simulated GPIO here: load gpio-sim and mount configfs, or use deploy/rig/run.sh"
        case .malformedChip(let label, let lines):
            "no chip can be called \"\(label)\" and have \(lines) lines; "
                + "1 to \(SimulatedChip.labelBytesMax) bytes and "
                + "1 to \(SimulatedChip.linesMax) lines will do"
        case .noSuchLine(let line, let chip): "chip \(chip) has no line \(line)"
        case .noConverters: "the kernel simulates no converters; the one of deploy/rig does"
        case .otherNumber(let wanted, let given):
            "the kernel calls the simulated chip \(given), not \(wanted): name chips by a label"
        case .refused(let path, let number): "\(path): \(errorText(number))"
        case .unknownText(let path, let text): "\(path) says \"\(text)\""
        }
    }
}
