/// gzip (RFC 1952) in one call each way, over zlib. Nothing here blocks or keeps memory.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Compresses `count` bytes into `out`, which has room for `room` bytes.
/// Returns how many bytes were written, or -1 if they don't fit.
long czlib_gzip(const uint8_t *bytes, size_t count, uint8_t *out, size_t room);

/// Expands one whole gzip stream into `out`.
/// Returns how many bytes were written, -1 if they don't fit, -2 if `bytes` is no whole gzip
/// stream.
long czlib_gunzip(const uint8_t *bytes, size_t count, uint8_t *out, size_t room);
