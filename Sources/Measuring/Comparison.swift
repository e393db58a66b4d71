package import Records

/// A benchmark's result: ours beside the bare limit, measured alternately in one run.
package struct Comparison: Hashable, Sendable {
    /// A figure besides the one that the benchmark is named for.
    package struct Figure: Hashable, Sendable {
        /// With its unit, as in `cpu-us-per-1000-polls`.
        package var key: String
        package var ours: Double?
        package var limit: Double?

        package init(_ key: String, ours: Double?, limit: Double?) {
            self.key = key
            self.ours = ours
            self.limit = limit
        }
    }

    /// What the result depends on, for instance a library's version.
    package struct Condition: Hashable, Sendable {
        package var key: String
        package var value: String

        package init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    package var name: String
    package var unit: String
    package var ours: Samples
    package var limit: Samples
    package var figures: [Figure]
    package var conditions: [Condition]

    package init(
        name: String, unit: String, ours: Samples, limit: Samples, figures: [Figure] = [],
        conditions: [Condition] = []
    ) {
        self.name = name
        self.unit = unit
        self.ours = ours
        self.limit = limit
        self.figures = figures
        self.conditions = conditions
    }

    /// `ours` divided by `limit`; `nil` if one of them is unknown or the limit is 0.
    package static func ratio(_ ours: Double?, _ limit: Double?) -> Double? {
        guard let ours, let limit, limit != 0 else { return nil }
        return ours / limit
    }

    /// One object as in CONTRACT §12. What is unknown is `null`.
    package var json: JSONValue {
        var object = JSONObject([
            ("name", .string(self.name)), ("unit", .string(self.unit)),
            ("ours", Self.pair(self.ours.median, self.ours.p99, .value)),
            ("limit", Self.pair(self.limit.median, self.limit.p99, .value)),
            (
                "ratio",
                Self.pair(
                    Self.ratio(self.ours.median, self.limit.median),
                    Self.ratio(self.ours.p99, self.limit.p99), .ratio)
            ),
            (
                "samples",
                .object(
                    JSONObject([
                        ("ours", .integer(Int64(self.ours.count))),
                        ("limit", .integer(Int64(self.limit.count))),
                    ]))
            ),
        ])
        for figure in self.figures {
            object[figure.key] = .object(
                JSONObject([
                    ("ours", Precision.value.json(figure.ours)),
                    ("limit", Precision.value.json(figure.limit)),
                    ("ratio", Precision.ratio.json(Self.ratio(figure.ours, figure.limit))),
                ]))
        }
        for condition in self.conditions { object[condition.key] = .string(condition.value) }
        return .object(object)
    }

    private static func pair(
        _ median: Double?, _ p99: Double?, _ precision: Precision
    ) -> JSONValue {
        .object(JSONObject([("median", precision.json(median)), ("p99", precision.json(p99))]))
    }

    /// The same for people: a line for each of ours, limit and ratio, then one for each figure.
    package var lines: [String] {
        var lines = ["\(self.name), \(self.unit)"]
        lines.append(Self.row("", "median", "p99"))
        for (title, samples) in [("ours", self.ours), ("limit", self.limit)] {
            lines.append(
                Self.row(
                    title, Precision.value.text(samples.median), Precision.value.text(samples.p99)))
        }
        lines.append(
            Self.row(
                "ratio", Precision.ratio.text(Self.ratio(self.ours.median, self.limit.median)),
                Precision.ratio.text(Self.ratio(self.ours.p99, self.limit.p99))))
        for figure in self.figures {
            let ratio = Self.ratio(figure.ours, figure.limit)
            lines.append(
                "  \(figure.key): ours \(Precision.value.text(figure.ours)), limit "
                    + "\(Precision.value.text(figure.limit)), ratio \(Precision.ratio.text(ratio))")
        }
        lines += self.conditions.map { "  \($0.key): \($0.value)" }
        return lines
    }

    private static func row(_ title: String, _ median: String, _ p99: String) -> String {
        func right(_ text: String) -> String {
            String(repeating: " ", count: max(0, 14 - text.count)) + text
        }
        let name = title + String(repeating: " ", count: max(0, 6 - title.count))
        return "  \(name)\(right(median))\(right(p99))"
    }
}

/// How many decimals are printed.
enum Precision: Int, Sendable {
    case value = 1
    case ratio = 3

    private var scale: Double {
        switch self {
        case .value: 10
        case .ratio: 1000
        }
    }

    /// The decimal lexeme, rounded half away from zero; `nil` for what is too large to be printed.
    private func lexeme(_ number: Double) -> String? {
        guard let scaled = Int64(exactly: (number * self.scale).rounded()) else { return nil }
        let digits = String(scaled.magnitude)
        let padding = String(repeating: "0", count: max(0, self.rawValue + 1 - digits.count))
        let all = padding + digits
        let sign = scaled < 0 ? "-" : ""
        return "\(sign)\(all.dropLast(self.rawValue)).\(all.suffix(self.rawValue))"
    }

    func json(_ number: Double?) -> JSONValue {
        number.flatMap(self.lexeme).map { .decimal($0) } ?? .null
    }

    func text(_ number: Double?) -> String { number.flatMap(self.lexeme) ?? "-" }
}
