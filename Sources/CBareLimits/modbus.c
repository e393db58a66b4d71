// openpty(3), pthread_getcpuclockid(3)
#define _GNU_SOURCE

#include "CBareLimits.h"

#include <errno.h>
#include <modbus/modbus.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

struct limits_server {
    int far;
    int near;
    int stop;
    pthread_t thread;
};

enum { request_bytes = 8, most_registers = 125 };

// The checksum of Modbus RTU: CRC-16 with the polynomial 0xA001, bit by bit.
static uint16_t checksum(const uint8_t *bytes, int count) {
    uint16_t sum = 0xFFFF;
    for (int i = 0; i < count; i++) {
        sum ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) sum = sum & 1 ? (uint16_t)(sum >> 1) ^ 0xA001 : sum >> 1;
    }
    return sum;
}

static void answer(int far, const uint8_t *request) {
    int count = request[4] << 8 | request[5];
    if (request[1] != 3 || count < 1 || count > most_registers) return;
    uint8_t reply[5 + 2 * most_registers] = {request[0], 3, (uint8_t)(2 * count)};
    for (int i = 0; i < count; i++) {
        int value = i == 0 ? 0 : i == 1 ? 5000 : 1;
        reply[3 + 2 * i] = (uint8_t)(value >> 8);
        reply[4 + 2 * i] = (uint8_t)value;
    }
    int size = 3 + 2 * count;
    uint16_t sum = checksum(reply, size);
    reply[size] = (uint8_t)sum;
    reply[size + 1] = (uint8_t)(sum >> 8);
    // What doesn't go out is missed by whoever asked.
    ssize_t written = write(far, reply, (size_t)size + 2);
    (void)written;
}

static void *serve(void *argument) {
    limits_server *server = argument;
    uint8_t bytes[256];
    int count = 0;
    for (;;) {
        struct pollfd ends[] = {{.fd = server->far, .events = POLLIN},
                                {.fd = server->stop, .events = POLLIN}};
        // A request that pauses for 50 ms is over.
        int ready = poll(ends, 2, count > 0 ? 50 : -1);
        if (ready < 0 && errno != EINTR) return NULL;
        if (ready <= 0) {
            count = 0;
            continue;
        }
        if (ends[1].revents) return NULL;
        ssize_t more = read(server->far, bytes + count, sizeof bytes - (size_t)count);
        if (more <= 0) return NULL;
        count += (int)more;
        int used = 0;
        for (; count - used >= request_bytes; used += request_bytes) {
            answer(server->far, bytes + used);
        }
        memmove(bytes, bytes + used, (size_t)(count - used));
        count -= used;
    }
}

int limits_server_start(char *port, size_t size, limits_server **out) {
    limits_server *server = calloc(1, sizeof *server);
    if (!server) return -ENOMEM;
    struct termios raw;
    memset(&raw, 0, sizeof raw);
    cfmakeraw(&raw);
    raw.c_cflag |= CREAD | CLOCAL;
    cfsetspeed(&raw, B115200);
    if (openpty(&server->far, &server->near, NULL, &raw, NULL) < 0) {
        int error = errno;
        free(server);
        return -error;
    }
    server->stop = eventfd(0, EFD_CLOEXEC);
    int error = server->stop < 0 ? errno : ttyname_r(server->near, port, size);
    if (error == 0) error = pthread_create(&server->thread, NULL, serve, server);
    if (error != 0) {
        if (server->stop >= 0) close(server->stop);
        close(server->far);
        close(server->near);
        free(server);
        return -error;
    }
    *out = server;
    return 0;
}

int64_t limits_server_cpu_ns(const limits_server *server) {
    clockid_t clock;
    struct timespec time;
    int error = pthread_getcpuclockid(server->thread, &clock);
    if (error != 0) return -error;
    if (clock_gettime(clock, &time) < 0) return -errno;
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void limits_server_stop(limits_server *server) {
    uint64_t one = 1;
    ssize_t written = write(server->stop, &one, sizeof one);
    (void)written;
    pthread_join(server->thread, NULL);
    close(server->stop);
    close(server->far);
    close(server->near);
    free(server);
}

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void sleep_until(int64_t ns) {
    struct timespec until = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
}

int limits_poll(const char *port, int baud, int units, int gap_us, int warmup, int slice,
                int slices, int64_t *slice_ns) {
    modbus_t *context = modbus_new_rtu(port, baud, 'N', 8, 1);
    if (!context) return -errno;
    if (modbus_connect(context) < 0) {
        int error = errno;
        modbus_free(context);
        return -error;
    }
    int64_t polls = warmup + (int64_t)slice * slices;
    int64_t used = now_ns();
    int64_t start = used;
    int result = 0;
    for (int64_t i = 0; i < polls && result == 0; i++) {
        uint16_t values[3];
        if (i == warmup) start = now_ns();
        sleep_until(used + (int64_t)gap_us * 1000);
        modbus_set_slave(context, 1 + (int)(i % units));
        if (modbus_read_registers(context, 0, 3, values) != 3) result = -1;
        used = now_ns();
        int64_t counted = i + 1 - warmup;
        if (counted > 0 && counted % slice == 0) {
            slice_ns[counted / slice - 1] = used - start;
            start = used;
        }
    }
    modbus_close(context);
    modbus_free(context);
    return result;
}
