import BinCore
import Foundation
import GRDB
import HubCore
import Records

/// Values out of rows. The types hold by `STRICT`; what a text means is checked here.
extension Row {
    func integer(_ column: String) -> Int64 { self[column] }

    func bytes(_ column: String) -> [UInt8] { Array(self[column] as Data) }

    func time(_ column: String) -> WallTime {
        WallTime(millisecondsSince1970: self.integer(column))
    }

    func optionalTime(_ column: String) -> WallTime? {
        (self[column] as Int64?).map { WallTime(millisecondsSince1970: $0) }
    }

    func text<Value>(
        _ column: String, _ read: (String) -> Value?
    ) throws(HubFault) -> Value {
        guard let value = read(self[column] as String) else {
            throw .corrupt("a `\(column)` that can't be")
        }
        return value
    }

    func optionalText<Value>(
        _ column: String, _ read: (String) -> Value?
    ) throws(HubFault) -> Value? {
        guard self[column] as String? != nil else { return nil }
        return try self.text(column, read)
    }

    /// The header of the record that a row comes from.
    func header() throws(HubFault) -> RecordHeader {
        RecordHeader(
            seq: self.integer("seq"), boot: self.integer("boot"),
            moment: Moment(
                up: BootInstant(milliseconds: self.integer("up")), at: self.time("at"),
                clock: try self.text("clock") { ClockState(rawValue: $0) }))
    }

    func digest(_ column: String) throws(HubFault) -> Digest256 {
        guard let digest = Digest256(self.bytes(column)) else {
            throw .corrupt("a `\(column)` that is no digest")
        }
        return digest
    }
}

extension WallTime {
    var stored: Int64 { self.millisecondsSince1970 }
}
