package import BinCore
package import Records

/// Why a batch is not taken (CONTRACT §4).
package enum IngestRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownDevice(DeviceID)
    case revoked(DeviceID)
    /// The batch is another device's than the one that sent it.
    case notThisDevice(batch: DeviceID)
    case tooLarge
    case malformed(String)
    case badChain
    case badSignature
    /// The device signed earlier batches with another key.
    case wrongKey
    /// Records are missing between what the hub holds and what the batch begins with.
    case gap(have: RecordNumber)
    /// The device shows two different records under this number, or before it.
    case fork(at: RecordNumber)
    case law(LawViolation)
    /// A figure that no bin can have.
    case implausible(RecordNumber, String)

    /// The short code of the reply.
    package var code: String {
        switch self {
        case .unknownDevice: "unknown-device"
        case .revoked: "revoked"
        case .notThisDevice: "not-this-device"
        case .tooLarge: "too-large"
        case .malformed: "malformed"
        case .badChain: "bad-chain"
        case .badSignature: "bad-signature"
        case .wrongKey: "wrong-key"
        case .gap: "gap"
        case .fork: "fork"
        case .law, .implausible: "law"
        }
    }

    /// Whether the refused bytes are kept for the operator. Not so what the device sends again by
    /// itself, what is too large, and what doesn't come from the device.
    package var isEvidence: Bool {
        switch self {
        case .unknownDevice, .revoked, .notThisDevice, .tooLarge, .gap: false
        case .malformed, .badChain, .badSignature, .wrongKey, .fork, .law, .implausible: true
        }
    }

    package var description: String {
        switch self {
        case .unknownDevice(let device):
            "no device `\(device)` is known; add it with `steelyard-hub device add \(device)`"
        case .revoked(let device): "the device `\(device)` is revoked"
        case .notThisDevice(let device): "the batch is of the device `\(device)`"
        case .tooLarge: "\(BatchError.tooLarge)"
        case .malformed(let problem): problem
        case .badChain:
            "the batch's chain doesn't hold, or doesn't follow from the record held before it"
        case .badSignature: "\(BatchError.signature)"
        case .wrongKey: "the device signed its first batch with another key than this one"
        case .gap(let have): "records are missing: the hub holds \(have), send from \(have + 1)"
        case .fork(let at):
            "the hub holds another record \(at); the device is quarantined, ask the operator"
        case .law(let violation): "\(violation)"
        case .implausible(let seq, let problem): "record \(seq): \(problem)"
        }
    }
}

extension IngestRefusal {
    init(_ error: BatchError) {
        switch error {
        case .tooLarge: self = .tooLarge
        case .malformed: self = .malformed("\(error)")
        case .chain: self = .badChain
        case .signature: self = .badSignature
        }
    }
}
