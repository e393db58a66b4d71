#include "CModbus.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

struct cmodbus {
    modbus_t *context;
    int response_ms;
    int gap_us;
    int turnaround_us;
    // The unit asked last; 0 before the first.
    int unit;
    // CLOCK_MONOTONIC when the line was last in use.
    int64_t used_us;
    // How long the last exchange took, from the request's first byte to the reply's last.
    int replied_us;
    // The longest that an exchange took which went well, since `cmodbus_expect`.
    int slowest_us;
};

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int code_of(int error) {
    if (error > MODBUS_ENOBASE && error < MODBUS_ENOBASE + MODBUS_EXCEPTION_MAX) {
        return -(CMODBUS_EXCEPTION + (error - MODBUS_ENOBASE));
    }
    switch (error) {
    case EMBBADCRC: return -CMODBUS_BAD_CHECKSUM;
    case EMBBADDATA:
    case EMBMDATA: return -CMODBUS_BAD_SHAPE;
    case EMBBADEXC:
    case EMBUNKEXC: return -CMODBUS_BAD_EXCEPTION;
    case EMBBADSLAVE: return -CMODBUS_BAD_UNIT;
    case 0: return -EIO;
    default: return -error;
    }
}

// libmodbus takes any other rate for 9,600 without a word.
static int is_usual_rate(int baud) {
    static const int rates[] = {1200,  2400,   4800,   9600,   19200, 38400,
                                57600, 115200, 230400, 460800, 921600};
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        if (rates[i] == baud) return 1;
    }
    return 0;
}

static int is_valid(const cmodbus_line *line) {
    return is_usual_rate(line->baud) &&
           (line->parity == 'N' || line->parity == 'E' || line->parity == 'O') &&
           (line->stop_bits == 1 || line->stop_bits == 2) &&
           line->response_ms >= 1 && line->response_ms <= 120000 &&
           line->byte_ms >= 1 && line->byte_ms <= 60000 &&
           line->gap_us >= 0 && line->gap_us <= 1000000 &&
           line->turnaround_us >= 0 && line->turnaround_us <= 1000000;
}

// Gives `port` another speed than `baud` if it is a pseudo-terminal. Returns whether it did.
//
// A pseudo-terminal has no parity bit. glibc's tcsetattr(3) says EINVAL when the driver drops one
// and nothing else changes, which is how a killed process leaves the line for the next one. A port
// that has wires and refuses parity is left alone: that refusal stands.
static int stir_pseudo_terminal(const char *port, int baud) {
    // The majors of Unix98 pseudo-terminals: Linux, Documentation/admin-guide/devices.txt.
    enum { first_major = 136, last_major = 143 };
    int stirred = 0;
    int fd = open(port, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return 0;
    struct stat file;
    struct termios settings;
    if (fstat(fd, &file) == 0 && S_ISCHR(file.st_mode) && major(file.st_rdev) >= first_major &&
        major(file.st_rdev) <= last_major && tcgetattr(fd, &settings) == 0) {
        speed_t other = baud == 9600 ? B19200 : B9600;
        stirred = cfsetispeed(&settings, other) == 0 && cfsetospeed(&settings, other) == 0 &&
                  tcsetattr(fd, TCSANOW, &settings) == 0;
    }
    close(fd);
    return stirred;
}

static int connect_port(modbus_t *context, const char *port, int baud) {
    if (modbus_connect(context) == 0) return 0;
    int error = errno;
    if (error == EINVAL && stir_pseudo_terminal(port, baud)) {
        if (modbus_connect(context) == 0) return 0;
        error = errno;
    }
    return code_of(error);
}

static int set_line(modbus_t *context, const char *port, const cmodbus_line *line) {
    if (modbus_set_error_recovery(context, MODBUS_ERROR_RECOVERY_NONE) < 0 ||
        modbus_set_response_timeout(context, line->response_ms / 1000,
                                    line->response_ms % 1000 * 1000) < 0 ||
        modbus_set_byte_timeout(context, line->byte_ms / 1000, line->byte_ms % 1000 * 1000) < 0) {
        return code_of(errno);
    }
    int connected = connect_port(context, port, line->baud);
    if (connected < 0) return connected;
    // libmodbus waits with select(2), which writes out of bounds for a descriptor beyond its set.
    if (modbus_get_socket(context) >= FD_SETSIZE) {
        modbus_close(context);
        return -EMFILE;
    }
    return 0;
}

int cmodbus_open(const char *port, const cmodbus_line *line, cmodbus **out) {
    if (!is_valid(line)) return -EINVAL;
    cmodbus *bus = calloc(1, sizeof *bus);
    if (!bus) return -ENOMEM;
    errno = 0;
    bus->context = modbus_new_rtu(port, line->baud, line->parity, 8, line->stop_bits);
    int result = bus->context ? set_line(bus->context, port, line) : code_of(errno);
    if (result < 0) {
        modbus_free(bus->context);
        free(bus);
        return result;
    }
    bus->response_ms = line->response_ms;
    bus->gap_us = line->gap_us;
    bus->turnaround_us = line->turnaround_us;
    bus->used_us = now_us();
    *out = bus;
    return 0;
}

void cmodbus_close(cmodbus *bus) {
    if (!bus) return;
    modbus_close(bus->context);
    modbus_free(bus->context);
    free(bus);
}

// Makes the line ready for a request to `unit`.
static int prepare(cmodbus *bus, int unit) {
    int64_t start = bus->used_us + bus->gap_us;
    if (bus->unit != 0 && bus->unit != unit) start += bus->turnaround_us;
    bus->unit = unit;
    struct timespec until = {.tv_sec = start / 1000000, .tv_nsec = start % 1000000 * 1000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
    errno = 0;
    if (modbus_flush(bus->context) < 0 || modbus_set_slave(bus->context, unit) < 0) {
        return code_of(errno);
    }
    return 0;
}

// What an exchange that began at `start_us` with the result `result` of libmodbus comes to.
static int finish(cmodbus *bus, int result, int64_t start_us) {
    int error = errno;
    bus->used_us = now_us();
    int64_t took = bus->used_us - start_us;
    bus->replied_us = took > INT32_MAX ? INT32_MAX : (int)took;
    if (result >= 0) {
        if (bus->replied_us > bus->slowest_us) bus->slowest_us = bus->replied_us;
        return result;
    }
    // Silence lasts at least the response timeout. A shorter one followed some bytes.
    if (error == ETIMEDOUT && took < (int64_t)bus->response_ms * 1000) {
        return -CMODBUS_BROKEN_OFF;
    }
    return code_of(error);
}

// What a whole frame is that came after a request for registers: 0 for its reply, or the errno that
// libmodbus has for what it is instead.
static int flaw_of(const uint8_t *frame, int length, const uint8_t *request) {
    enum { exception_length = 5, overhead = 5 };
    int bytes = 2 * (request[4] << 8 | request[5]);
    if (frame[0] != request[0]) return EMBBADSLAVE;
    if (frame[1] == (request[1] | 0x80) && length == exception_length) {
        int is_known = frame[2] > 0 && frame[2] < MODBUS_EXCEPTION_MAX;
        return is_known ? MODBUS_ENOBASE + frame[2] : EMBBADEXC;
    }
    int is_reply = frame[1] == request[1] && frame[2] == bytes && length == overhead + bytes;
    return is_reply ? 0 : EMBBADDATA;
}

static int set_response_us(cmodbus *bus, int64_t us) {
    return modbus_set_response_timeout(bus->context, (uint32_t)(us / 1000000),
                                       (uint32_t)(us % 1000000));
}

// Waits for the reply to `request`, past frames of other units and of other lengths: those are late
// replies to earlier requests. Returns 0, or −1 with errno; with what came last instead, if the
// reply did not.
static int await_registers(cmodbus *bus, const uint8_t *request, uint16_t *values) {
    int64_t end = now_us() + (int64_t)bus->response_ms * 1000;
    int stranger = 0;
    for (;;) {
        int64_t left = end - now_us();
        if (stranger && left <= 0) break;
        if (stranger && set_response_us(bus, left) < 0) return -1;
        uint8_t frame[MODBUS_RTU_MAX_ADU_LENGTH] = {0};
        // 0 for a frame of another unit, whose checksum it does not look at.
        int length = modbus_receive_confirmation(bus->context, frame);
        if (length < 0) {
            if (errno != ETIMEDOUT || !stranger) return -1;
            break;
        }
        int flaw = flaw_of(frame, length, request);
        if (flaw == 0) {
            int count = frame[2] / 2;
            for (int i = 0; i < count; i++) {
                values[i] = (uint16_t)(frame[3 + 2 * i] << 8 | frame[4 + 2 * i]);
            }
            return 0;
        }
        errno = flaw;
        if (flaw != EMBBADSLAVE && flaw != EMBBADDATA) return -1;
        stranger = flaw;
    }
    errno = stranger;
    return -1;
}

int cmodbus_read(cmodbus *bus, int unit, int function, int address, int count, uint16_t *values) {
    if (unit < 1 || unit > 247 || (function != 3 && function != 4) || address < 0 || count < 1 ||
        count > MODBUS_MAX_READ_REGISTERS || address + count > 65536) {
        return -EINVAL;
    }
    int ready = prepare(bus, unit);
    if (ready < 0) return ready;
    uint8_t request[] = {(uint8_t)unit,           (uint8_t)function,
                         (uint8_t)(address >> 8), (uint8_t)address,
                         (uint8_t)(count >> 8),   (uint8_t)count};
    int64_t start = now_us();
    int result = modbus_send_raw_request(bus->context, request, sizeof request);
    if (result >= 0) result = await_registers(bus, request, values);
    result = finish(bus, result, start);
    if (set_response_us(bus, (int64_t)bus->response_ms * 1000) < 0) return code_of(errno);
    return result < 0 ? result : count;
}

int cmodbus_write(cmodbus *bus, int unit, int function, int address, int count,
                  const uint16_t *values) {
    if (unit < 1 || unit > 247 || address < 0 || count < 1 || address + count > 65536 ||
        (function != 5 && function != 6 && function != 16) || (function != 16 && count != 1) ||
        count > MODBUS_MAX_WRITE_REGISTERS) {
        return -EINVAL;
    }
    int ready = prepare(bus, unit);
    if (ready < 0) return ready;
    int64_t start = now_us();
    int result;
    switch (function) {
    case 5: result = modbus_write_bit(bus->context, address, values[0] != 0); break;
    case 6: result = modbus_write_register(bus->context, address, values[0]); break;
    default: result = modbus_write_registers(bus->context, address, count, values); break;
    }
    return finish(bus, result, start);
}

int cmodbus_expect(cmodbus *bus, int response_ms) {
    if (response_ms < 1 || response_ms > 120000) return -EINVAL;
    if (set_response_us(bus, (int64_t)response_ms * 1000) < 0) return code_of(errno);
    bus->response_ms = response_ms;
    bus->slowest_us = 0;
    return 0;
}

int cmodbus_slowest_us(const cmodbus *bus) { return bus->slowest_us; }

int cmodbus_replied_us(const cmodbus *bus) { return bus->replied_us; }

int cmodbus_drain(cmodbus *bus, int quiet_ms, int limit_ms) {
    struct pollfd line = {.fd = modbus_get_socket(bus->context), .events = POLLIN};
    int64_t end = now_us() + (int64_t)limit_ms * 1000;
    int64_t thrown = 0;
    for (;;) {
        int64_t left_ms = (end - now_us() + 999) / 1000;
        if (left_ms <= 0) break;
        int ready = poll(&line, 1, left_ms < quiet_ms ? (int)left_ms : quiet_ms);
        if (ready == 0) break;
        if (ready < 0) {
            if (errno == EINTR) continue;
            return -errno;
        }
        if (!(line.revents & POLLIN)) return -EIO;
        uint8_t bytes[256];
        ssize_t count = read(line.fd, bytes, sizeof bytes);
        if (count == 0) return -EIO;
        if (count < 0 && errno != EAGAIN && errno != EINTR) return -errno;
        if (count > 0) thrown += count;
    }
    bus->used_us = now_us();
    return thrown > INT32_MAX ? INT32_MAX : (int)thrown;
}
