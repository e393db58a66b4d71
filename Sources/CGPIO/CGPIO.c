// ppoll(2)
#define _GNU_SOURCE

#include "CGPIO.h"

#include <dirent.h>
#include <errno.h>
#include <gpiod.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// libgpiod says in errno why it failed; never 0.
static int failure(void) { return errno > 0 ? -errno : -EIO; }

static void copy_text(char *to, const char *from) {
    snprintf(to, CGPIO_TEXT, "%s", from ? from : "");
}

static int is_valid(const cgpio_setup *setup, int count) {
    return count >= 1 && count <= CGPIO_MOST_LINES &&
           (setup->direction == CGPIO_INPUT || setup->direction == CGPIO_OUTPUT) &&
           setup->edges >= CGPIO_EDGES_NONE && setup->edges <= CGPIO_EDGES_BOTH &&
           setup->bias >= CGPIO_BIAS_AS_IS && setup->bias <= CGPIO_BIAS_PULL_DOWN &&
           setup->debounce_us >= 0 &&
           (setup->direction == CGPIO_INPUT ||
            (setup->edges == CGPIO_EDGES_NONE && setup->debounce_us == 0));
}

// What differs between the versions: `struct cgpio_lines`, `is_called`, `request`, `release`,
// `descriptors`, `read_edges`, and of the header what reads and sets values and tells of a line.
// The macro exists only in version 1.
#ifdef GPIOD_LINE_BULK_MAX_LINES
#include "version1.h"
#else
#include "version2.h"
#endif

// Two paths lead to one chip if their device numbers are equal.
static int device_number(const char *path, dev_t *number) {
    struct stat file;
    if (stat(path, &file) < 0) return -errno;
    if (!S_ISCHR(file.st_mode)) return -ENODEV;
    *number = file.st_rdev;
    return 0;
}

// `path` without symbolic links into `out`.
static int resolve(const char *path, char *out, size_t size) {
    char real[PATH_MAX];
    if (!realpath(path, real)) return -errno;
    return (size_t)snprintf(out, size, "%s", real) < size ? 0 : -ENAMETOOLONG;
}

static int is_missing(int result) {
    return result == -ENOENT || result == -ENXIO || result == -ENOTTY || result == -ENODEV ||
           result == -ENOTDIR;
}

static int find_by_path(const char *chip, char *path, size_t size) {
    dev_t number;
    int result = device_number(chip, &number);
    if (result == 0) result = is_called(chip, "");
    if (result < 0) return is_missing(result) ? -ENODEV : result;
    return resolve(chip, path, size);
}

int cgpio_find_chip(const char *chip, char *path, size_t size) {
    if (!*chip) return -ENODEV;
    if (strchr(chip, '/')) return find_by_path(chip, path, size);
    DIR *devices = opendir("/dev");
    if (!devices) return -errno;
    int result = -ENODEV;
    dev_t found = 0;
    struct dirent *entry;
    while ((entry = readdir(devices))) {
        if (strncmp(entry->d_name, "gpiochip", 8) != 0) continue;
        char candidate[sizeof "/dev/" + sizeof entry->d_name];
        snprintf(candidate, sizeof candidate, "/dev/%s", entry->d_name);
        dev_t number = 0;
        if (device_number(candidate, &number) < 0) continue;
        int matches = strcmp(entry->d_name, chip) == 0 ? 1 : is_called(candidate, chip);
        if (matches == -EACCES && result == -ENODEV) result = -EACCES;
        if (matches <= 0) continue;
        if (result == 0 && number == found) continue;
        if (result == 0) {
            result = -ENOTUNIQ;
            break;
        }
        result = resolve(candidate, path, size);
        if (result < 0) break;
        found = number;
    }
    closedir(devices);
    return result;
}

int cgpio_request(const char *path, const unsigned *lines, int count, const cgpio_setup *setup,
                  const int *values, cgpio_lines **out) {
    if (!is_valid(setup, count)) return -EINVAL;
    cgpio_lines *made = calloc(1, sizeof *made);
    if (!made) return -ENOMEM;
    made->count = count;
    made->has_edges = setup->edges != CGPIO_EDGES_NONE;
    for (int i = 0; values && i < count; i++) made->values[i] = values[i] ? 1 : 0;
    errno = 0;
    int result = request(made, path, lines, setup);
    if (result < 0) {
        cgpio_release(made);
        return result;
    }
    *out = made;
    return result;
}

void cgpio_release(cgpio_lines *lines) {
    if (!lines) return;
    release(lines);
    free(lines);
}

int cgpio_wake_open(void) {
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return fd < 0 ? failure() : fd;
}

int cgpio_wake(int wake) {
    uint64_t one = 1;
    return write(wake, &one, sizeof one) == (ssize_t)sizeof one ? 0 : failure();
}

int cgpio_wait(cgpio_lines *lines, int wake, int64_t timeout_ns) {
    struct pollfd fds[CGPIO_MOST_LINES + 1];
    int count = lines && lines->has_edges ? descriptors(lines, fds) : 0;
    if (count < 0) return count;
    fds[count] = (struct pollfd){.fd = wake, .events = POLLIN};
    struct timespec left = {
        .tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000};
    int ready = ppoll(fds, (nfds_t)count + 1, timeout_ns < 0 ? NULL : &left, NULL);
    if (ready < 0) return errno == EINTR ? 0 : failure();
    int result = fds[count].revents ? CGPIO_WOKEN : 0;
    for (int i = 0; i < count; i++) {
        if (fds[i].revents & POLLIN) {
            result |= CGPIO_EDGES;
            lines->ready |= UINT64_C(1) << i;
        }
        if (fds[i].revents & (POLLERR | POLLHUP | POLLNVAL)) return -ENODEV;
    }
    return result;
}

// Keeps the order of edges with one time, as virtual clocks have them. What comes in is nearly in
// order.
static void sort_by_time(cgpio_edge *edges, int count) {
    for (int i = 1; i < count; i++) {
        cgpio_edge edge = edges[i];
        int at = i;
        for (; at > 0 && edges[at - 1].at_ns > edge.at_ns; at--) edges[at] = edges[at - 1];
        edges[at] = edge;
    }
}

int cgpio_read(cgpio_lines *lines, cgpio_edge *edges, int room, int64_t *lost) {
    *lost = 0;
    if (!lines->has_edges || room < 16 * lines->count) return -EINVAL;
    int count = read_edges(lines, edges, room, lost);
    sort_by_time(edges, count);
    return count;
}
