import BinCore
import HubCore
import HubKit
import Testing

@Suite struct CardTableTests {
    private func parse(_ text: String) throws -> [String] {
        try CardTable.parse(Array(text.utf8)).map {
            "\($0.card) \($0.account?.text ?? "-") \($0.role.rawValue)"
        }
    }

    @Test(
        "one list in many spellings",
        arguments: [
            "card,account,role\nw26:00A1B2,anna,resident\nuid:04A1B2C3,,collector\n",
            "card,account,role\r\nw26:00A1B2,anna,resident\r\nuid:04A1B2C3,,collector",
            "\u{FEFF}Role,Card,Account\nresident,w26:00A1B2,anna\n\ncollector,uid:04A1B2C3,\n",
            "card,name,account,role\nw26:00A1B2,\"An, \"\"na\"\"\",anna,resident\n"
                + "\"uid:04A1B2C3\",,,collector\n",
            " card , account , role \n w26:00A1B2 , anna , resident \n uid:04A1B2C3,,collector\n",
        ])
    func reads(text: String) throws {
        #expect(
            try self.parse(text) == ["w26:00A1B2 anna resident", "uid:04A1B2C3 - collector"])
    }

    @Test func namesEveryBadLineAtOnce() throws {
        let text = """
            card,account,role
            w26:00a1b2,anna,resident
            w26:00A1B2,anna,resident
            w26:00A1B3,,resident
            w26:00A1B4,anna
            w26:00A1B2,ben,resident
            w26:00A1B5,anna,unknown
            w26:00A1B6,an na,resident
            "w26:00A1B7,anna,resident
            """
        let faults = #expect(throws: CardTableFaults.self) { try self.parse(text) }
        #expect(faults?.faults.map(\.line) == [2, 4, 5, 6, 7, 8, 9])
        #expect(faults?.faults[3].problem == "the card …A1B2 stands in line 3 already")
    }

    @Test(
        "a header that doesn't do",
        arguments: [
            "", "card,account\n", "card,account,role,role\n", "w26:00A1B2,anna,resident\n",
        ])
    func refusesTheHeader(text: String) throws {
        let faults = #expect(throws: CardTableFaults.self) { try self.parse(text) }
        #expect(faults?.faults.map(\.line) == [1])
    }

    @Test func refusesWhatIsNoUTF8() throws {
        #expect(throws: CardTableFaults.self) { try CardTable.parse([0xFF, 0xFE, 0x63]) }
    }
}
