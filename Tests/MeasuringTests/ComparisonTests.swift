import Measuring
import Records
import Testing

struct ComparisonTests {
    private static let commit = Comparison(
        name: "commit", unit: "us", ours: Samples([300, 100, 200], better: .lower),
        limit: Samples([160, 170, 150], better: .lower),
        figures: [
            Comparison.Figure("bytes-per-order", ours: 11_776, limit: 11_776),
            Comparison.Figure("cpu-us", ours: nil, limit: 2),
        ],
        conditions: [Comparison.Condition("page-bytes", "1024")])

    /// Written by hand after CONTRACT §12.
    @Test func theObjectIsTheContracts() {
        #expect(
            Self.commit.json.text == """
                {"name":"commit","unit":"us",\
                "ours":{"median":200.0,"p99":300.0},"limit":{"median":160.0,"p99":170.0},\
                "ratio":{"median":1.250,"p99":1.765},"samples":{"ours":3,"limit":3},\
                "bytes-per-order":{"ours":11776.0,"limit":11776.0,"ratio":1.000},\
                "cpu-us":{"ours":null,"limit":2.0,"ratio":null},"page-bytes":"1024"}
                """)
    }

    @Test func theObjectIsOneLineOfJSON() throws {
        let text = Self.commit.json.text
        #expect(!text.contains("\n"))
        #expect(try JSONParser.parse(Array(text.utf8)).object?["name"] == "commit")
    }

    @Test func theTableHasARowForEach() {
        #expect(
            Self.commit.lines == [
                "commit, us",
                "                median           p99",
                "  ours           200.0         300.0",
                "  limit          160.0         170.0",
                "  ratio          1.250         1.765",
                "  bytes-per-order: ours 11776.0, limit 11776.0, ratio 1.000",
                "  cpu-us: ours -, limit 2.0, ratio -",
                "  page-bytes: 1024",
            ])
    }

    @Test(
        "a ratio is ours divided by the limit, or unknown",
        arguments: [
            (3, 2, 1.5), (1, 4, 0.25), (0, 4, 0), (1, 0, nil), (nil, 1, nil), (1, nil, nil),
        ] as [(Double?, Double?, Double?)])
    func ratio(ours: Double?, limit: Double?, expected: Double?) {
        #expect(Comparison.ratio(ours, limit) == expected)
    }

    @Test(
        "numbers are rounded to a tenth, and none is made up",
        arguments: [
            (0, "0.0"), (0.04, "0.0"), (0.05, "0.1"), (-1.25, "-1.3"), (12_345.67, "12345.7"),
            (1e300, nil),
        ] as [(Double, String?)])
    func rounding(value: Double, text: String?) throws {
        let comparison = Comparison(
            name: "n", unit: "u", ours: Samples([value], better: .lower),
            limit: Samples([], better: .lower))
        let ours = try #require(comparison.json.object?["ours"]?.object)
        #expect(ours["median"] == text.map { .decimal($0) } ?? .null)
    }
}
