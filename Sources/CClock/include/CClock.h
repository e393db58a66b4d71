/// The kernel's clocks, and what it knows of them. Swift's view of the C library leaves adjtimex(2)
/// out, and takes timespec for one of swift-nio's.
#pragma once

#include <stdint.h>

/// Returns 1 while the kernel says that somebody keeps the wall clock, otherwise 0. Doesn't block.
int cclock_is_kept(void);

/// Milliseconds since the machine started, also while it slept (clock_gettime(2), CLOCK_BOOTTIME).
int64_t cclock_boot_ms(void);
/// Milliseconds of the wall clock since 1970 (CLOCK_REALTIME).
int64_t cclock_wall_ms(void);
