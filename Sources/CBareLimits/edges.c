#include "CBareLimits.h"

#include <errno.h>
#include <gpiod.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

// The macro exists only in version 1 of libgpiod.
#ifdef GPIOD_LINE_BULK_MAX_LINES

struct limits_edges {
    struct gpiod_chip *chip;
    struct gpiod_line_bulk bulk;
};

static int request(limits_edges *edges, const char *path, unsigned first, unsigned second) {
    unsigned offsets[] = {first, second};
    edges->chip = gpiod_chip_open(path);
    if (!edges->chip) return -1;
    if (gpiod_chip_get_lines(edges->chip, offsets, 2, &edges->bulk) < 0) return -1;
    return gpiod_line_request_bulk_both_edges_events(&edges->bulk, "steelyard-bench");
}

static void release(limits_edges *edges) {
    if (edges->chip) gpiod_chip_close(edges->chip);
}

// Waits once and reads what is there. Returns how many came, 0 after the time is over.
static int take(limits_edges *edges, int idle_ms) {
    struct pollfd fds[2];
    for (unsigned i = 0; i < 2; i++) {
        fds[i] = (struct pollfd){
            .fd = gpiod_line_event_get_fd(gpiod_line_bulk_get_line(&edges->bulk, i)),
            .events = POLLIN};
    }
    int ready = poll(fds, 2, idle_ms);
    if (ready <= 0) return ready;
    int count = 0;
    for (int i = 0; i < 2; i++) {
        if (!(fds[i].revents & POLLIN)) continue;
        // The kernel's queue of a line holds 16.
        struct gpiod_line_event events[16];
        int more = gpiod_line_event_read_fd_multiple(fds[i].fd, events, 16);
        if (more < 0) return -1;
        count += more;
    }
    return count;
}

#else

enum { kernel_queue = 1024 };

struct limits_edges {
    struct gpiod_line_request *request;
    struct gpiod_edge_event_buffer *buffer;
};

static int request(limits_edges *edges, const char *path, unsigned first, unsigned second) {
    unsigned offsets[] = {first, second};
    struct gpiod_chip *chip = gpiod_chip_open(path);
    struct gpiod_line_settings *settings = gpiod_line_settings_new();
    struct gpiod_line_config *config = gpiod_line_config_new();
    struct gpiod_request_config *how = gpiod_request_config_new();
    edges->buffer = gpiod_edge_event_buffer_new(kernel_queue);
    int result = -1;
    if (chip && settings && config && how && edges->buffer &&
        gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT) == 0 &&
        gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH) == 0 &&
        gpiod_line_config_add_line_settings(config, offsets, 2, settings) == 0) {
        gpiod_request_config_set_consumer(how, "steelyard-bench");
        gpiod_request_config_set_event_buffer_size(how, kernel_queue);
        edges->request = gpiod_chip_request_lines(chip, how, config);
        result = edges->request ? 0 : -1;
    }
    int error = errno;
    gpiod_request_config_free(how);
    gpiod_line_config_free(config);
    gpiod_line_settings_free(settings);
    if (chip) gpiod_chip_close(chip);
    errno = error;
    return result;
}

static void release(limits_edges *edges) {
    if (edges->request) gpiod_line_request_release(edges->request);
    gpiod_edge_event_buffer_free(edges->buffer);
}

static int take(limits_edges *edges, int idle_ms) {
    int ready =
        gpiod_line_request_wait_edge_events(edges->request, (int64_t)idle_ms * 1000000);
    if (ready <= 0) return ready;
    return gpiod_line_request_read_edge_events(edges->request, edges->buffer, kernel_queue);
}

#endif

int limits_edges_open(const char *path, unsigned first, unsigned second, limits_edges **out) {
    limits_edges *edges = calloc(1, sizeof *edges);
    if (!edges) return -ENOMEM;
    errno = 0;
    if (request(edges, path, first, second) < 0) {
        int error = errno > 0 ? errno : EIO;
        limits_edges_close(edges);
        return -error;
    }
    *out = edges;
    return 0;
}

static int64_t cpu_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t limits_edges_count(limits_edges *edges, int64_t target, int idle_ms, int64_t *cpu_ns) {
    int64_t start = cpu_now_ns();
    int64_t count = 0;
    while (count < target) {
        int more = take(edges, idle_ms);
        if (more < 0) return errno > 0 ? -errno : -EIO;
        if (more == 0) break;
        count += more;
    }
    *cpu_ns = cpu_now_ns() - start;
    return count;
}

void limits_edges_close(limits_edges *edges) {
    if (!edges) return;
    release(edges);
    free(edges);
}
