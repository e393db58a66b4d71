#!/usr/bin/env bash
# Every test of Steelyard, in stages.
set -euo pipefail

usage() {
    cat <<'HELP'
usage: deploy/test.sh [STAGE…]

Installs what is missing (apt) and runs the stages named, or all of them but `torture`:

  tidy    the format of the Swift sources, and shellcheck
  unit    the tests beside the modules: pure core, formats, journal, buses over pseudo-terminals, hub
  system  the real programs as processes: sessions, faults, 60 kills, the page in Chromium, a Modbus
          server that isn't ours (pymodbus), systemd units, udev rules, installation
  torture a bin's power cut at the writes of its days and of the starts after them, as often as goes
          into 150 s; the daemon killed 1,000 times at random moments; a journal of 1,000,000 records;
          two simulated years of a busy bin against their own truth (STEELYARD_YEARS=N plays N), with
          an optimised build that takes minutes by itself; and the type tests of 20 simulated
          instruments of each kind
  rig     GPIO: tests inside a kernel with simulated lines, with libgpiod 1 and 2. Where that kernel
          can't run it is skipped, and fails if $CI is set; its first build takes 5 minutes

Exit codes: 0 all passed, 1 something failed, 64 usage, 69 something is missing.
HELP
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
# shellcheck source=deploy/packages.sh
source "$here/packages.sh"

# `torture` takes longer than all others together: by name only.
all=(tidy unit system rig)
known=("${all[@]}" torture)
stages=()
for argument in "$@"; do
    case $argument in
    --help)
        usage
        exit 0
        ;;
    tidy | unit | system | torture | rig) stages+=("$argument") ;;
    *)
        echo "test.sh: there is no stage $argument; there are ${known[*]}" >&2
        exit 64
        ;;
    esac
done
((${#stages[@]} > 0)) || stages=("${all[@]}")

passed=()
failed=()
# check NAME COMMAND…: runs a part of a stage; the others go on if it fails.
check() {
    local name=$1 started=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    if "$@"; then
        passed+=("$name")
        printf '== %s: passed in %s s\n' "$name" $((SECONDS - started))
    else
        failed+=("$name")
        printf '== %s: FAILED after %s s\n' "$name" $((SECONDS - started))
    fi
}

build_tests() { swift build --build-tests 2>&1 | grep -vE '^\[[0-9]+/[0-9]+\]'; }
unit_tests() {
    swift test --skip-build --skip SystemTests --skip ModbusBusTests --skip CrashTests --skip YearTests
}
# They keep all processors busy: by themselves, so that nobody else waits for his turn.
busy_tests() { swift test --skip-build --filter CrashTests --filter YearTests; }
# In real time: by themselves, so that nothing keeps the bus from its line.
bus_tests() { swift test --skip-build --no-parallel --filter ModbusBusTests; }
system_tests() { STEELYARD_PAGE=1 swift test --skip-build --filter SystemTests; }
kills() { STEELYARD_TORTURE_KILLS=1000 swift test --skip-build --filter TortureTests; }
records() { STEELYARD_RECORDS=1000000 swift test --skip-build --no-parallel --filter YearsTests; }
power_cuts() {
    "$(swift build --show-bin-path)/power-cuts" --stories 5 --days 30 --every 64 --seconds 150 \
        --commit "$(git rev-parse --short HEAD 2>/dev/null || echo unknown)"
}
pymodbus_tests() { "$here/pymodbus/run.sh" swift test --skip-build --filter PymodbusTests; }
shell_scripts() { shellcheck -x -P "$root" "$here"/*.sh "$here"/*/*.sh "$root/.ci/run"; }
swift_format() { swift format lint --strict -r Sources Tests Package.swift; }

# The installation below a folder, twice: the second time it must change nothing that is configured.
# Joined by `&&`: within a condition bash doesn't stop at a command that fails.
installation() {
    local folder programs
    folder=$(mktemp -d) &&
        programs=$(swift build --show-bin-path 2>/dev/null) &&
        "$here/install.sh" --all --from "$programs" --prefix "$folder" >/dev/null &&
        echo "# changed by hand" >>"$folder/etc/steelyard/steelyard.yaml" &&
        "$here/install.sh" --all --from "$programs" --prefix "$folder" >/dev/null &&
        grep -q "changed by hand" "$folder/etc/steelyard/steelyard.yaml" &&
        "$folder/usr/local/bin/steelyardctl" --version >/dev/null &&
        rm -rf "$folder"
}

# Simulated time of a bin and its hub; what fails prints the command that repeats it. Two at a time:
# each keeps one processor busy.
years() {
    local count=${STEELYARD_YEARS:-2} seed=811 commit folder status=0
    swift build -c release --product simulated-year 2>&1 | grep -vE '^\[[0-9]+/[0-9]+\]'
    commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
    folder=$(mktemp -d)
    seq "$seed" $((seed + count - 1)) |
        TMPDIR=$folder xargs -P 2 -I SEED .build/release/simulated-year --seed SEED \
            --commit "$commit" || status=1
    rm -rf "$folder"
    return "$status"
}

type_tests() {
    "$(swift build --show-bin-path 2>/dev/null)/steelyard-sim" verify-instrument --seeds 20 --margin 15
}

# Whether tests can run in the rig's kernel.
rig_runs() {
    local reason
    if reason=$("$here/rig/tests.sh" --probe); then
        return
    fi
    if [[ -n ${CI-} ]]; then
        echo "$reason"
        check "rig: its kernel" false
    else
        printf '\n== rig: SKIPPED, %s\n' "$reason"
    fi
    return 1
}

cd "$root"
echo "stages: ${stages[*]}"
install_packages build
require_swift
if [[ " ${stages[*]} " == *" tidy "* || " ${stages[*]} " == *" system "* ]]; then
    install_packages system
fi
if [[ " ${stages[*]} " =~ " "(unit|system|torture|rig)" " ]]; then
    check "build" build_tests
    if ((${#failed[@]} > 0)); then
        echo "TESTS: FAILED (it doesn't build)"
        exit 1
    fi
fi
for stage in "${stages[@]}"; do
    case $stage in
    tidy)
        check "tidy: swift format" swift_format
        check "tidy: shellcheck" shell_scripts
        ;;
    unit)
        check "unit: swift test" unit_tests
        check "unit: power cuts and years" busy_tests
        check "unit: buses in real time" bus_tests
        ;;
    system)
        check "system: the programs" system_tests
        check "system: pymodbus" pymodbus_tests
        check "system: units and rules" "$here/check-units.sh"
        check "system: installation" installation
        ;;
    torture)
        check "torture: power cuts" power_cuts
        check "torture: kills" kills
        check "torture: a million records" records
        check "torture: simulated years" years
        check "torture: type tests" type_tests
        ;;
    rig)
        if rig_runs; then
            check "rig: libgpiod 1" "$here/rig/tests.sh"
            check "rig: libgpiod 2" "$here/rig/tests.sh" --libgpiod2
            check "rig: real time" "$here/rig/tests.sh" --real
            check "rig: the daemon, libgpiod 1" "$here/rig/tests.sh" --daemon
            check "rig: the daemon, libgpiod 2" "$here/rig/tests.sh" --libgpiod2 --daemon
        fi
        ;;
    esac
done

printf '\n%s passed, %s failed\n' "${#passed[@]}" "${#failed[@]}"
if ((${#failed[@]} > 0)); then
    printf 'TESTS: FAILED (%s)\n' "$(printf '%s; ' "${failed[@]}" | sed 's/; $//')"
    exit 1
fi
echo "TESTS: all passed"
