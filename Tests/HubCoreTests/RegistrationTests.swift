import BinCore
import HubCore
import HubKit
import Testing

@Suite struct RegistrationTests {
    private func history(_ steps: [(account: String?, after: Int64)]) throws -> [Registration] {
        let card = try found(CardNumber("w26:00A1B2"))
        return steps.map { step in
            Registration(
                card: RegisteredCard(
                    card: card, account: step.account.flatMap { AccountID($0) }, role: .blocked),
                afterEntry: step.after)
        }
    }

    @Test(
        "whose entry 5 is",
        arguments: [
            ([], nil),
            ([("anna", 0)], "anna"),  // the card had an account when it came
            ([("anna", 4)], "anna"),
            ([("anna", 5)], "anna"),  // claimed afterwards
            ([("anna", 9), ("ben", 12)], "anna"),  // by the first one
            ([("anna", 0), ("ben", 5)], "anna"),  // a card that changes hands leaves it behind
            ([("anna", 0), ("ben", 3)], "ben"),
            ([(nil, 0), ("ben", 7)], "ben"),  // a card of nobody's is claimable too
            ([("anna", 0), (nil, 3), ("ben", 7)], "ben"),
            ([("anna", 0), (nil, 3)], nil),
        ] as [([(String?, Int64)], String?)])
    func accountOfAnEntry(steps: [(String?, Int64)], account: String?) throws {
        let history = try self.history(steps.map { (account: $0.0, after: $0.1) })
        #expect(Registration.account(ofEntry: 5, history: history)?.text == account)
    }

    @Test(
        "account ids",
        arguments: [
            ("a", true), ("Anna.B_7-x", true), ("", false), ("an na", false), ("ännä", false),
            ("a/b", false), (String(repeating: "a", count: 64), true),
            (String(repeating: "a", count: 65), false),
        ])
    func accountID(text: String, isOne: Bool) { #expect((AccountID(text) != nil) == isOne) }

    @Test func sumsAreCheckedForOverflow() throws {
        let card = try found(CardNumber("w26:00A1B2"))
        func order(_ value: Int64) -> OrderFact {
            OrderFact(
                order: 1, card: card, deposits: 1, mass: Grams(1), value: MicroYuan(value),
                co2e: .zero, closed: .tap)
        }
        var sum = AccountSum.zero
        var wereAdded: [Bool] = []
        for value in [Int64.max, 1, -1] { wereAdded.append(sum.add(order(value))) }
        #expect(wereAdded == [true, false, true])
        #expect(sum.value == MicroYuan(Int64.max - 1))
        #expect(sum.orders == 2)
        #expect(sum.mass == Grams(2))
    }
}
