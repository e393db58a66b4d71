/// What a resident sees and hears without a screen.
package enum Lamp: String, CaseIterable, Sendable {
    case green, red, buzzer
}
