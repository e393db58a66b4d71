/// What this software calls itself.
package enum Steelyard {
    package static let version = "0.1.0"
}
