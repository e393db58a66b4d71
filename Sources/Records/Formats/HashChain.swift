package import BinCore

/// The hash chain over a journal (CONTRACT §3).
package enum HashChain {
    /// chain(0) = SHA-256("steelyard journal v1\n" + device id).
    package static func start(of device: DeviceID) -> Digest256 {
        Digest256(of: Array("steelyard journal v1\n\(device.text)".utf8))
    }

    /// chain(n) = SHA-256(chain(n−1) as 32 bytes ‖ record n's bytes).
    package static func link(_ previous: Digest256, _ record: [UInt8]) -> Digest256 {
        Digest256(of: previous.bytes + record)
    }
}
