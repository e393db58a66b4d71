#!/usr/bin/env bash
# tests.sh: runs the tests that need the rig, from the bundle that `swift build --build-tests` made, or
# with the programs beside it the real daemon.
#   --libgpiod2  with libgpiod 2 in the place of Debian 12's
#   --probe      runs none; exit 69 and one line if the rig can't run here
#   --daemon     the daemon weighs and reads cards on GPIO lines, and a batch comes out
#   --real       in real time: tests that demand exact times are left out
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
programs=$PWD/.build/debug
bundle=steelyardPackageTests.xctest
daemon=''
version=()
real=()
while (($# > 0)); do
    case $1 in
    --libgpiod2)
        library=$("$here/libgpiod2.sh")
        mkdir -p .build/rig/libgpiod2
        ln -sf "$programs"/steelyard* .build/rig/libgpiod2
        rm -f .build/rig/libgpiod2/{steelyardd,"$bundle"}
        "$here/relink.py" --library "$library" .build/rig/libgpiod2 steelyardd "$bundle"
        programs=$PWD/.build/rig/libgpiod2
        version=(2)
        ;;
    --probe)
        if reason=$("$here/build.sh" 2>&1) && reason=$("$here/run.sh" "$here/probe-job.sh" 2>&1)
        then
            exit 0
        fi
        echo "no kernel with simulated GPIO: $(tail -n 1 <<<"$reason")"
        exit 69
        ;;
    --daemon) daemon=yes ;;
    --real) real=(--real) ;;
    *)
        echo "tests.sh: unknown option $1" >&2
        exit 64
        ;;
    esac
    shift
done
"$here/build.sh" >/dev/null
if [[ -n $daemon ]]; then
    "$here/run.sh" "$here/daemon-job.sh" "$PWD" "$programs"
else
    "$here/run.sh" "${real[@]}" "$here/tests-job.sh" "$programs/$bundle" "${version[@]}"
fi
