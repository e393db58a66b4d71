import Glibc

/// A GPIO chip that exists in the kernel only. For programs it is a chip like any other, with a
/// device under `/dev`, edges and time stamps by the kernel; its pins are in our hands.
///
/// It is made through configfs and removed with its owner. Needs root.
///
/// Source: the kernel's Documentation/admin-guide/gpio/gpio-sim.rst.
package final class SimulatedChip: Sendable {
    /// The kernel cuts off what is longer.
    package static let labelBytesMax = 31
    package static let linesMax = 64
    private static let home = "/sys/kernel/config/gpio-sim"

    package let label: String
    package let linesCount: Int
    /// For instance `gpiochip0`.
    package let name: String
    /// Where the kernel shows the pins.
    let folder: String
    private let place: String

    /// The device that programs open.
    package var device: String { "/dev/\(self.name)" }

    /// Whether the kernel offers simulated GPIO, and configfs is mounted.
    package static var isOffered: Bool { KernelFile.exists(Self.home) }

    /// Makes a chip. One of the same label that somebody left behind is removed first.
    ///
    /// - Parameter lineNames: By line; the others have none.
    /// - Throws: `.notOffered`, `.malformedChip`, `.noSuchLine` for a name, or `.refused`; then no
    ///   chip is left.
    package init(
        label: String, lines: Int, lineNames: [Int: String] = [:]
    ) throws(SimulatedGPIOError) {
        guard Self.isOffered else { throw .notOffered }
        guard (1...Self.labelBytesMax).contains(label.utf8.count), !label.contains("/"),
            !label.hasPrefix("."), (1...Self.linesMax).contains(lines)
        else { throw .malformedChip(label: label, lines: lines) }
        if let line = lineNames.keys.first(where: { !(0..<lines).contains($0) }) {
            throw .noSuchLine(line, chip: label)
        }
        let place = "\(Self.home)/\(label)"
        try Self.remove(place)
        do {
            try Self.make(place, label: label, lines: lines, lineNames: lineNames)
            self.name = try KernelFile.read("\(place)/bank0/chip_name")
            let platform = try KernelFile.read("\(place)/dev_name")
            self.folder = "/sys/devices/platform/\(platform)/\(self.name)"
        } catch {
            // The first error is the one to tell.
            try? Self.remove(place)
            throw error
        }
        self.label = label
        self.linesCount = lines
        self.place = place
    }

    deinit {
        // Nobody is left to be told; the next chip of this label tries again.
        try? Self.remove(self.place)
    }

    /// Takes the chip away; whoever has its device open gets errors from then on.
    package func remove() throws(SimulatedGPIOError) { try Self.remove(self.place) }

    /// One pin of the chip.
    ///
    /// - Throws: `.noSuchLine`, or `.refused` if the chip has been removed.
    package func line(_ number: Int) throws(SimulatedGPIOError) -> SimulatedLine {
        try self.check(number)
        return try SimulatedLine(folder: "\(self.folder)/sim_gpio\(number)")
    }

    func check(_ line: Int) throws(SimulatedGPIOError) {
        guard (0..<self.linesCount).contains(line) else {
            throw .noSuchLine(line, chip: self.label)
        }
    }

    private static func make(
        _ place: String, label: String, lines: Int, lineNames: [Int: String]
    ) throws(SimulatedGPIOError) {
        let bank = "\(place)/bank0"
        try KernelFile.makeDirectory(place)
        try KernelFile.makeDirectory(bank)
        try KernelFile.write(label, to: "\(bank)/label")
        try KernelFile.write(String(lines), to: "\(bank)/num_lines")
        for (line, name) in lineNames {
            try KernelFile.makeDirectory("\(bank)/line\(line)")
            try KernelFile.write(name, to: "\(bank)/line\(line)/name")
        }
        try KernelFile.write("1", to: "\(place)/live")
    }

    private static func remove(_ place: String) throws(SimulatedGPIOError) {
        guard KernelFile.exists(place) else { return }
        if try KernelFile.readNumber("\(place)/live") == 1 {
            try KernelFile.write("0", to: "\(place)/live")
        }
        for line in 0..<Self.linesMax {
            try KernelFile.removeDirectory("\(place)/bank0/line\(line)")
        }
        try KernelFile.removeDirectory("\(place)/bank0")
        try KernelFile.removeDirectory(place)
    }
}
