/// How far a scale is off with a known mass on it: the "as found" of a technician's report.
package struct ScaleCheck: Hashable, Sendable {
    package enum Verdict: String, Hashable, Sendable {
        /// Good enough to be verified.
        case verification
        /// Good enough to go on.
        case service
        /// It must be calibrated.
        case beyond
    }

    /// What the scale shows less the mass that lies there.
    package let error: Milligrams
    /// The largest error at this load when the scale is verified; in service it is twice as much.
    package let permissible: Milligrams
    /// What a point of the configuration's `linearity` would have to be for the error to be gone;
    /// `nil` if none can be.
    package let point: Linearity.Point?

    /// - Parameters:
    ///   - mass: What the scale shows at rest.
    ///   - line: What it would show without linearity and zero, `Scale.line(at:)`.
    ///   - zeroShift: What is taken off every mass.
    package init(
        mass: Milligrams, line: Milligrams, zeroShift: Milligrams, reference: Grams,
        limits: ScaleLimits
    ) {
        self.error = mass - reference.milligrams
        self.permissible = limits.permissibleError(at: reference.milligrams)
        self.point = Linearity.point(at: line, for: reference.milligrams + zeroShift)
    }

    package var inService: Milligrams { self.permissible + self.permissible }

    package var verdict: Verdict {
        if self.error.magnitude <= self.permissible { return .verification }
        return self.error.magnitude <= self.inService ? .service : .beyond
    }
}
