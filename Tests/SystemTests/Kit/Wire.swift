import Dispatch
import Glibc
import Records

/// HTTP/1.1 on a bare socket: the tests look at the programs through nothing of the programs' own.
enum Wire {
    enum Place: Sendable {
        case unix(String)
        case loopback(port: Int)
    }

    struct Trouble: Error {
        var what: String
    }

    struct Reply: Sendable {
        var status: Int
        var body: [UInt8]

        func object() throws -> JSONObject { try JSONParser.object(self.body) }
    }

    /// Sends one request on a connection of its own, from a thread that may wait.
    static func request(
        _ method: String, _ path: String, body: String = "", at place: Place
    ) async throws -> Reply {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result { try self.exchange(method, path, body: body, at: place) })
            }
        }
    }

    private static func exchange(
        _ method: String, _ path: String, body: String, at place: Place
    ) throws -> Reply {
        let connection = try Connection(place)
        try connection.send(method, path, body: body, isLast: true)
        var stream = ResponseStream()
        while let bytes = try connection.receive() { stream.append(bytes) }
        guard let status = stream.status else { throw Trouble(what: "no reply to \(path)") }
        return Reply(status: status, body: stream.body)
    }
}

/// A connected socket, closed with its owner.
struct Connection: ~Copyable {
    let number: Int32

    init(_ place: Wire.Place) throws {
        switch place {
        case .unix(let path):
            self.number = Self.socket(AF_UNIX)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
                throw Wire.Trouble(what: "\(path) is too long for a socket")
            }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            try self.connect(to: &address)
        case .loopback(let port):
            self.number = Self.socket(AF_INET)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
            try self.connect(to: &address)
        }
    }

    deinit { close(self.number) }

    private static func socket(_ family: Int32) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let number = Glibc.socket(family, kind, 0)
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(
            number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        return number
    }

    private borrowing func connect<Address>(to address: inout Address) throws {
        let size = socklen_t(MemoryLayout<Address>.size)
        let code = withUnsafeBytes(of: &address) { bytes in
            Glibc.connect(
                self.number, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), size)
        }
        guard code == 0 else { throw Wire.Trouble(what: "connect: \(errno)") }
    }

    borrowing func send(_ method: String, _ path: String, body: String, isLast: Bool) throws {
        let head =
            "\(method) \(path) HTTP/1.1\r\nHost: bin\r\nContent-Length: \(body.utf8.count)\r\n"
            + (isLast ? "Connection: close\r\n\r\n" : "\r\n")
        var rest = Array((head + body).utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(self.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Wire.Trouble(what: "send: \(errno)") }
            rest = rest.dropFirst(count)
        }
    }

    /// What came next, or `nil` once the other end has closed or died.
    borrowing func receive() throws -> ArraySlice<UInt8>? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(self.number, &bytes, bytes.count, 0)
        if count < 0, errno == EAGAIN { throw Wire.Trouble(what: "no reply for 30 s") }
        return count > 0 ? bytes[..<count] : nil
    }
}

/// The bytes of one response as they come: takes off the head and the chunks' frames.
struct ResponseStream {
    private(set) var status: Int?
    /// What has come of the body, and wasn't taken yet.
    var body: [UInt8] = []
    private var raw: [UInt8] = []
    private var isChunked = false
    private var chunkRest = 0

    mutating func append(_ bytes: ArraySlice<UInt8>) {
        self.raw += bytes
        if self.status == nil { self.readHead() }
        guard self.status != nil else { return }
        guard self.isChunked else {
            self.body += self.raw
            self.raw = []
            return
        }
        while self.readChunk() {}
    }

    private mutating func readHead() {
        guard let end = self.raw.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
        let head = String(decoding: self.raw[..<end.lowerBound], as: UTF8.self)
        self.status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        self.isChunked = head.lowercased().contains("transfer-encoding: chunked")
        self.raw.removeSubrange(..<end.upperBound)
    }

    /// Takes a chunk, or the part of it that is there; false when more bytes are needed.
    private mutating func readChunk() -> Bool {
        if self.chunkRest == 0 {
            guard let end = self.raw.firstRange(of: Array("\r\n".utf8)) else { return false }
            let size = String(decoding: self.raw[..<end.lowerBound], as: UTF8.self)
            self.raw.removeSubrange(..<end.upperBound)
            // An empty line ends the chunk before it; what isn't a number ends the body.
            if size.isEmpty { return true }
            self.chunkRest = Int(size, radix: 16) ?? 0
            return self.chunkRest > 0
        }
        let count = min(self.chunkRest, self.raw.count)
        self.body += self.raw[..<count]
        self.raw.removeSubrange(..<count)
        self.chunkRest -= count
        return count > 0
    }
}
