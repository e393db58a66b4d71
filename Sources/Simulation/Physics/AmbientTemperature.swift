package import BinCore
import Glibc

/// The temperature around the bin: a day's wave around a mean, in degrees Celsius.
package struct AmbientTemperature: Hashable, Sendable {
    package var mean: Double
    /// Half the difference between the day's warmest and coldest moment.
    package var swing: Double
    /// When the day began, at its mean and rising.
    package var dawn: BootInstant

    /// 20 °C ± 5 °C: a mild spring day.
    package init(mean: Double = 20, swing: Double = 5, dawn: BootInstant) {
        self.mean = mean
        self.swing = swing
        self.dawn = dawn
    }

    private static let dayMs: Int64 = 86_400_000

    /// The temperature at `now`.
    package func celsius(at now: BootInstant) -> Double {
        let phase = Double(now.ms(since: self.dawn) % Self.dayMs) / Double(Self.dayMs)
        return self.mean + self.swing * sin(2 * .pi * phase)
    }
}
