#pragma once

#include <CGPIO.h>
#include <stdint.h>

// The bit timing of an Avia HX711 converter on two GPIO lines.
//
// A chip whose clock is high for more than 60 µs powers down, and what it sends then looks like a
// word whose rest is ones. So every high phase is measured, from before the clock is set high until
// after it is set low: the chip's own high phase is never longer than that.
//
// Every function returns 0 or more, or a negative errno of the wires, and spins for no longer than
// 2 µs at a time. Source of all times: Avia HX711 data sheet, "Serial interface", T1 to T4, and
// "Reset and power-down".

// The two wires and the time, behind a seam, so that tests put a simulated chip there.
typedef struct {
    int (*set_clock)(void *context, int level);     // 0 or a negative errno
    int (*get_data)(void *context);                 // 0, 1 or a negative errno
    int64_t (*now_ns)(void *context);               // never goes back
    void (*delay_ns)(void *context, int64_t ns);    // returns after at least `ns`
    void *context;
} chx711_wires;

enum {
    CHX711_HALF_NS = 1000,             // T3 and T4, typical
    CHX711_LONGEST_HIGH_NS = 50000,    // T3, maximum
    CHX711_POWER_DOWN_NS = 60000,      // beyond it the chip powers down
    CHX711_RESET_NS = 10000000,        // Linux, drivers/iio/adc/hx711.c: shorter makes a bad value
};

// What became of a read.
enum {
    CHX711_OK,
    CHX711_NOT_READY,     // data was high before the first pulse: nothing was clocked
    CHX711_SLOW,          // a high phase may have exceeded 50 µs: the word is worth nothing
    CHX711_POWERED_DOWN,  // one may have exceeded 60 µs: the chip was reset as by `chx711_reset`
    CHX711_BAD_COUNT,     // data was not high after the last pulse: chip and we count differently
};

typedef struct {
    uint32_t word;            // the 24 bits as they came; to be used after CHX711_OK only
    int pulses;               // how many were given
    int64_t longest_high_ns;  // of all pulses, bounded from above
    int64_t begin_ns;         // before the first pulse
    int64_t end_ns;           // after the last one
} chx711_result;

// Clocks one conversion out with `pulses` in all: 25 selects channel A with gain 128 for the next
// one, 26 channel B with gain 32, 27 channel A with gain 64. Takes 0.1 to 0.3 ms if nobody
// interrupts. Returns one of CHX711_…, or −EINVAL for other pulses.
//
// A pulse that was high for too long but cannot have powered the chip down (CHX711_SLOW) is
// followed by the rest of them, so that chip and selection are where they are after any read. After
// one that can have done it there is no telling what the chip counted: it is powered down for
// certain and up again, and has to be selected and to settle anew.
int chx711_read(const chx711_wires *wires, int pulses, chx711_result *result);

// Powers the chip down: holds the clock high and blocks until it is surely off.
int chx711_power_down(const chx711_wires *wires);

// Powers the chip up. It converts after its settling time: 400 ms at 10 a second, 50 ms at 80.
// Which channel and gain it has then depends on its data sheet's version.
int chx711_power_up(const chx711_wires *wires);

// Powers the chip down and up: whatever it counted, it begins anew. Blocks for 10 ms.
int chx711_reset(const chx711_wires *wires);

// A clock and a data line that were requested through CGPIO. Both stay the caller's and must
// outlive the wires.
typedef struct {
    cgpio_lines *clock;  // one output
    cgpio_lines *data;   // one input
} chx711_lines;

// Fills `wires` for `lines`, which has to stay where it is. Time is CLOCK_MONOTONIC; delays of
// less than 10 µs spin, longer ones sleep.
void chx711_use_lines(chx711_wires *wires, chx711_lines *lines);
