#include "CCrashDisk.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* A file that is replaced counts again: a week has some thousands. */
enum { mostFiles = 8192, mostNames = 32, mostMounts = 64, mostRegions = 64, longestName = 256 };

typedef struct {
    uint8_t *bytes;
    int64_t size, room;
} memory_file;

struct ccrashdisk {
    int references;   /* the owner's, the mount's and one for each open file; under `lock` */
    int openFiles;    /* under `lock` */
    int64_t connects; /* counts disconnections */
    int64_t limit;    /* bytes; 0: none */
    memory_file files[mostFiles];
    int32_t count;
    struct {
        char name[longestName];
        int32_t file;
    } names[mostNames];
    int32_t nameCount;
    ccrashdisk_operation *notes;
    int64_t noteCount, noteRoom;
    struct {
        int kinds, code, forever;
        int64_t in; /* the operations until the first one */
        int64_t count;
    } refusal;
    int32_t worn; /* a file that takes no byte any more; 0: none, else its number and 1 */
};

typedef struct {
    sqlite3_file base;
    ccrashdisk *disk;
    int32_t file;
    int64_t connect;
    int syncsDirectory; /* a new journal or log: its name is synced with its first bytes */
    int deletesOnClose;
    char name[longestName];
    void *regions[mostRegions];
} handle;

static struct {
    char directory[longestName];
    ccrashdisk *disk;
} mounts[mostMounts];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sqlite3_vfs vfs;
static sqlite3_vfs *beneath;

/* Disks */

ccrashdisk *ccrashdisk_make(void) {
    ccrashdisk *disk = calloc(1, sizeof *disk);
    if (disk) disk->references = 1;
    return disk;
}

static void release(ccrashdisk *disk) {
    if (--disk->references > 0) return;
    for (int32_t i = 0; i < disk->count; i++) free(disk->files[i].bytes);
    for (int64_t i = 0; i < disk->noteCount; i++) free((void *)disk->notes[i].data);
    free(disk->notes);
    free(disk);
}

void ccrashdisk_free(ccrashdisk *disk) {
    pthread_mutex_lock(&lock);
    release(disk);
    pthread_mutex_unlock(&lock);
}

int ccrashdisk_mount(ccrashdisk *disk, const char *directory) {
    int found = -1;
    if (strlen(directory) >= longestName) return -1;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < mostMounts; i++) {
        if (mounts[i].disk && strcmp(mounts[i].directory, directory) == 0) {
            release(mounts[i].disk);
            mounts[i].disk = NULL;
        }
        if (!mounts[i].disk) found = i;
    }
    if (disk && found >= 0) {
        strcpy(mounts[found].directory, directory);
        mounts[found].disk = disk;
        disk->references++;
    }
    pthread_mutex_unlock(&lock);
    return disk && found < 0 ? -1 : 0;
}

/* The disk that a path is on, with a reference more, and the path's name there. */
static ccrashdisk *find(const char *path, const char **name) {
    ccrashdisk *disk = NULL;
    const char *slash = path ? strrchr(path, '/') : NULL;
    if (!slash || strlen(slash + 1) >= longestName) return NULL;
    size_t length = (size_t)(slash - path);
    pthread_mutex_lock(&lock);
    for (int i = 0; i < mostMounts && !disk; i++) {
        if (mounts[i].disk && strlen(mounts[i].directory) == length &&
            memcmp(mounts[i].directory, path, length) == 0) {
            disk = mounts[i].disk;
            disk->references++;
        }
    }
    pthread_mutex_unlock(&lock);
    *name = slash + 1;
    return disk;
}

int ccrashdisk_open_files(ccrashdisk *disk) {
    pthread_mutex_lock(&lock);
    int count = disk->openFiles;
    pthread_mutex_unlock(&lock);
    return count;
}

void ccrashdisk_disconnect(ccrashdisk *disk) { disk->connects++; }
int64_t ccrashdisk_count(const ccrashdisk *disk) { return disk->noteCount; }
ccrashdisk_operation ccrashdisk_at(const ccrashdisk *disk, int64_t index) {
    return disk->notes[index];
}

int64_t ccrashdisk_bytes(const ccrashdisk *disk) {
    int64_t bytes = 0;
    for (int32_t i = 0; i < disk->nameCount; i++) bytes += disk->files[disk->names[i].file].size;
    return bytes;
}
void ccrashdisk_limit(ccrashdisk *disk, int64_t bytes) { disk->limit = bytes; }

/* 0, or -1 without memory: then the operation must not be done. */
static int note(
    ccrashdisk *disk, int kind, int32_t file, int64_t offset, const void *data, int64_t length) {
    uint8_t *copy = NULL;
    if (disk->noteCount == disk->noteRoom) {
        int64_t room = disk->noteRoom ? disk->noteRoom * 2 : 256;
        void *notes = realloc(disk->notes, (size_t)room * sizeof *disk->notes);
        if (!notes) return -1;
        disk->notes = notes;
        disk->noteRoom = room;
    }
    if (length > 0) {
        copy = malloc((size_t)length);
        if (!copy) return -1;
        memcpy(copy, data, (size_t)length);
    }
    disk->notes[disk->noteCount++] = (ccrashdisk_operation){
        .kind = kind, .file = file, .offset = offset, .length = length, .data = copy};
    return 0;
}

static int32_t lookup(const ccrashdisk *disk, const char *name) {
    for (int32_t i = 0; i < disk->nameCount; i++)
        if (strcmp(disk->names[i].name, name) == 0) return i;
    return -1;
}

void ccrashdisk_refuse(ccrashdisk *disk, int kinds, int64_t nth, int code, int forever) {
    disk->refusal.kinds = nth > 0 ? kinds : 0;
    disk->refusal.code = code;
    disk->refusal.forever = forever;
    disk->refusal.in = nth;
    disk->refusal.count = 0;
    disk->worn = 0;
}

void ccrashdisk_wear_out(ccrashdisk *disk, const char *name) {
    int32_t index = lookup(disk, name);
    disk->worn = index < 0 ? 0 : disk->names[index].file + 1;
}

static int isWorn(ccrashdisk *disk, int32_t file) {
    if (disk->worn == file + 1) disk->refusal.count++;
    return disk->worn == file + 1;
}

int64_t ccrashdisk_refused(const ccrashdisk *disk) { return disk->refusal.count; }

/* 0, or the errno that this operation fails with. */
static int refuses(ccrashdisk *disk, int kind) {
    if (!(disk->refusal.kinds & kind)) return 0;
    if (disk->refusal.in > 1) {
        disk->refusal.in--;
        return 0;
    }
    if (!disk->refusal.forever) disk->refusal.kinds = 0;
    disk->refusal.count++;
    return disk->refusal.code;
}

static int resize(memory_file *file, int64_t size) {
    if (size > file->room) {
        int64_t room = size * 2 + 4096;
        uint8_t *bytes = realloc(file->bytes, (size_t)room);
        if (!bytes) return -1;
        file->bytes = bytes;
        file->room = room;
    }
    if (size > file->size) memset(file->bytes + file->size, 0, (size_t)(size - file->size));
    file->size = size;
    return 0;
}

int32_t ccrashdisk_add(ccrashdisk *disk, const char *name, const void *bytes, int64_t length) {
    if (disk->count == mostFiles || disk->nameCount == mostNames || lookup(disk, name) >= 0)
        return -1;
    if (resize(&disk->files[disk->count], length) != 0) return -1;
    if (length > 0) memcpy(disk->files[disk->count].bytes, bytes, (size_t)length);
    strncpy(disk->names[disk->nameCount].name, name, longestName - 1);
    disk->names[disk->nameCount++].file = disk->count;
    return disk->count++;
}

/* Files */

static memory_file *fileOf(handle *h) {
    return h->connect == h->disk->connects ? &h->disk->files[h->file] : NULL;
}

static int xRead(sqlite3_file *f, void *out, int amount, sqlite3_int64 offset) {
    handle *h = (handle *)f;
    memory_file *file = fileOf(h);
    if (!file || refuses(h->disk, CCRASHDISK_REFUSES_READS)) return SQLITE_IOERR_READ;
    int64_t there = file->size - offset;
    if (there < 0) there = 0;
    if (there > amount) there = amount;
    if (there > 0) memcpy(out, file->bytes + offset, (size_t)there);
    if (there == amount) return SQLITE_OK;
    memset((uint8_t *)out + there, 0, (size_t)(amount - there));
    return SQLITE_IOERR_SHORT_READ;
}

/* Writes and notes it. 0, or -1 without memory. */
static int put(
    ccrashdisk *disk, int32_t number, const void *data, int64_t length, int64_t offset) {
    memory_file *file = &disk->files[number];
    if (note(disk, CCRASHDISK_WRITE, number, offset, data, length) != 0) return -1;
    if (offset + length > file->size && resize(file, offset + length) != 0) return -1;
    if (length > 0) memcpy(file->bytes + offset, data, (size_t)length);
    return 0;
}

static int xWrite(sqlite3_file *f, const void *data, int amount, sqlite3_int64 offset) {
    handle *h = (handle *)f;
    memory_file *file = fileOf(h);
    if (!file) return SQLITE_IOERR_WRITE;
    int64_t growth = offset + amount - file->size;
    if (h->disk->limit > 0 && growth > 0 &&
        ccrashdisk_bytes(h->disk) + growth > h->disk->limit)
        return SQLITE_FULL;
    if (isWorn(h->disk, h->file)) return SQLITE_IOERR_WRITE;
    int refusal = refuses(h->disk, CCRASHDISK_REFUSES_WRITES);
    if (refusal == ENOSPC) return SQLITE_FULL;
    if (put(h->disk, h->file, data, refusal ? amount / 2 : amount, offset) != 0)
        return SQLITE_IOERR_NOMEM;
    return refusal ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

static int xTruncate(sqlite3_file *f, sqlite3_int64 size) {
    handle *h = (handle *)f;
    memory_file *file = fileOf(h);
    if (!file) return SQLITE_IOERR_TRUNCATE;
    if (size == file->size) return SQLITE_OK;
    if (refuses(h->disk, CCRASHDISK_REFUSES_SIZES)) return SQLITE_IOERR_TRUNCATE;
    if (note(h->disk, CCRASHDISK_TRUNCATE, h->file, size, NULL, 0) != 0)
        return SQLITE_IOERR_NOMEM;
    return resize(file, size) == 0 ? SQLITE_OK : SQLITE_IOERR_NOMEM;
}

static int xSync(sqlite3_file *f, int flags) {
    handle *h = (handle *)f;
    (void)flags;
    if (!fileOf(h)) return SQLITE_IOERR_FSYNC;
    if (refuses(h->disk, CCRASHDISK_REFUSES_SYNCS)) return SQLITE_IOERR_FSYNC;
    if (note(h->disk, CCRASHDISK_SYNC_FILE, h->file, 0, NULL, 0) != 0) return SQLITE_IOERR_NOMEM;
    if (!h->syncsDirectory) return SQLITE_OK;
    h->syncsDirectory = 0;
    return note(h->disk, CCRASHDISK_SYNC_DIRECTORY, -1, 0, NULL, 0) == 0 ? SQLITE_OK
                                                                         : SQLITE_IOERR_NOMEM;
}

static int xFileSize(sqlite3_file *f, sqlite3_int64 *size) {
    memory_file *file = fileOf((handle *)f);
    if (!file) return SQLITE_IOERR_FSTAT;
    *size = file->size;
    return SQLITE_OK;
}

static int xLock(sqlite3_file *f, int level) {
    (void)level;
    return fileOf((handle *)f) ? SQLITE_OK : SQLITE_IOERR_LOCK;
}
static int xUnlock(sqlite3_file *f, int level) {
    (void)f, (void)level;
    return SQLITE_OK;
}
static int xCheckReservedLock(sqlite3_file *f, int *isReserved) {
    (void)f;
    *isReserved = 0;
    return SQLITE_OK;
}
static int xFileControl(sqlite3_file *f, int operation, void *argument) {
    (void)f, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}
static int xSectorSize(sqlite3_file *f) {
    (void)f;
    return 4096;
}
static int xDeviceCharacteristics(sqlite3_file *f) {
    (void)f;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int xShmMap(sqlite3_file *f, int region, int size, int extend, void volatile **out) {
    handle *h = (handle *)f;
    *out = NULL;
    if (region >= mostRegions) return SQLITE_IOERR_SHMMAP;
    if (!h->regions[region] && extend) {
        h->regions[region] = calloc(1, (size_t)size);
        if (!h->regions[region]) return SQLITE_IOERR_NOMEM;
    }
    *out = h->regions[region];
    return SQLITE_OK;
}
static int xShmLock(sqlite3_file *f, int offset, int count, int flags) {
    (void)f, (void)offset, (void)count, (void)flags;
    return SQLITE_OK;
}
static void xShmBarrier(sqlite3_file *f) { (void)f; }
static int xShmUnmap(sqlite3_file *f, int deletes) {
    handle *h = (handle *)f;
    (void)deletes;
    for (int i = 0; i < mostRegions; i++) {
        free(h->regions[i]);
        h->regions[i] = NULL;
    }
    return SQLITE_OK;
}

/* Names */

static int removeName(ccrashdisk *disk, const char *name) {
    int32_t index = lookup(disk, name);
    if (index < 0) return SQLITE_IOERR_DELETE_NOENT;
    if (refuses(disk, CCRASHDISK_REFUSES_NAMES)) return SQLITE_IOERR_DELETE;
    if (note(disk, CCRASHDISK_DELETE, disk->names[index].file, 0, name, (int64_t)strlen(name)) != 0)
        return SQLITE_IOERR_NOMEM;
    disk->names[index] = disk->names[--disk->nameCount];
    return SQLITE_OK;
}

static int xClose(sqlite3_file *f) {
    handle *h = (handle *)f;
    int code = SQLITE_OK;
    xShmUnmap(f, 0);
    if (h->deletesOnClose && fileOf(h)) code = removeName(h->disk, h->name);
    pthread_mutex_lock(&lock);
    h->disk->openFiles--;
    release(h->disk);
    pthread_mutex_unlock(&lock);
    return code;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2, /* shared memory, no mapped files */
    .xClose = xClose,
    .xRead = xRead,
    .xWrite = xWrite,
    .xTruncate = xTruncate,
    .xSync = xSync,
    .xFileSize = xFileSize,
    .xLock = xLock,
    .xUnlock = xUnlock,
    .xCheckReservedLock = xCheckReservedLock,
    .xFileControl = xFileControl,
    .xSectorSize = xSectorSize,
    .xDeviceCharacteristics = xDeviceCharacteristics,
    .xShmMap = xShmMap,
    .xShmLock = xShmLock,
    .xShmBarrier = xShmBarrier,
    .xShmUnmap = xShmUnmap,
};

static int openName(handle *h, const char *name, int flags, int *outFlags) {
    int32_t index = lookup(h->disk, name);
    if (index >= 0 && flags & SQLITE_OPEN_EXCLUSIVE) return SQLITE_CANTOPEN;
    if (index < 0) {
        if (!(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
        if (refuses(h->disk, CCRASHDISK_REFUSES_NAMES)) return SQLITE_CANTOPEN;
        if (note(h->disk, CCRASHDISK_CREATE, h->disk->count, 0, name, (int64_t)strlen(name)) != 0)
            return SQLITE_IOERR_NOMEM;
        if (ccrashdisk_add(h->disk, name, NULL, 0) < 0) return SQLITE_CANTOPEN;
        index = lookup(h->disk, name);
        /* As the "unix" VFS does. */
        h->syncsDirectory =
            (flags & (SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    }
    h->file = h->disk->names[index].file;
    h->connect = h->disk->connects;
    h->deletesOnClose = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    strcpy(h->name, name);
    if (outFlags) *outFlags = flags;
    return SQLITE_OK;
}

static int xOpen(sqlite3_vfs *v, const char *path, sqlite3_file *f, int flags, int *outFlags) {
    handle *h = (handle *)f;
    const char *name;
    ccrashdisk *disk = find(path, &name);
    (void)v;
    if (!disk) return beneath->xOpen(beneath, path, f, flags, outFlags);
    memset(h, 0, sizeof *h);
    h->disk = disk;
    int code = openName(h, name, flags, outFlags);
    if (code == SQLITE_OK) {
        h->base.pMethods = &methods;
        pthread_mutex_lock(&lock);
        disk->openFiles++;
        pthread_mutex_unlock(&lock);
    } else {
        ccrashdisk_free(disk);
    }
    return code;
}

static int xDelete(sqlite3_vfs *v, const char *path, int syncsDirectory) {
    const char *name;
    ccrashdisk *disk = find(path, &name);
    (void)v;
    if (!disk) return beneath->xDelete(beneath, path, syncsDirectory);
    int code = removeName(disk, name);
    if (code == SQLITE_OK && syncsDirectory &&
        note(disk, CCRASHDISK_SYNC_DIRECTORY, -1, 0, NULL, 0) != 0)
        code = SQLITE_IOERR_NOMEM;
    ccrashdisk_free(disk);
    return code;
}

/* Files that aren't SQLite's */

int ccrashdisk_create(ccrashdisk *disk, const char *name, int empties) {
    int32_t index = lookup(disk, name);
    if (index >= 0) {
        int32_t number = disk->names[index].file;
        if (!empties || disk->files[number].size == 0) return 0;
        int refusal = refuses(disk, CCRASHDISK_REFUSES_SIZES);
        if (refusal) return -refusal;
        if (note(disk, CCRASHDISK_TRUNCATE, number, 0, NULL, 0) != 0) return -ENOMEM;
        return resize(&disk->files[number], 0) == 0 ? 0 : -ENOMEM;
    }
    int refusal = refuses(disk, CCRASHDISK_REFUSES_NAMES);
    if (refusal) return -refusal;
    if (note(disk, CCRASHDISK_CREATE, disk->count, 0, name, (int64_t)strlen(name)) != 0)
        return -ENOMEM;
    return ccrashdisk_add(disk, name, NULL, 0) < 0 ? -ENOSPC : 0;
}

int ccrashdisk_write(
    ccrashdisk *disk, const char *name, const void *bytes, int64_t length, int64_t offset) {
    int32_t index = lookup(disk, name);
    if (index < 0) return -ENOENT;
    if (isWorn(disk, disk->names[index].file)) return -EIO;
    int refusal = refuses(disk, CCRASHDISK_REFUSES_WRITES);
    if (refusal == ENOSPC) return -refusal;
    if (put(disk, disk->names[index].file, bytes, refusal ? length / 2 : length, offset) != 0)
        return -ENOMEM;
    return -refusal;
}

int ccrashdisk_sync(ccrashdisk *disk, const char *name) {
    int32_t index = lookup(disk, name);
    if (index < 0) return -ENOENT;
    int refusal = refuses(disk, CCRASHDISK_REFUSES_SYNCS);
    if (refusal) return -refusal;
    int code = note(disk, CCRASHDISK_SYNC_FILE, disk->names[index].file, 0, NULL, 0);
    return code == 0 ? 0 : -ENOMEM;
}

int ccrashdisk_sync_directory(ccrashdisk *disk) {
    int refusal = refuses(disk, CCRASHDISK_REFUSES_SYNCS);
    if (refusal) return -refusal;
    return note(disk, CCRASHDISK_SYNC_DIRECTORY, -1, 0, NULL, 0) == 0 ? 0 : -ENOMEM;
}

int ccrashdisk_rename(ccrashdisk *disk, const char *name, const char *new_name) {
    char both[2 * longestName];
    int32_t index = lookup(disk, name), there = lookup(disk, new_name);
    size_t length = strlen(name), all = length + 1 + strlen(new_name);
    if (index < 0) return -ENOENT;
    if (all >= sizeof both) return -ENAMETOOLONG;
    int refusal = refuses(disk, CCRASHDISK_REFUSES_NAMES);
    if (refusal) return -refusal;
    memcpy(both, name, length + 1);
    strcpy(both + length + 1, new_name);
    int32_t file = disk->names[index].file;
    if (note(disk, CCRASHDISK_RENAME, file, 0, both, (int64_t)all) != 0) return -ENOMEM;
    strcpy(disk->names[index].name, new_name);
    if (there >= 0) disk->names[there] = disk->names[--disk->nameCount];
    return 0;
}

int ccrashdisk_link(ccrashdisk *disk, const char *name, const char *new_name) {
    int32_t index = lookup(disk, name);
    if (index < 0) return -ENOENT;
    if (lookup(disk, new_name) >= 0) return -EEXIST;
    if (disk->nameCount == mostNames || strlen(new_name) >= longestName) return -ENOSPC;
    int refusal = refuses(disk, CCRASHDISK_REFUSES_NAMES);
    if (refusal) return -refusal;
    int32_t file = disk->names[index].file;
    if (note(disk, CCRASHDISK_LINK, file, 0, new_name, (int64_t)strlen(new_name)) != 0)
        return -ENOMEM;
    strcpy(disk->names[disk->nameCount].name, new_name);
    disk->names[disk->nameCount++].file = file;
    return 0;
}

int ccrashdisk_unlink(ccrashdisk *disk, const char *name) {
    switch (removeName(disk, name)) {
    case SQLITE_OK: return 0;
    case SQLITE_IOERR_DELETE_NOENT: return -ENOENT;
    case SQLITE_IOERR_NOMEM: return -ENOMEM;
    default: return -EIO;
    }
}

int64_t ccrashdisk_size(const ccrashdisk *disk, const char *name) {
    int32_t index = lookup(disk, name);
    return index < 0 ? -ENOENT : disk->files[disk->names[index].file].size;
}

int64_t ccrashdisk_read(ccrashdisk *disk, const char *name, void *out, int64_t room) {
    int32_t index = lookup(disk, name);
    if (index < 0) return -ENOENT;
    if (refuses(disk, CCRASHDISK_REFUSES_READS)) return -EIO;
    const memory_file *file = &disk->files[disk->names[index].file];
    int64_t length = file->size < room ? file->size : room;
    if (length > 0) memcpy(out, file->bytes, (size_t)length);
    return length;
}

const char *ccrashdisk_name(const ccrashdisk *disk, int32_t index) {
    return index < disk->nameCount ? disk->names[index].name : NULL;
}

static int xAccess(sqlite3_vfs *v, const char *path, int flags, int *result) {
    const char *name;
    ccrashdisk *disk = find(path, &name);
    (void)v;
    if (!disk) return beneath->xAccess(beneath, path, flags, result);
    int32_t index = lookup(disk, name);
    /* As in the "unix" VFS an empty file doesn't exist. */
    *result = index >= 0 && (flags != SQLITE_ACCESS_EXISTS ||
                             disk->files[disk->names[index].file].size > 0);
    ccrashdisk_free(disk);
    return SQLITE_OK;
}

static int xFullPathname(sqlite3_vfs *v, const char *path, int room, char *out) {
    const char *name;
    ccrashdisk *disk = find(path, &name);
    (void)v;
    if (!disk) return beneath->xFullPathname(beneath, path, room, out);
    ccrashdisk_free(disk);
    if (strlen(path) >= (size_t)room) return SQLITE_CANTOPEN;
    strcpy(out, path);
    return SQLITE_OK;
}

int ccrashdisk_install(void) {
    int code = SQLITE_OK;
    pthread_mutex_lock(&lock);
    if (!beneath) {
        sqlite3_vfs *standard = sqlite3_vfs_find(NULL);
        if (standard) {
            beneath = standard;
            vfs = *standard; /* what isn't about files is the standard one's */
            vfs.pNext = NULL;
            vfs.zName = "crashdisk";
            if (vfs.szOsFile < (int)sizeof(handle)) vfs.szOsFile = sizeof(handle);
            vfs.xOpen = xOpen;
            vfs.xDelete = xDelete;
            vfs.xAccess = xAccess;
            vfs.xFullPathname = xFullPathname;
            code = sqlite3_vfs_register(&vfs, 1);
        } else {
            code = SQLITE_ERROR;
        }
    }
    pthread_mutex_unlock(&lock);
    return code;
}
