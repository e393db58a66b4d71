// clock_nanosleep(2)
#define _GNU_SOURCE

#include "CHX711.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

// Gives one pulse. Returns what the data line says afterwards, 0 or 1, which is the bit that the
// pulse asked for: the chip holds it until the clock rises again. Reading it with the clock low
// keeps the high phase short.
static int pulse(const chx711_wires *wires, chx711_result *result) {
    int64_t before = wires->now_ns(wires->context);
    int set = wires->set_clock(wires->context, 1);
    if (set < 0) return set;
    wires->delay_ns(wires->context, CHX711_HALF_NS);
    set = wires->set_clock(wires->context, 0);
    if (set < 0) return set;
    int64_t high = wires->now_ns(wires->context) - before;
    if (high > result->longest_high_ns) result->longest_high_ns = high;
    result->pulses++;
    wires->delay_ns(wires->context, CHX711_HALF_NS);
    return wires->get_data(wires->context);
}

int chx711_read(const chx711_wires *wires, int pulses, chx711_result *result) {
    enum { bits = 24, fewest = 25, most = 27 };
    *result = (chx711_result){0};
    if (pulses < fewest || pulses > most) return -EINVAL;
    int data = wires->get_data(wires->context);
    if (data != 0) return data < 0 ? data : CHX711_NOT_READY;
    result->begin_ns = wires->now_ns(wires->context);
    int is_high_after = 1;
    for (int i = 0; i < pulses; i++) {
        data = pulse(wires, result);
        if (data < 0) return data;
        if (i < bits) {
            result->word = result->word << 1 | (uint32_t)data;
        } else {
            is_high_after &= data;
        }
        if (result->longest_high_ns > CHX711_POWER_DOWN_NS) {
            int reset = chx711_reset(wires);
            return reset < 0 ? reset : CHX711_POWERED_DOWN;
        }
    }
    result->end_ns = wires->now_ns(wires->context);
    if (result->longest_high_ns > CHX711_LONGEST_HIGH_NS) return CHX711_SLOW;
    return is_high_after ? CHX711_OK : CHX711_BAD_COUNT;
}

int chx711_power_down(const chx711_wires *wires) {
    int result = wires->set_clock(wires->context, 1);
    if (result == 0) wires->delay_ns(wires->context, CHX711_RESET_NS);
    return result;
}

int chx711_power_up(const chx711_wires *wires) { return wires->set_clock(wires->context, 0); }

int chx711_reset(const chx711_wires *wires) {
    int result = chx711_power_down(wires);
    return result < 0 ? result : chx711_power_up(wires);
}

static int set_clock_line(void *context, int level) {
    return cgpio_set(((chx711_lines *)context)->clock, 0, level);
}

static int get_data_line(void *context) {
    return cgpio_get(((chx711_lines *)context)->data, 0);
}

static int64_t monotonic_ns(void *context) {
    (void)context;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void delay(void *context, int64_t ns) {
    // So many looks at a clock take longer than CHX711_HALF_NS on any machine. Where time stands
    // still while we compute, as in a virtual machine's tests, they end the spin.
    enum { longest_spin_ns = 10000, most_looks = 200 };
    int64_t end = monotonic_ns(context) + ns;
    if (ns < longest_spin_ns) {
        for (int looks = 0; looks < most_looks && monotonic_ns(context) < end; looks++) {
        }
        return;
    }
    struct timespec until = {.tv_sec = end / 1000000000, .tv_nsec = end % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
}

void chx711_use_lines(chx711_wires *wires, chx711_lines *lines) {
    *wires = (chx711_wires){
        .set_clock = set_clock_line,
        .get_data = get_data_line,
        .now_ns = monotonic_ns,
        .delay_ns = delay,
        .context = lines,
    };
}
