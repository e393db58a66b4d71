/// One thing that is wrong with a configuration, and where.
package struct SettingsFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file as the caller named it.
    package let file: String
    /// From 1; 1 also for a fault of the file as a whole.
    package let line: Int
    /// From 1, counted in Unicode scalars; 1 also for a fault of the file as a whole.
    package let column: Int
    /// What is wrong and what would be right, on one line.
    package let message: String

    /// `FILE:LINE:COLUMN: message`, the form that editors jump to.
    package var description: String {
        "\(self.file):\(self.line):\(self.column): \(self.message)"
    }
}

/// Everything that is wrong with a configuration, by position; never empty.
package struct SettingsFaults: Error, Hashable, Sendable, CustomStringConvertible {
    package let faults: [SettingsFault]

    /// One line for each fault.
    package var description: String {
        self.faults.map(\.description).joined(separator: "\n")
    }
}

/// A position in a document, counted from 1.
struct Place: Hashable, Comparable, Sendable {
    let line: Int
    let column: Int

    static let start = Place(line: 1, column: 1)

    static func < (left: Place, right: Place) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// Collects the faults of one reading, each once.
final class FaultLog {
    private let file: String
    private var seen: Set<SettingsFault> = []
    private var doubts: Set<SettingsFault> = []

    init(file: String) { self.file = file }

    var isEmpty: Bool { self.seen.isEmpty }

    func add(_ message: String, at place: Place) {
        self.seen.insert(
            SettingsFault(
                file: self.file, line: place.line, column: place.column, message: message))
    }

    /// Notes what is permitted but may not be meant.
    func warn(_ message: String, at place: Place) {
        self.doubts.insert(
            SettingsFault(
                file: self.file, line: place.line, column: place.column, message: message))
    }

    /// What was collected, by position.
    var faults: SettingsFaults { SettingsFaults(faults: Self.sorted(self.seen)) }

    /// What was noted, by position.
    var warnings: [SettingsFault] { Self.sorted(self.doubts) }

    private static func sorted(_ faults: Set<SettingsFault>) -> [SettingsFault] {
        faults.sorted { ($0.line, $0.column, $0.message) < ($1.line, $1.column, $1.message) }
    }
}
