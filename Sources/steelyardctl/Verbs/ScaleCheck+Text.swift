import BinCore
import Records

extension ScaleCheck {
    /// From a scale of `GET /v1/scales`; `nil` unless it is at rest.
    init?(_ scale: JSONObject, reference: Grams) {
        guard scale["stable"]?.bool == true, let mass = scale["mass-mg"]?.integer,
            let line = scale["line-mg"]?.integer, let capacity = scale["capacity"]?.integer,
            let division = scale["division"]?.integer
        else { return nil }
        self.init(
            mass: Milligrams(mass), line: Milligrams(line),
            zeroShift: Milligrams(scale["zero-shift-mg"]?.integer ?? 0), reference: reference,
            limits: ScaleLimits(
                capacity: Grams(capacity), division: Grams(division), minimum: .zero))
    }

    func lines(of compartment: String, grams: Int64) -> [String] {
        let verdict =
            switch self.verdict {
            case .verification: "within both"
            case .service: "within the latter only"
            case .beyond: "beyond both: calibrate it"
            }
        let sign = self.error > .zero ? "+" : ""
        var lines = [
            "\(compartment): error \(sign)\(thousandths(self.error.value)) g at \(grams) g; "
                + "permissible are \(thousandths(self.permissible.value)) g at verification and "
                + "\(thousandths(self.inService.value)) g in service: \(verdict)"
        ]
        if let point = self.point {
            lines.append(
                "To correct it here, this point belongs into the scale's `linearity`: "
                    + "{ at: \(point.line.value), correction: "
                    + "\(thousandths(point.correction.value)) }")
        }
        return lines
    }

    var json: JSONValue {
        [
            "error-mg": .integer(self.error.value),
            "permissible-mg": .integer(self.permissible.value),
            "in-service-mg": .integer(self.inService.value),
            "within": .string(self.verdict.rawValue),
            "at": self.point.map { .integer($0.line.value) } ?? .null,
            "correction-mg": self.point.map { .integer($0.correction.value) } ?? .null,
        ]
    }
}

/// Thousandths with three decimals.
func thousandths(_ value: Int64) -> String {
    let sign = value < 0 ? "-" : ""
    let part = String(value.magnitude % 1000)
    let zeros = String(repeating: "0", count: 3 - part.count)
    return "\(sign)\(value.magnitude / 1000).\(zeros)\(part)"
}
