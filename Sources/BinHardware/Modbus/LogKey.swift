/// Names of log metadata.
enum LogKey {
    static let bus = "bus"
    static let command = "command"
    static let code = "fault.code"
    static let detail = "fault.detail"
    static let device = "device"
    static let memoryErrno = "memory-lock.errno"
    static let person = "person"
    static let port = "port"
    static let reader = "reader"
    static let realtimeErrno = "realtime.errno"
    static let scale = "scale"
}
