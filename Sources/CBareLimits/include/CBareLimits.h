#pragma once

#include <stddef.h>
#include <stdint.h>

// What `steelyard-bench` compares ours with: C libraries doing the same work, and no more.
//
// Every function returns 0 or more, or a negative code: −errno, or −(SQLite's result code) where it
// says so.

// With SQLite.

typedef struct limits_journal limits_journal;

// Opens or makes a database with one table like the journal's `records`, in WAL mode with
// synchronous FULL (both read back), incremental vacuum and pages of `page_bytes`. Negative:
// SQLite's result code.
// On success `*out` is the caller's, to be closed once.
int limits_journal_open(const char *path, int page_bytes, limits_journal **out);

// Inserts one row in a transaction of its own; durable when it returns. `chain` has 32 bytes.
// Negative: SQLite's result code.
int limits_journal_insert(limits_journal *journal, int64_t seq, const void *body, int body_bytes,
                          const void *chain);

// Closes it, which writes what the log holds into the database. Does nothing for NULL.
void limits_journal_close(limits_journal *journal);

// The page size of the database at `path`. Negative: SQLite's result code.
int limits_page_bytes(const char *path);

// What SQLite asked of the operating system, in all databases opened after `limits_count_writes`.
typedef struct {
    int64_t bytes;   // written to files
    int64_t writes;  // calls that wrote
    int64_t syncs;   // fsync or fdatasync
} limits_writes;

// Has every database that is opened from now on counted, the journal's too. It can't be undone.
int limits_count_writes(void);

// The counts since the process began.
limits_writes limits_written(void);

// With libmodbus.

typedef struct limits_server limits_server;

// Answers every request for holding registers on a pseudo-terminal, at once and on a thread of its
// own, for all units: registers 0 and 1 hold 5000 (g), 2 and those behind it 1. The path of the
// near end goes into `port`, which has `size` bytes.
int limits_server_start(char *port, size_t size, limits_server **out);

// The processor time of its thread, in nanoseconds.
int64_t limits_server_cpu_ns(const limits_server *server);

// Ends the thread and frees `server`.
void limits_server_stop(limits_server *server);

// Polls with libmodbus alone: opens `port` (8N1), reads registers 0 to 2 of units 1 to `units` in
// turn, `slices` times `slice` polls after `warmup` polls, each after a silence of `gap_us`.
// Writes how long each slice took into `slice_ns`, which has room for them. −1: an exchange failed.
int limits_poll(const char *port, int baud, int units, int gap_us, int warmup, int slice,
                int slices, int64_t *slice_ns);

// With libgpiod.

typedef struct limits_edges limits_edges;

// Requests two lines of the chip at `path` for both edges.
int limits_edges_open(const char *path, unsigned first, unsigned second, limits_edges **out);

// Waits for edges and reads them on the calling thread, until `target` came or none did for
// `idle_ms`. Returns how many came; `*cpu_ns` is this thread's processor time up to the last one.
int64_t limits_edges_count(limits_edges *edges, int64_t target, int idle_ms, int64_t *cpu_ns);

void limits_edges_close(limits_edges *edges);
