import BinCore
import Testing

struct ListenAddressTests {
    @Test(
        "host and port are read and written",
        arguments: [
            ("127.0.0.1:8080", "127.0.0.1", 8080), ("localhost:0", "localhost", 0),
            ("[::1]:65535", "::1", 65_535), ("hub.example:1", "hub.example", 1),
        ])
    func reads(text: String, host: String, port: Int) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.description == text)
    }

    @Test(
        "what isn't host and port is refused",
        arguments: [
            "", ":", ":80", "host", "host:", "host:65536", "host:-1", "host:-0", "host:+80",
            "host:8 0", "::1:80", "[::1]", "[]:80", "[::1:80", "host:99999999999999999999",
            "host:٨٠", "[:80", "]:80", "a]:80", "[[::1]]:80", "ho st:80", "host\n:80",
        ])
    func refuses(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test(
        "loopback is an address of this machine, not a name that looks like one",
        arguments: [
            ("127.0.0.1:1", true), ("127.255.255.254:1", true), ("localhost:1", true),
            ("[::1]:1", true), ("0.0.0.0:1", false), ("[::]:1", false), ("128.0.0.1:1", false),
            ("127.example.org:1", false), ("127.0.0.1.example.org:1", false),
            ("127.0.0.256:1", false), ("127.0.1:1", false), ("localhost.example:1", false),
        ])
    func isLoopback(text: String, loopback: Bool) throws {
        #expect(try #require(ListenAddress(text)).isLoopback == loopback)
    }
}
