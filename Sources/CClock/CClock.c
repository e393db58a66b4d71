#include "CClock.h"

#include <sys/timex.h>
#include <time.h>

int cclock_is_kept(void) {
    struct timex state = {0};
    return adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0;
}

static int64_t milliseconds(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) return 0;
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int64_t cclock_boot_ms(void) { return milliseconds(CLOCK_BOOTTIME); }
int64_t cclock_wall_ms(void) { return milliseconds(CLOCK_REALTIME); }
