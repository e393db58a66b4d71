#include "CZlib.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

// 15 is the largest window; adding 16 asks for the gzip wrapper (zlib manual, deflateInit2).
enum { gzip_window = 15 + 16, memory_level = 8 };

static int prepare(z_stream *stream, const uint8_t *bytes, size_t count, uint8_t *out,
                   size_t room) {
    if (count > UINT_MAX || room > UINT_MAX) return -1;
    memset(stream, 0, sizeof *stream);
    stream->next_in = (Bytef *)bytes;
    stream->avail_in = (uInt)count;
    stream->next_out = out;
    stream->avail_out = (uInt)room;
    return 0;
}

long czlib_gzip(const uint8_t *bytes, size_t count, uint8_t *out, size_t room) {
    z_stream stream;
    if (prepare(&stream, bytes, count, out, room) != 0) return -1;
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return -1;
    int rc = deflate(&stream, Z_FINISH);
    long written = (long)stream.total_out;
    deflateEnd(&stream);
    return rc == Z_STREAM_END ? written : -1;
}

long czlib_gunzip(const uint8_t *bytes, size_t count, uint8_t *out, size_t room) {
    z_stream stream;
    if (prepare(&stream, bytes, count, out, room) != 0) return -1;
    if (inflateInit2(&stream, gzip_window) != Z_OK) return -2;
    int rc = inflate(&stream, Z_FINISH);
    long written = (long)stream.total_out;
    int whole = rc == Z_STREAM_END && stream.avail_in == 0;
    int full = stream.avail_out == 0 && rc == Z_BUF_ERROR;
    inflateEnd(&stream);
    if (whole) return written;
    return full ? -1 : -2;
}
