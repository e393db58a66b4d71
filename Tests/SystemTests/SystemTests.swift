import Foundation
import Testing

/// The real programs as processes. One test after the other, so that they don't take the processor
/// from each other.
@Suite(.serialized) enum SystemTests {}

/// What the environment says about a run.
enum Conditions {
    /// `deploy/test.sh` sets it, having made sure that there is a Chromium.
    static let hasChromium = ProcessInfo.processInfo.environment["STEELYARD_PAGE"] != nil
    /// In CI nothing may be left out; by hand, without `deploy/test.sh`, the page may.
    static let mayLackChromium = ProcessInfo.processInfo.environment["CI"] == nil

    static func number(_ name: String, default usual: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap(Int.init) ?? usual
    }
}
