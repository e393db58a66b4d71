import CZlib

/// gzip for `Content-Encoding`, with a bound on what a small body may unfold to.
package enum Gzip {
    package enum Failure: Error, Hashable, Sendable {
        /// The content is larger than the limit.
        case tooLarge
        /// Not one whole gzip stream.
        case malformed
    }

    /// Returns `nil` if `bytes` can't be compressed, which only a lack of memory causes.
    package static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        // Incompressible data grows by 5 bytes each 16 KiB block (zlib manual); the rest is head.
        let room = bytes.count + bytes.count / 16_384 * 5 + 64
        var out = [UInt8](repeating: 0, count: room)
        let written = out.withUnsafeMutableBufferPointer { buffer in
            czlib_gzip(bytes, bytes.count, buffer.baseAddress, buffer.count)
        }
        return written < 0 ? nil : Array(out.prefix(written))
    }

    /// Expands `bytes` to at most `limit` bytes.
    package static func expand(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
        // One byte more than the limit tells a content that just fits from one that doesn't.
        var out = [UInt8](repeating: 0, count: limit + 1)
        let written = out.withUnsafeMutableBufferPointer { buffer in
            czlib_gunzip(bytes, bytes.count, buffer.baseAddress, buffer.count)
        }
        switch written {
        case -1: throw .tooLarge
        case ..<0: throw .malformed
        case (limit + 1)...: throw .tooLarge
        default: return Array(out.prefix(written))
        }
    }
}
