#!/bin/sh
# A job of run.sh: whether the kernel has what it was built for.
[ -d /sys/kernel/config/gpio-sim ] && [ "$(id -u)" = 0 ]
