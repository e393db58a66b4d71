#ifndef CCRASHDISK_H
#define CCRASHDISK_H

#include <stdint.h>

/* A file system for SQLite in memory that notes every operation, for tests of power cuts.
 *
 * What is open sees every write at once, as through a page cache. What a medium would hold if the
 * power failed after the first N operations is for the caller to say, from the notes.
 *
 * It is SQLite's default VFS once it is installed: files in a folder where a disk is mounted are on
 * that disk, all others where they would be without it. To SQLite it says of itself what the
 * "unix" VFS does: 4,096-byte sectors, and that a write harms nothing beside it
 * (SQLITE_IOCAP_POWERSAFE_OVERWRITE).
 *
 * One process and one connection to a file at a time: locks always succeed, and shared memory is
 * the connection's own. Calls on one disk must come one after the other, from any thread.
 */

typedef struct ccrashdisk ccrashdisk;

enum {
    CCRASHDISK_CREATE = 1,    /* `data` is the name */
    CCRASHDISK_DELETE,        /* `data` is the name */
    CCRASHDISK_WRITE,         /* `data` to `offset` */
    CCRASHDISK_TRUNCATE,      /* to `offset` bytes */
    CCRASHDISK_SYNC_FILE,     /* the file's bytes and size */
    CCRASHDISK_SYNC_DIRECTORY, /* all names */
    CCRASHDISK_RENAME, /* `data` is the old name, a zero byte, and the new one */
    CCRASHDISK_LINK /* `data` is a second name */
};

/* What can be refused. */
enum {
    CCRASHDISK_REFUSES_WRITES = 1,
    CCRASHDISK_REFUSES_SYNCS = 2,
    CCRASHDISK_REFUSES_SIZES = 4, /* truncation */
    CCRASHDISK_REFUSES_NAMES = 8, /* files are neither made, renamed, linked nor removed */
    CCRASHDISK_REFUSES_READS = 16 /* always with EIO */
};

typedef struct {
    int32_t kind;
    int32_t file; /* from 0, in the order of creation; -1 for SYNC_DIRECTORY */
    int64_t offset;
    int64_t length; /* of `data`, in bytes */
    const uint8_t *data; /* the disk's, as long as the disk lives; NULL if there is none */
} ccrashdisk_operation;

/* Makes this SQLite's default VFS, once for the process. 0, or SQLite's error code. */
int ccrashdisk_install(void);

/* An empty disk; NULL without memory. It lives until it is freed, unmounted and no file is open. */
ccrashdisk *ccrashdisk_make(void);
void ccrashdisk_free(ccrashdisk *disk);

/* Puts a file on the disk that was always there: it is not noted. Returns its number, or -1. */
int32_t ccrashdisk_add(ccrashdisk *disk, const char *name, const void *bytes, int64_t length);

/* Mounts the disk at an absolute path without a slash at its end, in place of what is mounted
 * there. NULL unmounts. 0, or -1 without room. */
int ccrashdisk_mount(ccrashdisk *disk, const char *directory);

/* Whoever has files open now is dead: nothing they do reaches the disk any more. */
void ccrashdisk_disconnect(ccrashdisk *disk);

/* How many files are open on it. */
int ccrashdisk_open_files(ccrashdisk *disk);

/* What the files on it take, in bytes, and what they may take: 0 is no limit. A write that would
 * make a file grow beyond it is refused with SQLITE_FULL. */
int64_t ccrashdisk_bytes(const ccrashdisk *disk);
void ccrashdisk_limit(ccrashdisk *disk, int64_t bytes);
/* Files that aren't SQLite's, by name. 0, or a negative errno: -ENOENT, -EIO, -ENOSPC, -ENOMEM.
 * What SQLite and these do to a file with the same name is done to the same file. */
int ccrashdisk_create(ccrashdisk *disk, const char *name, int empties);
int ccrashdisk_write(
    ccrashdisk *disk, const char *name, const void *bytes, int64_t length, int64_t offset);
int ccrashdisk_sync(ccrashdisk *disk, const char *name);
int ccrashdisk_sync_directory(ccrashdisk *disk);
int ccrashdisk_rename(ccrashdisk *disk, const char *name, const char *new_name);
int ccrashdisk_link(ccrashdisk *disk, const char *name, const char *new_name);
int ccrashdisk_unlink(ccrashdisk *disk, const char *name);
/* Bytes, or -ENOENT. */
int64_t ccrashdisk_size(const ccrashdisk *disk, const char *name);
/* Reads from the beginning. Returns how many bytes, at most `room`, or -ENOENT or -EIO. */
int64_t ccrashdisk_read(ccrashdisk *disk, const char *name, void *out, int64_t room);
/* The name with this index, in no order; NULL beyond the last one. */
const char *ccrashdisk_name(const ccrashdisk *disk, int32_t index);

/* From the `nth` operation of these kinds on (1 is the next one) the medium refuses: once, or until
 * the next call. `code` is EIO or ENOSPC; a write that is refused with EIO leaves its first half
 * behind. `nth` 0 heals. */
void ccrashdisk_refuse(ccrashdisk *disk, int kinds, int64_t nth, int code, int forever);
/* From now on no byte can be written into the file that has this name now; whatever else is done
 * works. Ended by `ccrashdisk_refuse`. */
void ccrashdisk_wear_out(ccrashdisk *disk, const char *name);
/* How many operations were refused since then. */
int64_t ccrashdisk_refused(const ccrashdisk *disk);

/* How many operations were noted, and one of them (0 <= index < count). */
int64_t ccrashdisk_count(const ccrashdisk *disk);
ccrashdisk_operation ccrashdisk_at(const ccrashdisk *disk, int64_t index);

#endif
