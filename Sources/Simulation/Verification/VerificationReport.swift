package import BinCore

/// The worst that was found at many instruments of a kind.
package struct VerificationReport: Sendable {
    package struct Row: Sendable {
        package let test: VerificationTest
        /// The finding that came nearest to its limit, or passed it the furthest.
        package var worst: Finding
        /// The seed of the instrument that it was found at.
        package var seed: UInt64
        /// The same for a naive difference.
        package var naive: Finding
        /// How many findings broke their limit, and how many there were.
        package var broken = 0
        package var naiveBroken = 0
        package var count = 0

        package var isPassed: Bool { self.broken == 0 }
    }

    package let limits: ScaleLimits
    /// The share of each limit that an error must stay away from it, percent.
    package let margin: Int
    package private(set) var seeds = 0
    private var byTest: [VerificationTest: Row] = [:]

    package init(limits: ScaleLimits, margin: Int = 0) {
        self.limits = limits
        self.margin = margin
    }

    /// Tests the instruments of `seeds`.
    package static func make(
        limits: ScaleLimits, seeds: Range<UInt64>, margin: Int = 0
    ) -> VerificationReport {
        var report = VerificationReport(limits: limits, margin: margin)
        for seed in seeds {
            report.add(Verification.findings(limits: limits, seed: seed), seed: seed)
        }
        return report
    }

    package mutating func add(_ findings: [Finding], seed: UInt64) {
        self.seeds += 1
        // A load that weighs its limit exactly keeps it, whatever the last bit of a sum says.
        let exactly = 1 + 1e-9
        let most = exactly * Double(100 - self.margin) / 100
        for finding in findings {
            var row =
                self.byTest[finding.test]
                ?? Row(test: finding.test, worst: finding, seed: seed, naive: finding)
            if finding.strain > row.worst.strain {
                row.worst = finding
                row.seed = seed
            }
            if finding.naiveStrain > row.naive.naiveStrain { row.naive = finding }
            row.count += 1
            if finding.strain > most { row.broken += 1 }
            if finding.naiveStrain > exactly { row.naiveBroken += 1 }
            self.byTest[finding.test] = row
        }
    }

    /// Adds what was found at other instruments of the same kind.
    package mutating func merge(_ other: VerificationReport) {
        self.seeds += other.seeds
        for row in other.rows {
            guard var mine = self.byTest[row.test] else {
                self.byTest[row.test] = row
                continue
            }
            if row.worst.strain > mine.worst.strain {
                mine.worst = row.worst
                mine.seed = row.seed
            }
            if row.naive.naiveStrain > mine.naive.naiveStrain { mine.naive = row.naive }
            mine.count += row.count
            mine.broken += row.broken
            mine.naiveBroken += row.naiveBroken
            self.byTest[row.test] = mine
        }
    }

    package var rows: [Row] { VerificationTest.allCases.compactMap { self.byTest[$0] } }
    package var isPassed: Bool { self.rows.allSatisfy(\.isPassed) }
}
