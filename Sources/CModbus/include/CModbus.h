#pragma once

#include <modbus/modbus.h>
#include <stdint.h>

// A Modbus RTU master on one serial port, on libmodbus 3.1.6 or later.
//
// Every function returns 0 or more, or a negative code: a negative errno of the system, or one of
// the codes below, which lie beyond every errno. One `cmodbus` may be used by one thread at a time;
// which thread that is does not matter.
//
// Error recovery of libmodbus stays off: it would sleep and, when sending fails, retry for ever.

enum {
    // −(CMODBUS_EXCEPTION + n): the device answered with exception n, 1 to 11.
    CMODBUS_EXCEPTION = 0x10000,
    // −CMODBUS_BAD_…: a frame came, but not the reply.
    CMODBUS_BAD_CHECKSUM = 0x10100,
    CMODBUS_BAD_SHAPE,      // another length, function or count than was asked for
    CMODBUS_BAD_EXCEPTION,  // an exception with a number that does not exist
    CMODBUS_BAD_UNIT,       // from another unit than was asked
    CMODBUS_BROKEN_OFF,     // it stopped before its end
};

typedef struct cmodbus cmodbus;

// How a serial line is driven.
typedef struct {
    int baud;           // 1,200 to 921,600, one of the usual rates
    char parity;        // 'N', 'E' or 'O'
    int stop_bits;      // 1 or 2
    int response_ms;    // from the request's end to the first byte of the reply; 1 to 120,000
    int byte_ms;        // between two bytes of a reply; 1 to 60,000
    int gap_us;         // silence before a request; 0 to 1,000,000
    int turnaround_us;  // more of it before a request to another unit; 0 to 1,000,000
} cmodbus_line;

// Opens `port` and sets the line. On success `*out` is the caller's, to be closed once.
// Blocks as long as the driver's open does. −EINVAL: a value of `line` is out of range.
int cmodbus_open(const char *port, const cmodbus_line *line, cmodbus **out);

// Closes the port and frees `bus`. Never fails; does nothing for NULL.
void cmodbus_close(cmodbus *bus);

// Reads `count` (1 to 125) registers from `address` (wire address, from 0) of `unit` (1 to 247)
// with function 3 (holding) or 4 (input) into `values`, which stays the caller's and has room for
// them. Waits out the silence, throws away what came in unasked, asks, and blocks until the reply
// or its timeout. Frames of other units and lengths that come before the reply are passed over;
// without a reply they are the error, and −ETIMEDOUT if there were none. Returns `count`.
int cmodbus_read(cmodbus *bus, int unit, int function, int address, int count, uint16_t *values);

// Writes with function 5 (one coil: 0 or not), 6 (one register) or 16 (`count` registers, 1 to
// 123); otherwise as `cmodbus_read`. Returns the number of values written.
// libmodbus does not compare the echoed address and value: read back what matters.
int cmodbus_write(cmodbus *bus, int unit, int function, int address, int count,
                  const uint16_t *values);

// Sets how long the next replies may take, from the request's end to their first byte: 1 to
// 120,000 ms. Does not block. Returns 0.
int cmodbus_expect(cmodbus *bus, int response_ms);

// How long the last exchange took, from its request's first byte to its reply's last, in µs; until
// it was given up if there was none. 0 before the first.
int cmodbus_replied_us(const cmodbus *bus);

// The longest of the exchanges that went well since `cmodbus_expect`, in µs; 0 without any.
int cmodbus_slowest_us(const cmodbus *bus);

// Throws away what comes in until nothing has come for `quiet_ms`, or for `limit_ms` in all.
// Returns the number of bytes thrown away, at most INT32_MAX.
int cmodbus_drain(cmodbus *bus, int quiet_ms, int limit_ms);
