import Console
import Logging

/// The file with the token that `steelyard-hub device add` printed.
enum TokenFile {
    static func read(_ path: String, logger: Logger) throws(Failure) -> String {
        let line: ArraySlice<UInt8>
        do { line = try Console.read(path).prefix { $0 != 0x0A && $0 != 0x0D } } catch {
            throw Failure("the token file: \(error.words)", .configuration)
        }
        guard !line.isEmpty, line.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Failure(
                "the token file \(path) holds no token; write there what "
                    + "`steelyard-hub device add` printed", .configuration)
        }
        if Console.isReadableByEverybody(path) {
            logger.warning(
                "Everybody on this machine can read the token file; change that (chmod o-r)",
                metadata: ["path": "\(path)"])
        }
        return String(decoding: line, as: UTF8.self)
    }
}
