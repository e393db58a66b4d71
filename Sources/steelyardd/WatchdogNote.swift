#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file in the storage directory that says that the daemon was ended because it hung: from what
/// systemd runs after it to its next start. Nothing depends on it but a word in a record.
struct WatchdogNote {
    private let path: String

    /// - Parameter directory: The storage directory.
    init(in directory: String) { self.path = "\(directory)/ended-by-watchdog" }

    func leave() {
        let descriptor = open(self.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }

    /// Returns whether it was there, and takes it away.
    func take() -> Bool { unlink(self.path) == 0 }
}
