#pragma once

#include <stddef.h>
#include <stdint.h>

// GPIO lines through libgpiod, version 1.6 (Debian 12) or 2.x (Debian 13), chosen when this is
// compiled. Callers see one API.
//
// Every function returns 0 or more, or a negative errno. None of them sleeps but `cgpio_wait`. One
// `cgpio_lines` may be used by one thread at a time; which thread that is does not matter.

enum {
    CGPIO_TEXT = 32,        // bytes of a name or consumer with its zero, as in the kernel
    CGPIO_MOST_LINES = 64,  // of one request
};

typedef struct cgpio_lines cgpio_lines;

// Which libgpiod this was compiled with: 1 or 2.
int cgpio_version(void);

// Finds a chip by `chip`: a path if it has a slash, otherwise its name (`gpiochip0`) or its label
// (`pinctrl-rp1`). Writes the path of its device, without symbolic links, into `path`, which stays
// the caller's and has `size` bytes. Several links to one chip are one chip.
// −ENODEV: there is none. −ENOTUNIQ: two chips match. −EACCES: a chip that may be meant can't be
// opened.
int cgpio_find_chip(const char *chip, char *path, size_t size);

// What the kernel knows of a line, whoever has it.
typedef struct {
    char name[CGPIO_TEXT];      // empty if it has none
    char consumer[CGPIO_TEXT];  // whoever uses it, as far as they say
    int is_used;
} cgpio_info;

// −EINVAL: the chip at `path` has no such line.
int cgpio_line_info(const char *path, unsigned line, cgpio_info *info);

enum { CGPIO_INPUT, CGPIO_OUTPUT };
enum { CGPIO_EDGES_NONE, CGPIO_EDGES_FALLING, CGPIO_EDGES_RISING, CGPIO_EDGES_BOTH };
enum { CGPIO_BIAS_AS_IS, CGPIO_BIAS_PULL_UP, CGPIO_BIAS_PULL_DOWN };

// How lines are requested.
typedef struct {
    const char *consumer;  // told to whoever asks for a line meanwhile; cut off by the kernel at 31
    int direction;         // CGPIO_INPUT or CGPIO_OUTPUT
    int edges;             // CGPIO_EDGES_…; none for outputs
    int bias;              // CGPIO_BIAS_…
    int active_low;        // 1: a low voltage is the value 1, and a falling one a rising edge
    int debounce_us;       // 0: none; inputs only
} cgpio_setup;

// `cgpio_request` did all but the debouncing, which libgpiod 1 does not offer.
enum { CGPIO_NOT_DEBOUNCED = 1 };

// Requests `count` lines (1 to 64) of the chip at `path`, all of them or none. `values` are what
// outputs begin with; NULL for inputs. On success `*out` is the caller's, to be released once.
// Returns 0 or CGPIO_NOT_DEBOUNCED. −EBUSY: somebody has one of them, see `cgpio_line_info`.
int cgpio_request(const char *path, const unsigned *lines, int count, const cgpio_setup *setup,
                  const int *values, cgpio_lines **out);

// Gives the lines back and frees `lines`. An output keeps its value or not as its driver likes.
// Never fails; does nothing for NULL.
void cgpio_release(cgpio_lines *lines);

// The value, 0 or 1, of the line with this index in the request.
int cgpio_get(cgpio_lines *lines, int index);

// The values of all lines, in the order of the request, into `values`, which has room for them.
int cgpio_get_all(cgpio_lines *lines, int *values);

// Sets one output, leaving the others as they are, or all of them.
int cgpio_set(cgpio_lines *lines, int index, int value);
int cgpio_set_all(cgpio_lines *lines, const int *values);

// A descriptor that `cgpio_wait` can be woken with (an eventfd), to be closed by the caller.
int cgpio_wake_open(void);

// Wakes whoever waits on `wake`, now and from then on. From any thread.
int cgpio_wake(int wake);

enum {
    CGPIO_EDGES = 1,  // there are edges to be read
    CGPIO_WOKEN = 2,  // `wake` can be read
};

// Blocks, without spinning, until an edge came, `wake` (−1: none) can be read, or `timeout_ns`
// passed (0: looks only; negative: never). It may return 0 earlier, after a signal. Reads from none
// of them. `lines` may be NULL: then there are no edges.
// Returns the sum of CGPIO_EDGES and CGPIO_WOKEN, 0 after the timeout. −ENODEV: the chip went away.
int cgpio_wait(cgpio_lines *lines, int wake, int64_t timeout_ns);

typedef struct {
    int index;      // of the line in the request
    int is_rising;  // 1: it became active; 0: it became inactive
    int64_t at_ns;  // CLOCK_MONOTONIC of the interrupt (Linux 5.7 and later)
} cgpio_edge;

// Reads all edges that are there, of all lines, into `edges`, sorted by time; for more than `room`,
// call again. Does not block. Returns their number.
//
// `*lost` is how many edges the kernel dropped since the last call: exact with libgpiod 2, whose
// kernel queue of 1,024 drops the oldest and numbers them all. With libgpiod 1 it is always 0, and
// nobody knows: each line has a queue of 16 that drops the newest. There the caller has to notice.
// `room` is at least 16 times the number of lines.
int cgpio_read(cgpio_lines *lines, cgpio_edge *edges, int room, int64_t *lost);
