// A layer below SQLite that counts what it writes and syncs, and changes nothing.

#include "CBareLimits.h"

#include <sqlite3.h>
#include <stdatomic.h>

// SQLite gives us this much and the room for the real file behind it.
typedef struct {
    sqlite3_file base;
    sqlite3_file *real;
} counted;

static atomic_llong bytes_written, write_calls, sync_calls;
static sqlite3_vfs *real_vfs;
static sqlite3_vfs counting_vfs;

static sqlite3_file *real_of(sqlite3_file *file) { return ((counted *)file)->real; }

static int count_write(sqlite3_file *file, const void *from, int amount, sqlite3_int64 at) {
    atomic_fetch_add(&bytes_written, amount);
    atomic_fetch_add(&write_calls, 1);
    sqlite3_file *real = real_of(file);
    return real->pMethods->xWrite(real, from, amount, at);
}

static int count_sync(sqlite3_file *file, int flags) {
    atomic_fetch_add(&sync_calls, 1);
    sqlite3_file *real = real_of(file);
    return real->pMethods->xSync(real, flags);
}

// The rest is handed through.
#define PASS(name, parameters, ...)                     \
    static int pass_##name parameters {                 \
        sqlite3_file *real = real_of(file);             \
        return real->pMethods->name(real, __VA_ARGS__); \
    }
#define PASS_ALONE(name)                      \
    static int pass_##name(sqlite3_file *file) { \
        sqlite3_file *real = real_of(file);   \
        return real->pMethods->name(real);    \
    }

PASS_ALONE(xClose)
PASS(xRead, (sqlite3_file *file, void *into, int amount, sqlite3_int64 at), into, amount, at)
PASS(xTruncate, (sqlite3_file *file, sqlite3_int64 size), size)
PASS(xFileSize, (sqlite3_file *file, sqlite3_int64 *size), size)
PASS(xLock, (sqlite3_file *file, int level), level)
PASS(xUnlock, (sqlite3_file *file, int level), level)
PASS(xCheckReservedLock, (sqlite3_file *file, int *out), out)
PASS(xFileControl, (sqlite3_file *file, int op, void *argument), op, argument)
PASS_ALONE(xSectorSize)
PASS_ALONE(xDeviceCharacteristics)
PASS(xShmMap, (sqlite3_file *file, int page, int size, int extend, void volatile **out), page, size,
     extend, out)
PASS(xShmLock, (sqlite3_file *file, int offset, int n, int flags), offset, n, flags)
PASS(xShmUnmap, (sqlite3_file *file, int remove), remove)
PASS(xFetch, (sqlite3_file *file, sqlite3_int64 at, int amount, void **out), at, amount, out)
PASS(xUnfetch, (sqlite3_file *file, sqlite3_int64 at, void *page), at, page)

static void pass_xShmBarrier(sqlite3_file *file) {
    sqlite3_file *real = real_of(file);
    real->pMethods->xShmBarrier(real);
}

static const sqlite3_io_methods methods = {
    .iVersion = 3,
    .xClose = pass_xClose,
    .xRead = pass_xRead,
    .xWrite = count_write,
    .xTruncate = pass_xTruncate,
    .xSync = count_sync,
    .xFileSize = pass_xFileSize,
    .xLock = pass_xLock,
    .xUnlock = pass_xUnlock,
    .xCheckReservedLock = pass_xCheckReservedLock,
    .xFileControl = pass_xFileControl,
    .xSectorSize = pass_xSectorSize,
    .xDeviceCharacteristics = pass_xDeviceCharacteristics,
    .xShmMap = pass_xShmMap,
    .xShmLock = pass_xShmLock,
    .xShmBarrier = pass_xShmBarrier,
    .xShmUnmap = pass_xShmUnmap,
    .xFetch = pass_xFetch,
    .xUnfetch = pass_xUnfetch,
};

static int open_counted(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags,
                        int *flags_out) {
    (void)vfs;
    counted *own = (counted *)file;
    own->base.pMethods = NULL;
    own->real = (sqlite3_file *)(own + 1);
    int result = real_vfs->xOpen(real_vfs, name, own->real, flags, flags_out);
    if (!own->real->pMethods) return result;
    // Debian's SQLite has all of them on its usual files.
    if (result == SQLITE_OK && own->real->pMethods->iVersion < 3) {
        own->real->pMethods->xClose(own->real);
        return SQLITE_CANTOPEN;
    }
    own->base.pMethods = &methods;
    return result;
}

int limits_count_writes(void) {
    if (real_vfs) return 0;
    sqlite3_vfs *usual = sqlite3_vfs_find(NULL);
    if (!usual) return -SQLITE_ERROR;
    counting_vfs = *usual;
    counting_vfs.zName = "steelyard-counting";
    counting_vfs.pNext = NULL;
    counting_vfs.szOsFile = (int)sizeof(counted) + usual->szOsFile;
    counting_vfs.xOpen = open_counted;
    real_vfs = usual;
    return -sqlite3_vfs_register(&counting_vfs, 1);
}

limits_writes limits_written(void) {
    return (limits_writes){
        .bytes = atomic_load(&bytes_written),
        .writes = atomic_load(&write_calls),
        .syncs = atomic_load(&sync_calls),
    };
}
