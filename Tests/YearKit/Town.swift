import BinCore
import CrashKit
import HubCore
import Records

/// The bin's people, and what the hub knows of them.
struct Town: Sendable {
    /// Two compartments of 30 kg and 5 g.
    let scene: Scene
    let residents: [CardNumber]
    /// Cards that no list holds before the year ends.
    let strangers: [CardNumber]
    let blocked: [CardNumber]
    let materials: [Name]
    let compartments: [Name]

    init(residents: Int) throws {
        func card(_ prefix: String, _ number: Int) throws -> CardNumber {
            let digits = String(100_000 + number).dropFirst()
            guard let card = CardNumber("uid:\(prefix)0\(digits)") else {
                throw Finding("\(prefix)\(number) makes no card")
            }
            return card
        }
        self.scene = try Scene()
        self.residents = try (0..<residents).map { try card("04", $0) }
        self.strangers = try (0..<6).map { try card("05", $0) }
        self.blocked = try (0..<3).map { try card("06", $0) }
        guard let film = Name("pe-film"), let bottle = Name("pet-bottle") else {
            throw Finding("a material has no name")
        }
        self.materials = [film, bottle]
        self.compartments = self.scene.compartments
    }

    /// The first two residents are one household.
    func account(of index: Int) throws -> AccountID {
        guard let account = AccountID("household-\(max(1, index))") else {
            throw Finding("no account for resident \(index)")
        }
        return account
    }

    /// Everybody whom the hub knows from the beginning.
    func registered() throws -> [RegisteredCard] {
        try self.residents.enumerated().map { index, card in
            RegisteredCard(card: card, account: try self.account(of: index), role: .resident)
        } + self.blocked.map { RegisteredCard(card: $0, account: nil, role: .blocked) }
            + [RegisteredCard(card: self.scene.collector, account: nil, role: .collector)]
    }

    /// The strangers, who are known at last.
    func newcomers() throws -> [RegisteredCard] {
        try self.strangers.enumerated().map { index, card in
            guard let account = AccountID("newcomer-\(index)") else {
                throw Finding("no account for stranger \(index)")
            }
            return RegisteredCard(card: card, account: account, role: .resident)
        }
    }
}
