// The part of CGPIO.c that is for libgpiod 2; included there only.

int cgpio_version(void) { return 2; }

// Linux, drivers/gpio/gpiolib-cdev.c: the most that a request's queue may hold.
enum { kernel_queue = 1024 };

struct cgpio_lines {
    struct gpiod_line_request *request;
    struct gpiod_edge_event_buffer *buffer;
    int count;
    int has_edges;
    // Which of `descriptors` can be read, by bit, as `cgpio_wait` found and until `read_edges` did.
    uint64_t ready;
    unsigned offsets[CGPIO_MOST_LINES];
    int values[CGPIO_MOST_LINES];
    // Of the newest edge that was read, counted by the kernel from 1, modulo 2^32.
    uint32_t last_number;
};

static int is_called(const char *path, const char *text) {
    struct gpiod_chip *chip = gpiod_chip_open(path);
    if (!chip) return failure();
    struct gpiod_chip_info *info = gpiod_chip_get_info(chip);
    int matches = info ? strcmp(gpiod_chip_info_get_name(info), text) == 0 ||
                             strcmp(gpiod_chip_info_get_label(info), text) == 0
                       : failure();
    if (info) gpiod_chip_info_free(info);
    gpiod_chip_close(chip);
    return matches;
}

int cgpio_line_info(const char *path, unsigned line, cgpio_info *info) {
    struct gpiod_chip *chip = gpiod_chip_open(path);
    if (!chip) return failure();
    struct gpiod_line_info *found = gpiod_chip_get_line_info(chip, line);
    int result = found ? 0 : failure();
    if (found) {
        copy_text(info->name, gpiod_line_info_get_name(found));
        copy_text(info->consumer, gpiod_line_info_get_consumer(found));
        info->is_used = gpiod_line_info_is_used(found) ? 1 : 0;
        gpiod_line_info_free(found);
    }
    gpiod_chip_close(chip);
    return result;
}

static enum gpiod_line_edge edge_of(int edges) {
    switch (edges) {
    case CGPIO_EDGES_FALLING: return GPIOD_LINE_EDGE_FALLING;
    case CGPIO_EDGES_RISING: return GPIOD_LINE_EDGE_RISING;
    case CGPIO_EDGES_BOTH: return GPIOD_LINE_EDGE_BOTH;
    default: return GPIOD_LINE_EDGE_NONE;
    }
}

static enum gpiod_line_bias bias_of(int bias) {
    switch (bias) {
    case CGPIO_BIAS_PULL_UP: return GPIOD_LINE_BIAS_PULL_UP;
    case CGPIO_BIAS_PULL_DOWN: return GPIOD_LINE_BIAS_PULL_DOWN;
    default: return GPIOD_LINE_BIAS_AS_IS;
    }
}

static int add_lines(struct gpiod_line_config *config, struct gpiod_line_settings *settings,
                     const cgpio_lines *lines, const cgpio_setup *setup) {
    int is_output = setup->direction == CGPIO_OUTPUT;
    if (gpiod_line_settings_set_direction(settings, is_output ? GPIOD_LINE_DIRECTION_OUTPUT
                                                              : GPIOD_LINE_DIRECTION_INPUT) < 0 ||
        gpiod_line_settings_set_edge_detection(settings, edge_of(setup->edges)) < 0 ||
        gpiod_line_settings_set_bias(settings, bias_of(setup->bias)) < 0 ||
        gpiod_line_settings_set_event_clock(settings, GPIOD_LINE_CLOCK_MONOTONIC) < 0) {
        return failure();
    }
    gpiod_line_settings_set_active_low(settings, setup->active_low != 0);
    gpiod_line_settings_set_debounce_period_us(settings, (unsigned long)setup->debounce_us);
    for (int i = 0; i < lines->count; i++) {
        enum gpiod_line_value value =
            lines->values[i] ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
        if (gpiod_line_settings_set_output_value(settings, value) < 0 ||
            gpiod_line_config_add_line_settings(config, &lines->offsets[i], 1, settings) < 0) {
            return failure();
        }
    }
    return 0;
}

static int request(cgpio_lines *lines, const char *path, const unsigned *offsets,
                   const cgpio_setup *setup) {
    memcpy(lines->offsets, offsets, sizeof offsets[0] * (size_t)lines->count);
    struct gpiod_chip *chip = gpiod_chip_open(path);
    struct gpiod_line_settings *settings = chip ? gpiod_line_settings_new() : NULL;
    struct gpiod_line_config *config = settings ? gpiod_line_config_new() : NULL;
    struct gpiod_request_config *how = config ? gpiod_request_config_new() : NULL;
    int result = how ? add_lines(config, settings, lines, setup) : failure();
    if (result == 0) {
        gpiod_request_config_set_consumer(how, setup->consumer);
        gpiod_request_config_set_event_buffer_size(how, kernel_queue);
        lines->request = gpiod_chip_request_lines(chip, how, config);
        if (!lines->request) result = failure();
    }
    if (result == 0 && lines->has_edges) {
        lines->buffer = gpiod_edge_event_buffer_new(kernel_queue);
        if (!lines->buffer) result = failure();
    }
    gpiod_request_config_free(how);
    gpiod_line_config_free(config);
    gpiod_line_settings_free(settings);
    if (chip) gpiod_chip_close(chip);
    return result;
}

static void release(cgpio_lines *lines) {
    if (lines->request) gpiod_line_request_release(lines->request);
    gpiod_edge_event_buffer_free(lines->buffer);
}

int cgpio_get_all(cgpio_lines *lines, int *values) {
    enum gpiod_line_value found[CGPIO_MOST_LINES];
    if (gpiod_line_request_get_values(lines->request, found) < 0) return failure();
    for (int i = 0; i < lines->count; i++) values[i] = found[i] == GPIOD_LINE_VALUE_ACTIVE;
    return 0;
}

int cgpio_get(cgpio_lines *lines, int index) {
    if (index < 0 || index >= lines->count) return -EINVAL;
    enum gpiod_line_value value =
        gpiod_line_request_get_value(lines->request, lines->offsets[index]);
    if (value == GPIOD_LINE_VALUE_ERROR) return failure();
    return value == GPIOD_LINE_VALUE_ACTIVE;
}

int cgpio_set_all(cgpio_lines *lines, const int *values) {
    enum gpiod_line_value wanted[CGPIO_MOST_LINES];
    for (int i = 0; i < lines->count; i++) {
        wanted[i] = values[i] ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
    }
    return gpiod_line_request_set_values(lines->request, wanted) < 0 ? failure() : 0;
}

int cgpio_set(cgpio_lines *lines, int index, int value) {
    if (index < 0 || index >= lines->count) return -EINVAL;
    int result = gpiod_line_request_set_value(
        lines->request, lines->offsets[index],
        value ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
    return result < 0 ? failure() : 0;
}

static int descriptors(cgpio_lines *lines, struct pollfd *fds) {
    fds[0] = (struct pollfd){
        .fd = gpiod_line_request_get_fd(lines->request), .events = POLLIN};
    return 1;
}

static int index_of(const cgpio_lines *lines, unsigned offset) {
    for (int i = 0; i < lines->count; i++) {
        if (lines->offsets[i] == offset) return i;
    }
    return -EIO;
}

static int read_edges(cgpio_lines *lines, cgpio_edge *edges, int room, int64_t *lost) {
    *lost = 0;
    if (!lines->ready) {
        int ready = gpiod_line_request_wait_edge_events(lines->request, 0);
        if (ready < 0) return failure();
        if (ready == 0) return 0;
    }
    lines->ready = 0;
    size_t most = room < kernel_queue ? (size_t)room : kernel_queue;
    int count = gpiod_line_request_read_edge_events(lines->request, lines->buffer, most);
    if (count < 0) return failure();
    uint32_t newest = lines->last_number;
    for (int i = 0; i < count; i++) {
        struct gpiod_edge_event *event =
            gpiod_edge_event_buffer_get_event(lines->buffer, (unsigned long)i);
        int index = index_of(lines, gpiod_edge_event_get_line_offset(event));
        if (index < 0) return index;
        edges[i] = (cgpio_edge){
            .index = index,
            .is_rising = gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE,
            .at_ns = (int64_t)gpiod_edge_event_get_timestamp_ns(event),
        };
        // Numbers wrap, and two lines may come in slightly out of their order.
        uint32_t number = (uint32_t)gpiod_edge_event_get_global_seqno(event);
        if ((int32_t)(number - newest) > 0) newest = number;
    }
    int64_t missing = (int64_t)(uint32_t)(newest - lines->last_number) - count;
    if (missing > 0) *lost = missing;
    lines->last_number = newest;
    return count;
}
