package import BinCore

extension WeightTrace {
    /// One object: the compartment, calibration and linearity if there are any, and the samples as
    /// differences from the one before; the first from 0.
    package var json: JSONValue {
        var members: [(String, JSONValue)] = [("compartment", .string(self.compartment.text))]
        if let calibration = self.calibration {
            members += [
                ("zero", .integer(calibration.zero)), ("span", .integer(calibration.span)),
                ("reference", .integer(calibration.reference.value)),
            ]
        }
        if !self.linearity.points.isEmpty { members.append(("linearity", self.linearity.json)) }
        members += [
            ("up", Self.differences(self.samples.map(\.up.milliseconds))),
            ("raw", Self.differences(self.samples.map(\.raw))),
        ]
        return .object(JSONObject(members))
    }

    /// Reads what `json` wrote; `nil` if it is anything else.
    package init?(json: JSONObject) {
        guard let compartment = json["compartment"]?.string.flatMap({ Name($0) }),
            let ups = Self.sums(json["up"]), let raws = Self.sums(json["raw"]),
            ups.count == raws.count
        else { return nil }
        var calibration: Calibration?
        if let zero = json["zero"]?.integer {
            guard let span = json["span"]?.integer, let grams = json["reference"]?.integer,
                let line = Calibration(zero: zero, span: span, reference: Grams(grams))
            else { return nil }
            calibration = line
        }
        guard let linearity = Linearity(json: json["linearity"]) else { return nil }
        self.init(
            compartment: compartment, calibration: calibration, linearity: linearity,
            samples: zip(ups, raws).map {
                Sample(up: BootInstant(milliseconds: $0), raw: $1)
            })
    }

    private static func differences(_ values: [Int64]) -> JSONValue {
        var last: Int64 = 0
        return .array(
            values.map { value in
                defer { last = value }
                return .integer(value &- last)
            })
    }

    private static func sums(_ value: JSONValue?) -> [Int64]? {
        guard let items = value?.array else { return nil }
        var sum: Int64 = 0
        var sums: [Int64] = []
        for item in items {
            guard let step = item.integer else { return nil }
            let (next, overflow) = sum.addingReportingOverflow(step)
            guard !overflow else { return nil }
            sum = next
            sums.append(sum)
        }
        return sums
    }
}

extension Linearity {
    /// A list of `{"at":GRAMS,"correction-mg":MILLIGRAMS}`.
    package var json: JSONValue {
        .array(
            self.points.map {
                ["at": .integer($0.line.value), "correction-mg": .integer($0.correction.value)]
            })
    }

    /// Reads what `json` wrote, and nothing as the straight line; `nil` if it is anything else.
    package init?(json: JSONValue?) {
        guard let json else {
            self = .straight
            return
        }
        guard let items = json.array else { return nil }
        var points: [Point] = []
        for item in items {
            guard let at = item.object?["at"]?.integer,
                let correction = item.object?["correction-mg"]?.integer
            else { return nil }
            points.append(Point(line: Grams(at), correction: Milligrams(correction)))
        }
        self.init(points: points)
    }
}
