package import BinCore
package import Records

/// The health of every part of a bin, for `GET /v1/status` and `/metrics`.
package struct BinStatus: Sendable {
    package var device: DeviceID
    package var community: Name
    package var version: String
    /// SHA-256 of the active configuration, lower-case hexadecimal.
    package var config: String
    package var key: VerifyingKey
    package var boot: Int64
    package var moment: Moment
    package var queue: QueueState
    package var view: BinView
    package var faults: [FaultFact]
    package var devices: [DeviceHealth]
    package var uplink: UplinkState
    package var bulletins: [BulletinKind: Int64]
    package var dropped: Int64
    /// Refusals that were shown and have no record: there were too many.
    package var unrecorded: Int64 = 0
    package var locks: [LockState]
    /// How often legally relevant parameters changed, see `LegalMark`.
    package var events: Int64

    /// How much the storage still takes; `nil` before it was first reckoned.
    package var storage: StorageState?
    /// How many days that lasts at this bin's own rate.
    package var storageDays: Int64?

    package init(
        device: DeviceID, community: Name, version: String, config: String, key: VerifyingKey,
        boot: Int64, moment: Moment, queue: QueueState, view: BinView, faults: [FaultFact],
        devices: [DeviceHealth], uplink: UplinkState, bulletins: [BulletinKind: Int64],
        dropped: Int64, locks: [LockState] = [], events: Int64 = 0
    ) {
        self.device = device
        self.community = community
        self.version = version
        self.config = config
        self.key = key
        self.boot = boot
        self.moment = moment
        self.queue = queue
        self.view = view
        self.faults = faults
        self.devices = devices
        self.uplink = uplink
        self.bulletins = bulletins
        self.dropped = dropped
        self.locks = locks
        self.events = events
    }

    package var json: JSONValue {
        [
            "device": .string(self.device.text),
            "community": .string(self.community.text),
            "version": .string(self.version),
            "config": .string(self.config),
            "events": .integer(self.events),
            "key": .string(self.key.base64),
            "at": .string(self.moment.at.rfc3339),
            "clock": .string(self.moment.clock.rawValue),
            "boot": .integer(self.boot),
            "up": .integer(self.moment.up.milliseconds),
            "state": .string(self.state),
            "queue": self.queueJSON,
            "storage": self.storageJSON,
            "uplink": self.uplinkJSON,
            "bulletins": .object(self.bulletinsJSON),
            "compartments": .array(self.view.compartments.map(Self.json)),
            "doors": .array(self.view.doors.map(Self.json)),
            "locks": .array(self.locks.map { $0.json(at: self.moment.up) }),
            "parts": .array(self.devices.map(self.json)),
            "faults": .array(self.faults.map(Self.json)),
            "dropped": .integer(self.dropped),
            "unrecorded": .integer(self.unrecorded),
        ]
    }

    /// One word for the whole bin.
    package var state: String {
        switch self.view.phase {
        case .idle, .thanks, .refused: "idle"
        case .greeting, .weighing, .deposited: "order-open"
        case .collecting: "collecting"
        case .fault(let code): "out-of-service: \(code)"
        }
    }

    private var queueJSON: JSONValue {
        [
            "first": .integer(self.queue.first),
            "last": .integer(self.queue.last),
            "acknowledged": .integer(self.queue.acknowledged),
            "depth": .integer(self.queue.depth),
            "chain": .string(self.queue.chain.base64),
        ]
    }

    private var storageJSON: JSONValue {
        guard let storage = self.storage else { return .null }
        return [
            "free": .integer(storage.free),
            "journal": .integer(storage.journal),
            "bytes-per-record": .integer(storage.perRecord),
            "records-per-day": storage.perDay.map { .integer($0) } ?? .null,
            "days": self.storageDays.map { .integer($0) } ?? .null,
        ]
    }

    private var uplinkJSON: JSONValue {
        [
            "state": .string(self.uplink.phase.rawValue),
            "last-success": self.uplink.lastSuccess.map { .string($0.rfc3339) } ?? .null,
            "failures": .integer(Int64(self.uplink.failures)),
            "problem": self.uplink.problem.map { .string($0) } ?? .null,
        ]
    }

    private var bulletinsJSON: JSONObject {
        JSONObject(
            BulletinKind.allCases.map { kind in
                (kind.rawValue, self.bulletins[kind].map { .integer($0) } ?? .null)
            })
    }

    private static func json(_ compartment: BinView.Compartment) -> JSONValue {
        [
            "name": .string(compartment.name.text),
            "material": .string(compartment.material.text),
            "live": compartment.live.map { .integer($0.value) } ?? .null,
            "stable": .bool(compartment.isStable),
            "full": .bool(compartment.isFull),
            "lid": compartment.isLidOpen.map { .string($0 ? "open" : "closed") } ?? .null,
        ]
    }

    private static func json(_ door: BinView.Door) -> JSONValue {
        ["name": .string(door.name.text), "open": .bool(door.isOpen)]
    }

    private func json(_ device: DeviceHealth) -> JSONValue {
        let age = device.lastGood.map { self.moment.up.ms(since: $0) }
        return [
            "part": .string(device.part),
            "state": .string(device.state.rawValue),
            "polls": .integer(device.polls),
            "timeouts": .integer(device.timeouts),
            "bad-frames": .integer(device.badFrames),
            "exceptions": .integer(device.exceptions),
            "counts": .object(
                JSONObject(
                    device.counts.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })),
            "age-ms": age.map { .integer($0) } ?? .null,
        ]
    }

    private static func json(_ fault: FaultFact) -> JSONValue {
        [
            "source": .string(fault.source), "code": .string(fault.code),
            "detail": .string(fault.detail),
        ]
    }
}
