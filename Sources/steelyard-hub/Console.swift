import Foundation
import Records

/// Standard output and standard error, unbuffered, so that a reader sees a line when it is written.
enum Console {
    static func print(_ line: String) { self.write(Array((line + "\n").utf8)) }

    static func print(_ value: JSONValue) { self.write(value.bytes + [0x0A]) }

    static func write(_ bytes: [UInt8]) { FileHandle.standardOutput.write(Data(bytes)) }

    static func complain(_ line: String) {
        FileHandle.standardError.write(Data("steelyard-hub: \(line)\n".utf8))
    }
}

/// Reads a file that the operator names; `-` is standard input.
enum InputFile {
    /// - Throws: `Failure` if it can't be read, or has more than `limit` bytes.
    static func read(_ path: String, limit: Int) throws -> [UInt8] {
        let data: Data
        do {
            let file =
                path == "-"
                ? FileHandle.standardInput
                : try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            data = try Self.content(of: file, upTo: limit + 1)
        } catch { throw Failure(.noInput, "\(path) can't be read: \(error.localizedDescription)") }
        guard data.count <= limit else {
            throw Failure(.data, "\(path) has more than \(limit) bytes")
        }
        return Array(data)
    }

    /// A pipe gives its content in pieces.
    private static func content(of file: FileHandle, upTo count: Int) throws -> Data {
        var data = Data()
        while data.count < count, let piece = try file.read(upToCount: count - data.count),
            !piece.isEmpty
        {
            data += piece
        }
        return data
    }
}
