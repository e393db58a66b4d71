package import BinCore

extension WeightTrace {
    /// One object: the compartment, the calibration if there is one, and the samples as differences
    /// from the one before; the first from 0.
    package var json: JSONValue {
        var members: [(String, JSONValue)] = [("compartment", .string(self.compartment.text))]
        if let calibration = self.calibration {
            members += [
                ("zero", .integer(calibration.zero)), ("span", .integer(calibration.span)),
                ("reference", .integer(calibration.reference.value)),
            ]
        }
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
        self.init(
            compartment: compartment, calibration: calibration,
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
