/// One write that a device's profile lists, with what it does there. Nothing else is ever written.
package struct DeviceCommand: Hashable, Sendable {
    package enum Effect: String, CaseIterable, Sendable {
        /// Takes a reader's card off, so that it can take the next: part of every poll.
        case clear
        /// Lets the device take what it is told, until it is switched off.
        case unlock
        /// Makes the present load the zero of the scale.
        case zero
        /// Makes the present load the tare of the scale.
        case tare
        /// Wears a memory that bears some 100,000 writes.
        case eeprom
    }

    package enum Function: String, CaseIterable, Sendable {
        /// Function 5; the value is 0 or 1.
        case coil
        /// Function 6.
        case register
        /// Function 16.
        case registers
    }

    package var effect: Effect
    package var function: Function
    /// By wire address, counted from 0.
    package var address: Int
    /// One, but for `registers`: 1 to 123 in the order of the wire.
    package var values: [UInt16]

    package init(effect: Effect, function: Function, address: Int, values: [UInt16]) {
        self.effect = effect
        self.function = function
        self.address = address
        self.values = values
    }
}
