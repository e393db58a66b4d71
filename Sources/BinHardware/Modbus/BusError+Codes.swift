import CModbus
import Glibc

extension BusError {
    /// What a negative result of opening a port means.
    init(opening code: Int32) {
        switch -code {
        case ENOENT, ENODEV, ENXIO, EIO: self.init(.portMissing)
        case let errno: self.init(.portRefused(errno))
        }
    }

    /// What a negative result of an exchange means. Whatever is not about the device is about the
    /// port: opening it again is the only thing that can help.
    init(exchange code: Int32) {
        switch Int(-code) {
        case CMODBUS_EXCEPTION..<CMODBUS_BAD_CHECKSUM:
            self.init(.exception(Int(-code) - CMODBUS_EXCEPTION))
        case CMODBUS_BAD_CHECKSUM: self.init(.badFrame(.checksum))
        case CMODBUS_BAD_SHAPE: self.init(.badFrame(.shape))
        case CMODBUS_BAD_EXCEPTION: self.init(.badFrame(.exceptionNumber))
        case CMODBUS_BAD_UNIT: self.init(.badFrame(.sender))
        case CMODBUS_BROKEN_OFF: self.init(.badFrame(.brokenOff))
        case Int(ETIMEDOUT): self.init(.noReply)
        case Int(EINVAL): self.init(.badRequest)
        default: self.init(.portLost(-code))
        }
    }
}
