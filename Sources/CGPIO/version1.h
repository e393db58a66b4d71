// The part of CGPIO.c that is for libgpiod 1; included there only.

int cgpio_version(void) { return 1; }

// Linux, drivers/gpio/gpiolib-cdev.c: the queue of a line that was requested for events.
enum { kernel_queue = 16 };

struct cgpio_lines {
    struct gpiod_chip *chip;
    struct gpiod_line_bulk bulk;
    int count;
    int has_edges;
    // Which of `descriptors` can be read, by bit, as `cgpio_wait` found and until `read_edges` did.
    uint64_t ready;
    // What the outputs were set to: the kernel sets all lines of a request at once.
    int values[CGPIO_MOST_LINES];
};

// Whether the chip at `path` is called `text` or has it as its label: 1 or 0.
static int is_called(const char *path, const char *text) {
    struct gpiod_chip *chip = gpiod_chip_open(path);
    if (!chip) return failure();
    int matches = strcmp(gpiod_chip_name(chip), text) == 0 ||
                  strcmp(gpiod_chip_label(chip), text) == 0;
    gpiod_chip_close(chip);
    return matches;
}

int cgpio_line_info(const char *path, unsigned line, cgpio_info *info) {
    struct gpiod_chip *chip = gpiod_chip_open(path);
    if (!chip) return failure();
    struct gpiod_line *found = gpiod_chip_get_line(chip, line);
    int result = found ? 0 : failure();
    if (found) {
        copy_text(info->name, gpiod_line_name(found));
        copy_text(info->consumer, gpiod_line_consumer(found));
        info->is_used = gpiod_line_is_used(found) ? 1 : 0;
    }
    gpiod_chip_close(chip);
    return result;
}

static int request_type(const cgpio_setup *setup) {
    if (setup->direction == CGPIO_OUTPUT) return GPIOD_LINE_REQUEST_DIRECTION_OUTPUT;
    switch (setup->edges) {
    case CGPIO_EDGES_FALLING: return GPIOD_LINE_REQUEST_EVENT_FALLING_EDGE;
    case CGPIO_EDGES_RISING: return GPIOD_LINE_REQUEST_EVENT_RISING_EDGE;
    case CGPIO_EDGES_BOTH: return GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES;
    default: return GPIOD_LINE_REQUEST_DIRECTION_INPUT;
    }
}

static int request_flags(const cgpio_setup *setup) {
    int flags = setup->active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
    if (setup->bias == CGPIO_BIAS_PULL_UP) flags |= GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP;
    if (setup->bias == CGPIO_BIAS_PULL_DOWN) flags |= GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN;
    return flags;
}

static int request(cgpio_lines *lines, const char *path, const unsigned *offsets,
                   const cgpio_setup *setup) {
    lines->chip = gpiod_chip_open(path);
    if (!lines->chip) return failure();
    unsigned wanted[CGPIO_MOST_LINES];
    memcpy(wanted, offsets, sizeof wanted[0] * (size_t)lines->count);
    if (gpiod_chip_get_lines(lines->chip, wanted, (unsigned)lines->count, &lines->bulk) < 0) {
        return failure();
    }
    struct gpiod_line_request_config config = {
        .consumer = setup->consumer,
        .request_type = request_type(setup),
        .flags = request_flags(setup),
    };
    if (gpiod_line_request_bulk(&lines->bulk, &config, lines->values) < 0) return failure();
    return setup->debounce_us > 0 ? CGPIO_NOT_DEBOUNCED : 0;
}

static void release(cgpio_lines *lines) {
    // Closing the chip releases its lines.
    if (lines->chip) gpiod_chip_close(lines->chip);
}

int cgpio_get_all(cgpio_lines *lines, int *values) {
    return gpiod_line_get_value_bulk(&lines->bulk, values) < 0 ? failure() : 0;
}

int cgpio_get(cgpio_lines *lines, int index) {
    if (index < 0 || index >= lines->count) return -EINVAL;
    // Of lines that share a request without edges, libgpiod 1 can read one only with the others.
    int values[CGPIO_MOST_LINES];
    int result = cgpio_get_all(lines, values);
    return result < 0 ? result : values[index];
}

int cgpio_set_all(cgpio_lines *lines, const int *values) {
    if (gpiod_line_set_value_bulk(&lines->bulk, values) < 0) return failure();
    memmove(lines->values, values, sizeof values[0] * (size_t)lines->count);
    return 0;
}

int cgpio_set(cgpio_lines *lines, int index, int value) {
    if (index < 0 || index >= lines->count) return -EINVAL;
    int before = lines->values[index];
    lines->values[index] = value;
    int result = cgpio_set_all(lines, lines->values);
    if (result < 0) lines->values[index] = before;
    return result;
}

static int descriptors(cgpio_lines *lines, struct pollfd *fds) {
    for (int i = 0; i < lines->count; i++) {
        int fd = gpiod_line_event_get_fd(gpiod_line_bulk_get_line(&lines->bulk, (unsigned)i));
        if (fd < 0) return failure();
        fds[i] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
    return lines->count;
}

// Reads what one line's queue holds, which is not empty.
static int read_queue(int fd, int index, cgpio_edge *edges, int room) {
    struct gpiod_line_event events[kernel_queue];
    int most = room < kernel_queue ? room : kernel_queue;
    int count = gpiod_line_event_read_fd_multiple(fd, events, (unsigned)most);
    if (count < 0) return failure();
    for (int i = 0; i < count; i++) {
        edges[i] = (cgpio_edge){
            .index = index,
            .is_rising = events[i].event_type == GPIOD_LINE_EVENT_RISING_EDGE,
            .at_ns = (int64_t)events[i].ts.tv_sec * 1000000000 + events[i].ts.tv_nsec,
        };
    }
    return count;
}

static int read_edges(cgpio_lines *lines, cgpio_edge *edges, int room, int64_t *lost) {
    *lost = 0;
    struct pollfd fds[CGPIO_MOST_LINES];
    int fd_count = descriptors(lines, fds);
    if (fd_count < 0) return fd_count;
    int count = 0;
    // Until one look finds all queues empty: then nothing that is older than what was read is left
    // behind in the queue of another line.
    while (count < room) {
        uint64_t ready = lines->ready;
        lines->ready = 0;
        if (!ready) {
            int result = poll(fds, (nfds_t)fd_count, 0);
            if (result < 0 && errno == EINTR) continue;
            if (result < 0) return failure();
            for (int i = 0; i < fd_count; i++) {
                if (fds[i].revents & POLLIN) ready |= UINT64_C(1) << i;
            }
        }
        int before = count;
        for (int i = 0; i < fd_count && count < room; i++) {
            if (!(ready >> i & 1)) continue;
            int more = read_queue(fds[i].fd, i, edges + count, room - count);
            if (more < 0) return more;
            count += more;
        }
        if (count == before) break;
    }
    return count;
}
