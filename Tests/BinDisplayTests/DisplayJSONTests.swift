import BinCore
import BinDisplay
import Records
import Testing

/// The expected texts are written by hand from the table in `Display+JSON.swift`.
@Suite struct DisplayJSONTests {
    private static let compartments =
        #"[{"name":"film","material":"pe-film","mass":null,"stable":false,"full":true,"#
        + #""open":false},"#
        + #"{"name":"pet","material":"pet-bottle","mass":25,"stable":true,"full":false,"#
        + #""open":true}]"#
    private static let sums =
        #"{"deposits":2,"mass":240,"value":672000,"points":"67.2","co2e":360000}"#

    private static func text(
        _ state: String, card: String = "null", order: String = "null", deposit: String = "null",
        refused: String = "null", fault: String = "null"
    ) -> String {
        #"{"state":"\#(state)","card":\#(card),"order":\#(order),"deposit":\#(deposit),"#
            + #""refused":\#(refused),"fault":\#(fault),"compartments":\#(Self.compartments),"#
            + #""service":false,"notice":null}"#
    }

    private func json(_ phase: BinView.Phase, order: BinView.Order? = nil) throws -> String {
        DisplayBoard(try Samples.view(phase, order: order)).current.json.text
    }

    @Test("A phase without an order says only what it is")
    func phasesWithoutOrder() throws {
        #expect(try self.json(.idle) == Self.text("idle"))
        #expect(try self.json(.collecting) == Self.text("collecting"))
        #expect(try self.json(.fault("scales")) == Self.text("fault", fault: #""scales""#))
        let refusals: [(RefusedFact.Reason, String)] = [
            (.blocked, "blocked"), (.unknownCard, "unknown-card"), (.role, "role"),
        ]
        for (reason, code) in refusals {
            #expect(
                try self.json(.refused(reason)) == Self.text("refused", refused: "\"\(code)\""))
        }
    }

    @Test("An open order shows its sums and the last four digits of its card")
    func openOrder() throws {
        let order = try Samples.order()
        for (phase, state) in [(BinView.Phase.greeting, "greeting"), (.weighing, "weighing")] {
            #expect(
                try self.json(phase, order: order)
                    == Self.text(state, card: #""…E5F6""#, order: Self.sums))
        }
    }

    @Test("A deposit shows what it weighs, earns and is flagged with")
    func deposit() throws {
        let shown =
            #"{"compartment":"pet","material":"pet-bottle","mass":120,"pieces":1,"value":336000,"#
            + #""points":"33.6","co2e":180000,"price":2800,"each":0,"#
            + #""flags":["card-unknown","clock-unset"]}"#
        #expect(
            try self.json(.deposited(Samples.deposit()), order: Samples.order())
                == Self.text("deposit", card: #""…E5F6""#, order: Self.sums, deposit: shown))
    }

    @Test("What is taken out again shows with its sign")
    func removal() throws {
        let shown = try self.json(.deposited(Samples.deposit(mass: -20, flags: [])))
        #expect(shown.contains(#""mass":-20,"pieces":1,"value":-56000,"points":"-5.6""#))
        #expect(shown.contains(#""flags":[]"#))
    }

    @Test("Thanks show the settled order's own sums")
    func thanks() throws {
        #expect(
            try self.json(.thanks(Samples.settled()))
                == Self.text("thanks", card: #""…E5F6""#, order: Self.sums))
    }

    @Test("No phase gives away more than four digits of a card")
    func masked() throws {
        let order = try Samples.order()
        let phases: [BinView.Phase] = [
            .idle, .greeting, .weighing, .deposited(try Samples.deposit()),
            .thanks(try Samples.settled()), .refused(.blocked), .collecting, .fault("storage"),
        ]
        for phase in phases {
            let text = try self.json(phase, order: order)
            #expect(!text.contains("D4E5F6"))
            #expect(!text.contains("uid:"))
        }
    }

    @Test("A technician is called without a word to the resident's order")
    func service() throws {
        var view = try Samples.view(.idle)
        view.needsService = true
        #expect(DisplayBoard(view).current.json.text.contains(#""service":true"#))
    }

    @Test("A notice comes with its stage and both languages")
    func notice() throws {
        let board = DisplayBoard(try Samples.view(.idle))
        board.post(try Samples.notices([(zh: "压扁更省空间", en: "Flatten \"it\"")]))
        #expect(
            board.current.json.text.hasSuffix(
                #""notice":{"stage":"habit","zh":"压扁更省空间","en":"Flatten \"it\""}}"#))
    }
}
