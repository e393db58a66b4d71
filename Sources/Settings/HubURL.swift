import BinCore

/// The address of a hub: `https://HOST[:PORT][/PATH]`, or the same with `http://`.
struct HubURL {
    enum Scheme: String, CaseIterable { case http, https }

    let scheme: Scheme
    let host: String
    /// The URL without a slash at its end.
    let text: String

    /// Returns `nil` unless `text` is such a URL, without user, query or fragment.
    init?(_ text: String) {
        guard let scheme = Scheme.allCases.first(where: { text.hasPrefix("\($0.rawValue)://") })
        else { return nil }
        let rest = text.dropFirst(scheme.rawValue.count + 3)
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        guard path.utf8.allSatisfy(Self.isPathByte) else { return nil }
        let hasPort = authority.last != "]" && authority.contains(":")
        // 0 is no port to call: with none given, any other stands in for the check.
        guard let address = ListenAddress(hasPort ? String(authority) : "\(authority):443"),
            address.port > 0, NetworkHost.isWritten(address.host)
        else { return nil }
        self.scheme = scheme
        self.host = address.host
        self.text = text.last == "/" ? String(text.dropLast()) : text
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"):
            true
        default:
            false
        }
    }
}

/// Host names and addresses as a configuration writes them.
enum NetworkHost {
    /// Whether `host` has the characters of a host name, an IPv4 or an IPv6 address.
    static func isWritten(_ host: String) -> Bool {
        !host.isEmpty && host.utf8.count <= 253
            && host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"):
                    true
                default:
                    false
                }
            }
    }

    /// Whether `host` is `localhost`, `::1` or an address of 127.0.0.0/8.
    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
