#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What tells this machine from every other one, and doesn't come along when its card is cloned.
enum MachineName {
    /// A board's serial number, else the address of its first network port. A container has
    /// neither; then there is nothing to compare.
    static var own: String? {
        let serials = [
            "/sys/firmware/devicetree/base/serial-number", "/sys/class/dmi/id/board_serial",
            "/sys/class/dmi/id/product_uuid",
        ]
        for path in serials {
            if let text = Self.text(path) { return "serial \(text)" }
        }
        for port in ["eth0", "end0", "enp1s0", "wlan0"] {
            // 1: a random address, which changes with every start.
            guard Self.text("/sys/class/net/\(port)/addr_assign_type") == "0",
                let address = Self.text("/sys/class/net/\(port)/address")
            else { continue }
            return "address \(address)"
        }
        return nil
    }

    private static func text(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = fread(&bytes, 1, bytes.count, file)
        let text = bytes.prefix(count).filter { (0x21...0x7E).contains($0) }
        return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }
}
