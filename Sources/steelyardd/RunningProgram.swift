import BinCore
import Foundation
import Records

/// Which program this process runs.
enum RunningProgram {
    /// The program's own file, also after another one took its name.
    private static let path = "/proc/self/exe"
    private static let pieceBytes = 1 << 20

    /// The version with the beginning of the program's SHA-256, reckoned once: an officer compares
    /// what the records say with `steelyardd --version` of the program that was verified.
    static let identification = Steelyard.identification(digest: Self.digest?.hex)

    private static var digest: Digest256? {
        guard let file = FileHandle(forReadingAtPath: Self.path) else { return nil }
        // `try?`: a program that can't be read has only its version for a name.
        return try? Digest256(ofPieces: { try file.read(upToCount: Self.pieceBytes) })
    }
}
