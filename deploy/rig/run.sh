#!/usr/bin/env bash
# run.sh [--real] JOB [ARGUMENT…]: runs the shell script JOB inside the rig's kernel, in the present
# folder and with the machine's own files, which it can't change; /run is its own. The exit status
# is JOB's, or 69 if the rig can't run here. Time is virtual unless --real is given.
#
# Environment: RIG_MEMORY (1024, in MB), RIG_SECONDS (300) before it is stopped, RIG_KERNEL_ARGUMENTS.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/rig/cache.sh
source "$here/cache.sh"

time=(time-travel=inf-cpu STEELYARD_RIG_TIME=virtual)
if [[ ${1-} == --real ]]; then
    time=(STEELYARD_RIG_TIME=real)
    shift
fi
if [[ ! -f ${1-} ]]; then
    echo "usage: run.sh [--real] JOB [ARGUMENT…]" >&2
    exit 64
fi
job=$(realpath "$1")
shift
kernel=$(rig_kernel "$here")
if [[ ! -x $kernel ]]; then
    echo "run.sh: there is no kernel yet: deploy/rig/build.sh makes it" >&2
    exit 69
fi
# They go through the kernel's command line, which knows no other way.
for word in "$job" "$PWD" "$PATH" "$here"; do
    if [[ $word == *[[:space:]\"]* ]]; then
        echo "run.sh: no blanks or quotes, please: $word" >&2
        exit 64
    fi
done

output=$(mktemp)
trap 'rm -f "$output"' EXIT
# The kernel's memory is a file, from which it also runs programs. It is fastest in memory.
memory=${RIG_MEMORY:-1024}
room=$(df --output=avail -BM /dev/shm 2>/dev/null | tail -n 1 | tr -dc 0-9) || room=
options=$(findmnt -no OPTIONS --target /dev/shm 2>/dev/null) || options=noexec
if [[ -w /dev/shm && $options != *noexec* ]] && ((${room:-0} >= memory)); then
    export TMPDIR=/dev/shm
fi
# shellcheck disable=SC2086  # words
timeout --kill-after=5 "${RIG_SECONDS:-300}" "$kernel" mem="${memory}M" \
    root=host rootfstype=hostfs rootflags=/ ro init="$here/init.sh" con0=fd:0,fd:1 con=null quiet \
    "${time[@]}" RIG_JOB="$job" RIG_FOLDER="$PWD" RIG_PATH="$PATH" RIG_ARGUMENTS="\"$*\"" \
    ${RIG_KERNEL_ARGUMENTS-} </dev/null 2>&1 | tr -d '\r' | tee "$output" |
    grep -vE '^RIG-ENDED |^reboot: System halted' || true
status=$(sed -n 's/^RIG-ENDED \([0-9]*\)$/\1/p' "$output" | tail -n 1)
if [[ -z $status ]]; then
    echo "run.sh: the job didn't get to its end: $(tail -n 1 "$output")" >&2
    exit 69
fi
exit "$status"
