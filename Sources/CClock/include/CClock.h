/// What the kernel knows of the wall clock; Swift's view of the C library leaves adjtimex(2) out.
#pragma once

/// Returns 1 while the kernel says that somebody keeps the wall clock, otherwise 0. Doesn't block.
int cclock_is_kept(void);
