/// What the holder of a card may do (CONTRACT §5).
package enum Role: String, CaseIterable, Sendable {
    case resident, collector, technician, inspector, blocked
    /// No list holds the card.
    case unknown
}
