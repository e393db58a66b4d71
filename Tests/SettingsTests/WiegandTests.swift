import BinCore
import Settings
import Testing

/// The formats of a reader on two GPIO lines.
@Suite struct WiegandTests {
    private static let line = "{ driver: wiegand, chip: gpiochip0, d0: 23, d1: 24, formats: "

    private func yaml(_ formats: String) -> String {
        Example.smallest + "readers:\n  front: " + Self.line + formats + " }\n"
    }

    private func formats(_ written: String) throws -> [WiegandFormat] {
        let settings = try SettingsReader.read(yaml: self.yaml(written), named: "bin.yaml").settings
        let front = try #require(Name("front"))
        guard case .wiegand(let wiegand) = settings.readers[front]?.driver else {
            Issue.record("the reader is not on GPIO lines")
            return []
        }
        return wiegand.formats
    }

    @Test(
        "reads built-in formats in their order",
        arguments: [
            ("[w26, w34]", [.w26, .w34]), ("[w34, w35, w37, w26]", [.w34, .w35, .w37, .w26]),
            ("[h10304]", [.h10304]), ("[\"w26\"]", [.w26]),
        ] as [(String, [WiegandFormat])])
    func builtIn(written: String, expected: [WiegandFormat]) throws {
        #expect(try self.formats(written) == expected)
    }

    @Test("reads layouts beside built-in formats")
    func layouts() throws {
        let uid = try WiegandFormat(bits: 32, payload: [0...31])
        #expect(
            try self.formats("[w26, { name: w32, bits: 32, payload: 0-31 }]") == [.w26, uid])

        let full = try WiegandFormat(
            bits: 40, payload: [1...20, 22...38],
            parities: [
                .init(.even, bit: 0, over: Array(1...19)),
                .init(.odd, bit: 39, over: [20, 22, 38]),
                .init(.odd, bit: 21, over: Array(1...4)),
            ], facility: 1...8, number: 22...38)
        let written =
            "[{ name: w40, bits: 40, payload: [1-20, 22-38], facility: 1-8, number: 22-38, "
            + "even: [{ bit: 0, over: 1-19 }], "
            + "odd: [{ bit: 39, over: [20, 22, 38] }, { bit: 21, over: [1-4] }] }]"
        #expect(try self.formats(written) == [full])
    }

    @Test("the layouts of built-in formats, written out, read the same frames")
    func writtenOut() throws {
        let w35 = try self.formats(
            "[{ name: w35, bits: 35, payload: 2-33, even: [{ bit: 1, over: [2, 3, 5, 6, 8, 9, 11, "
                + "12, 14, 15, 17, 18, 20, 21, 23, 24, 26, 27, 29, 30, 32, 33] }], odd: "
                + "[{ bit: 34, over: [1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 19, 20, 22, 23, "
                + "25, 26, 28, 29, 31, 32] }, { bit: 0, over: 1-34 }] }]")
        // Company 4000, number 1000000: calculated from proxmark3's `wiegand_formats.c`.
        let word: UInt64 = 0x5_F41E_8481
        let frame = try #require(WiegandFrame((0..<35).map { word >> (34 - $0) & 1 == 1 }))
        #expect(w35.first?.card(of: frame)?.description == "w35:FA0F4240")
        #expect(w35.first?.card(of: frame) == WiegandFormat.w35.card(of: frame))
    }

    @Test(
        "a layout's faults stand where they are",
        arguments: [
            (
                "[{ name: w33, bits: 32, payload: 0-31 }]", 10,
                "`readers.front.formats.name` must be `w32`, as its card numbers begin, not `w33`"
            ),
            (
                "[{ name: w32, bits: 129, payload: 0-31 }]", 21,
                "`readers.front.formats.bits` must be a whole number from 4 to 128, not `129`"
            ),
            (
                "[{ name: w8, bits: 8, payload: 0-7 }]", 20,
                "`readers.front.formats.bits` can't be 4 or 8: these are frames of keypads"
            ),
            (
                "[{ name: w32, bits: 32, payload: 0-32 }]", 34,
                "`readers.front.formats.payload` names bit 32 twice, or it is none of the frame's "
                    + "bits 0 to 31"
            ),
            (
                "[{ name: w26, bits: 26, payload: 0-24 }]", 34,
                "`readers.front.formats.payload` must have 24 bits, as all `w26` card numbers"
            ),
            (
                "[{ name: w99, bits: 99, payload: 0-64 }]", 34,
                "`readers.front.formats.payload` must have 1 to 64 bits, not 65"
            ),
            (
                "[{ name: w32, bits: 32, payload: 31-0 }]", 34,
                "`readers.front.formats.payload` must be bits from 0 to 127, as `5`, `1-24` or a "
                    + "list of these, not `31-0`"
            ),
            (
                "[{ name: w32, bits: 32, payload: [0-7, 1-] }]", 40,
                "`readers.front.formats.payload` must be bits from 0 to 127, as `5`, `1-24` or a "
                    + "list of these, not `1-`"
            ),
            (
                "[{ name: w32, bits: 32, payload: 0-31, evn: [] }]", 40,
                "`evn` is not known in `readers.front.formats`; did you mean `even`?"
            ),
            (
                "[{ name: w32, bits: 32, payload: 0-31, odd: [{ bit: 32, over: 1 }] }]", 21,
                "`readers.front.formats.bits` has a parity bit 32 that is none of the frame's bits "
                    + "0 to 31, has two rules, or is in the payload"
            ),
            (
                "[{ name: w32, bits: 32, payload: 1-31, odd: [{ bit: 0, ovr: 1 }] }]", 56,
                "`ovr` is not known in `readers.front.formats.odd`; did you mean `over`?"
            ),
            (
                "[{ name: w32, bits: 32, payload: 1-31, odd: [{ bit: 0, over: 0-3 }] }]", 21,
                "`readers.front.formats.bits` has parity over bit 0, which is itself or none of "
                    + "the frame's bits 0 to 31"
            ),
            (
                "[{ name: w32, bits: 32, payload: 1-31, facility: 0-7 }]", 34,
                "`readers.front.formats.payload` must hold all bits of `facility` and `number`"
            ),
            (
                "[w26, { name: w26, bits: 26, payload: 1-24 }]", 7,
                "w26 is in the list twice"
            ),
            (
                "[{ bits: 32 }]", 2, "`readers.front.formats` lacks `name`"
            ),
        ] as [(String, Int, String)])
    func faults(written: String, column: Int, message: String) throws {
        // `column` counts from the list's bracket as 1.
        let start = "  front: ".count + Self.line.count
        let reported = SettingsTests.faults(of: self.yaml(written))
        #expect(reported.contains("15:\(start + column): \(message)"), "\(reported)")
    }
}
