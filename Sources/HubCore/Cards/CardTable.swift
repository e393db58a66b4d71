import BinCore

/// Everything that is wrong in a table of cards, by line.
package struct CardTableFaults: Error, Hashable, Sendable, CustomStringConvertible {
    package struct Fault: Hashable, Sendable {
        /// Counts from 1, the header included.
        package var line: Int
        package var problem: String
    }

    package var faults: [Fault]

    package var description: String {
        self.faults.map { "line \($0.line): \($0.problem)" }.joined(separator: "; ")
    }
}

/// Reads the operator's list of cards: CSV (RFC 4180) with a header that names the columns `card`,
/// `account` and `role` in any order. Further columns are passed over, empty lines too.
package enum CardTable {
    /// A list of a million cards has some 30 MB.
    package static let mostBytes = 32 * 1_048_576

    private static let columns = ["card", "account", "role"]
    private static let byteOrderMark = "\u{FEFF}"

    /// - Throws: `CardTableFaults` with every line that is wrong; then nothing of it counts.
    package static func parse(_ bytes: [UInt8]) throws(CardTableFaults) -> [RegisteredCard] {
        guard bytes.count <= self.mostBytes else {
            throw self.fault(1, "the file has more than \(self.mostBytes) bytes")
        }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw self.fault(1, "the file isn't UTF-8; save it as CSV UTF-8")
        }
        if text.hasPrefix(self.byteOrderMark) { text.removeFirst() }
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        guard let header = lines.first.flatMap({ self.fields($0) }) else {
            throw self.fault(1, "the header must name the columns card,account,role")
        }
        let names = header.map { $0.lowercased() }
        var positions: [String: Int] = [:]
        for column in self.columns {
            guard let index = names.firstIndex(of: column), names.lastIndex(of: column) == index
            else { throw self.fault(1, "the header must name the column `\(column)` once") }
            positions[column] = index
        }
        return try self.rows(lines.dropFirst(), positions, width: names.count)
    }

    private static func rows(
        _ lines: ArraySlice<Substring>, _ positions: [String: Int], width: Int
    ) throws(CardTableFaults) -> [RegisteredCard] {
        var cards: [RegisteredCard] = []
        var firstLines: [CardNumber: Int] = [:]
        var faults: [CardTableFaults.Fault] = []
        for (index, line) in zip(lines.indices, lines) where !line.allSatisfy(\.isWhitespace) {
            let number = index + 1
            guard let fields = self.fields(line), fields.count == width else {
                faults.append(.init(line: number, problem: "it must have \(width) fields"))
                continue
            }
            func field(_ column: String) -> String { positions[column].map { fields[$0] } ?? "" }
            do throws(RowProblem) {
                let card = try self.card(
                    number: field("card"), account: field("account"), role: field("role"))
                if let first = firstLines[card.card] {
                    throw RowProblem("the card \(card.card.masked) stands in line \(first) already")
                }
                firstLines[card.card] = number
                cards.append(card)
            } catch { faults.append(.init(line: number, problem: error.text)) }
        }
        guard faults.isEmpty else { throw CardTableFaults(faults: faults) }
        return cards
    }

    private struct RowProblem: Error {
        var text: String
        init(_ text: String) { self.text = text }
    }

    private static func card(
        number: String, account: String, role: String
    ) throws(RowProblem) -> RegisteredCard {
        guard let card = CardNumber(number) else {
            throw RowProblem(
                "`\(number.prefix(40))` is no card number; write `w26:00A1B2`, `w34:`, `w35:`, "
                    + "`w37:`, another `w` with its bits, or `uid:` with upper-case digits")
        }
        guard let known = Role(rawValue: role), known != .unknown else {
            let roles = Role.allCases.filter { $0 != .unknown }.map(\.rawValue)
            throw RowProblem(
                "`\(role.prefix(40))` is no role; write \(roles.joined(separator: ", "))")
        }
        if account.isEmpty {
            guard known != .resident else { throw RowProblem("a resident needs an account") }
            return RegisteredCard(card: card, account: nil, role: known)
        }
        guard let id = AccountID(account) else {
            throw RowProblem(
                "`\(account.prefix(40))` is no account; it has 1 to 64 letters, digits, `.`, `_`, "
                    + "`-`")
        }
        return RegisteredCard(card: card, account: id, role: known)
    }

    /// The fields of one line, without the white space around them; `nil` if a quote isn't closed.
    private static func fields(_ line: Substring) -> [String]? {
        var fields: [String] = []
        var field = ""
        var isQuoted = false
        var rest = line[...]
        while let character = rest.popFirst() {
            switch character {
            case "\"" where isQuoted && rest.first == "\"":
                field.append("\"")
                rest.removeFirst()
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                fields.append(Self.trimmed(field))
                field = ""
            default: field.append(character)
            }
        }
        fields.append(Self.trimmed(field))
        return isQuoted ? nil : fields
    }

    private static func trimmed(_ field: String) -> String {
        let start = field.drop { $0.isWhitespace }
        let end = start.reversed().drop { $0.isWhitespace }
        return String(end.reversed())
    }

    private static func fault(_ line: Int, _ problem: String) -> CardTableFaults {
        CardTableFaults(faults: [.init(line: line, problem: problem)])
    }
}
