#!/usr/bin/env bash
# bench.sh [--libgpiod2] [--json]: measures GPIO edges in the rig, in real time, with the release
# build of steelyard-bench.
#   --libgpiod2  with libgpiod 2 in the place of Debian 12's
#   --json       as one JSON object
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
arguments=()
library=
while (($# > 0)); do
    case $1 in
    --libgpiod2) library=$("$here/libgpiod2.sh") ;;
    --json) arguments+=(--json) ;;
    *)
        echo "bench.sh: unknown option $1" >&2
        exit 64
        ;;
    esac
    shift
done
swift build -c release --product steelyard-bench >&2
program=$(swift build -c release --show-bin-path)/steelyard-bench
if [[ -n $library ]]; then
    "$here/relink.py" --release --library "$library" --source CGPIO/CGPIO.c \
        --source CBareLimits/edges.c .build/rig/libgpiod2-release steelyard-bench
    program=$PWD/.build/rig/libgpiod2-release/steelyard-bench
fi
"$here/build.sh" >/dev/null
# Longer than tests: dozens of trains of edges, most of them sleeping.
RIG_SECONDS=${RIG_SECONDS:-900} "$here/run.sh" --real "$here/bench-job.sh" "$program" \
    "${arguments[@]}"
