/// A type test of OIML R 76, as far as it can be done on a simulated instrument. Errors and limits
/// are in scale intervals e.
package enum VerificationTest: String, CaseIterable, Sendable {
    case weighingUp, weighingDown, zeroSetting, tare, net, repeatability, discrimination
    case eccentricity, creep, lateCreep, zeroReturn, temperature

    package var title: String {
        switch self {
        case .weighingUp: "weighing, loads going up"
        case .weighingDown: "weighing, loads going down"
        case .zeroSetting: "accuracy of zero-setting"
        case .tare: "accuracy of tare after 2 h"
        case .net: "net after 2 h, 1 % bad conversions"
        case .repeatability: "repeatability"
        case .discrimination: "discrimination, weight needed"
        case .eccentricity: "eccentricity, Max/3 in each quarter"
        case .creep: "creep, 30 min at Max"
        case .lateCreep: "creep, minutes 15 to 30"
        case .zeroReturn: "zero after 30 min at Max"
        case .temperature: "zero, for each 5 °C"
        }
    }

    /// The largest permissible error at initial verification, class III.
    ///
    /// | load | MPE |
    /// | --- | --- |
    /// | 0 to 500 e | 0.5 e |
    /// | above, to 2,000 e | 1.0 e |
    /// | above | 1.5 e |
    ///
    /// Source: UK SI 1995/1907, schedule 2, paragraph 4.
    package static func mpe(intervals: Double) -> Double {
        intervals <= 500 ? 0.5 : intervals <= 2_000 ? 1.0 : 1.5
    }

    /// The limit at a load in intervals.
    ///
    /// Source: OIML R 76-1 3.6, 3.8, 3.9 and 4.5 as restated by several independent sources.
    package func limit(intervals: Double) -> Double {
        switch self {
        case .weighingUp, .weighingDown, .net, .repeatability, .eccentricity:
            Self.mpe(intervals: intervals)
        case .zeroSetting, .tare: 0.25
        case .discrimination: 1.4
        case .creep, .zeroReturn: 0.5
        case .lateCreep: 0.2
        case .temperature: 1.0
        }
    }
}

/// One error that was found, in scale intervals.
package struct Finding: Hashable, Sendable {
    package let test: VerificationTest
    /// The load it was found at, in intervals; for net, the net load.
    package let intervals: Double
    package let error: Double
    /// What a before/after difference without any care would have been off by; `nil` where it has
    /// nothing to show, for it sets no zero and has no indication at rest.
    package let naive: Double?

    package init(test: VerificationTest, intervals: Double, error: Double, naive: Double?) {
        self.test = test
        self.intervals = intervals
        self.error = error
        self.naive = naive
    }

    package var limit: Double { self.test.limit(intervals: self.intervals) }
    package var strain: Double { abs(self.error) / self.limit }
    package var naiveStrain: Double { abs(self.naive ?? 0) / self.limit }
}
