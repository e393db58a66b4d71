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
    CCRASHDISK_SYNC_DIRECTORY /* all names */
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

/* How many operations were noted, and one of them (0 <= index < count). */
int64_t ccrashdisk_count(const ccrashdisk *disk);
ccrashdisk_operation ccrashdisk_at(const ccrashdisk *disk, int64_t index);

#endif
