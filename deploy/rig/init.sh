#!/bin/sh
# Process 1 inside the rig: mounts, runs $RIG_JOB, says how it ended, turns the machine off.
export PATH="$RIG_PATH" HOME=/root TMPDIR=/run STEELYARD_RIG=1
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t configfs configfs /sys/kernel/config
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts pts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t tmpfs run /run
ip link set lo up
ln -sf /proc/self/fd /dev/fd
# Sleepers are woken when they asked for it, not up to 50 microseconds later.
if [ "$STEELYARD_RIG_TIME" = virtual ]; then echo 1 >/proc/self/timerslack_ns; fi
cd "$RIG_FOLDER" || exit 1
# shellcheck disable=SC2086  # words without blanks inside
sh "$RIG_JOB" $RIG_ARGUMENTS
printf '\nRIG-ENDED %s\n' $?
sync
# By the system call itself, since no init system is here to ask.
exec python3 -c 'import ctypes; ctypes.CDLL(None).reboot(0x4321FEDC)'
