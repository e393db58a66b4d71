import BinCore
import Glibc

/// Why the kernel's converter can't be read.
struct IIOError: Error, Hashable, Sendable {
    enum Cause: Hashable, Sendable {
        case missing
        /// Two devices match.
        case ambiguous
        /// The folder is another driver's.
        case notHX711(String)
        /// An attribute can't be read or written: the errno.
        case refused(attribute: String, Int32)
        /// An attribute holds no such value.
        case badValue(attribute: String)
    }

    /// As the configuration names it.
    let device: String
    let cause: Cause

    init(_ cause: Cause, device: String) {
        self.device = device
        self.cause = cause
    }

    /// The short code of a fault.
    var code: String {
        switch self.cause {
        case .missing: "device-missing"
        case .ambiguous: "device-ambiguous"
        case .notHX711: "device-wrong"
        case .refused: "device-refused"
        case .badValue: "bad-value"
        }
    }

    /// What is wrong and what to do, for technicians.
    var hint: String {
        switch self.cause {
        case .missing: "no IIO device \(self.device): check that the hx711 driver is loaded"
        case .ambiguous: "two IIO devices are called \(self.device): name one by its path"
        case .notHX711(let name): "\(self.device) is a \(name), not an hx711"
        case .refused(let attribute, let errno):
            "\(self.device): \(attribute) can't be used (errno \(errno)): check the permissions"
        case .badValue(let attribute): "\(self.device): \(attribute) is no value of an hx711"
        }
    }

    /// The driver waited in vain for the converter, or found it busy.
    var isNoReply: Bool { self.cause == .refused(attribute: self.attribute ?? "", EIO) }

    private var attribute: String? {
        switch self.cause {
        case .refused(let attribute, _): attribute
        case .missing, .ambiguous, .notHX711, .badValue: nil
        }
    }
}

/// An HX711 as Linux's own driver shows it: a folder of text files.
///
/// Source: Linux, drivers/iio/adc/hx711.c and Documentation/ABI/testing/sysfs-bus-iio.
struct IIODevice: Sendable {
    private static let driver = "hx711"

    private let device: String
    private let folder: String
    private let rawAttribute: String

    /// Finds the device and selects its channel's gain.
    ///
    /// - Parameter root: Where devices without a path are.
    init(_ settings: IIOSettings, root: String = "/sys/bus/iio/devices") throws(IIOError) {
        self.device = settings.device
        self.folder = try Self.folder(of: settings.device, root: root)
        switch settings.channel {
        case .a: self.rawAttribute = "in_voltage0_raw"
        case .b: self.rawAttribute = "in_voltage1_raw"
        }
        let name = try self.read("name")
        guard name == Self.driver else { throw IIOError(.notHX711(name), device: self.device) }
        switch settings.channel {
        case .a: try self.selectLargestGain()
        // Channel B has one gain.
        case .b: break
        }
    }

    /// Blocks until a conversion is ready, at most for somewhat more than 2 s.
    func word() throws(IIOError) -> HX711Word {
        let text = try self.read(self.rawAttribute)
        guard let raw = UInt32(text), let word = HX711Word(offsetBinary: raw) else {
            throw IIOError(.badValue(attribute: self.rawAttribute), device: self.device)
        }
        return word
    }

    private static func folder(of device: String, root: String) throws(IIOError) -> String {
        if device.contains("/") {
            guard access(device, F_OK) == 0 else { throw IIOError(.missing, device: device) }
            return device
        }
        let folders = Self.entries(of: root).sorted().filter { entry in
            if entry == device { return true }
            let names = [self.driverName(root, entry), self.label(root, entry)]
            return names.contains(device)
        }
        guard let first = folders.first else { throw IIOError(.missing, device: device) }
        guard folders.count == 1 else { throw IIOError(.ambiguous, device: device) }
        return "\(root)/\(first)"
    }

    private static func driverName(_ root: String, _ entry: String) -> String? {
        // A device without this file has no name to be found by.
        try? Self.text(of: "\(root)/\(entry)/name").get()
    }

    private static func label(_ root: String, _ entry: String) -> String? {
        // Only devices that the device tree labels have one.
        try? Self.text(of: "\(root)/\(entry)/label").get()
    }

    private static func entries(of root: String) -> [String] {
        guard let directory = opendir(root) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix("iio:device") { names.append(name) }
        }
        return names
    }

    /// Selects the gain of 128, which has the smallest scale; the driver begins with it, but
    /// somebody may have changed it.
    private func selectLargestGain() throws(IIOError) {
        let attribute = "in_voltage0_scale_available"
        // Without the list there is nothing to choose from, and the driver's choice stands.
        guard case .success(let list) = Self.text(of: "\(self.folder)/\(attribute)") else { return }
        // Nine decimals each: they sort as text.
        guard let smallest = list.split(separator: " ").min() else { return }
        let scale = try self.read("in_voltage_scale")
        if scale != smallest { try self.write(String(smallest), to: "in_voltage_scale") }
    }

    private func read(_ attribute: String) throws(IIOError) -> String {
        do throws(SystemError) {
            return try Self.text(of: "\(self.folder)/\(attribute)").get()
        } catch {
            guard error.errno == ENOENT || error.errno == ENODEV else {
                throw IIOError(.refused(attribute: attribute, error.errno), device: self.device)
            }
            throw IIOError(.missing, device: self.device)
        }
    }

    private func write(_ text: String, to attribute: String) throws(IIOError) {
        let file = open("\(self.folder)/\(attribute)", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw IIOError(.refused(attribute: attribute, errno), device: self.device)
        }
        defer { close(file) }
        let count = text.utf8.count
        guard Glibc.write(file, text, count) == count else {
            throw IIOError(.refused(attribute: attribute, errno), device: self.device)
        }
    }

    private struct SystemError: Error {
        var errno: Int32
    }

    /// The first line of a short file, without white space around it.
    private static func text(of path: String) -> Result<String, SystemError> {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return .failure(SystemError(errno: errno)) }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        var count = Glibc.read(file, &bytes, bytes.count)
        while count < 0, errno == EINTR { count = Glibc.read(file, &bytes, bytes.count) }
        guard count >= 0 else { return .failure(SystemError(errno: errno)) }
        let line =
            String(decoding: bytes[..<count], as: UTF8.self)
            .split(whereSeparator: \.isNewline).first ?? ""
        let words = line.split(separator: " ")
        return .success(words.joined(separator: " "))
    }
}
