#!/usr/bin/env bash
# The main job, from a tap to a balance: a simulated bin, the real daemon, a hub with embedded SQLite.
set -euo pipefail

usage() {
    cat <<'HELP'
usage: deploy/demo.sh [--gpio] [--page HOST:PORT] [--pause] [--keep DIR]

Installs what is missing (apt), builds, starts hub, simulated bin and daemon, plays a morning at the
bin, and ends with the residents' balances and every check in agreement.

  --gpio            the bin's scales and reader hang on GPIO lines (HX711, Wiegand) instead of RS-485,
                    inside the kernel of deploy/rig, in virtual time; the first time it is built
  --page HOST:PORT  serve the resident's page there (default 127.0.0.1:8080, or a free port)
  --pause           wait for Enter before the end, to look around with the commands shown
  --keep DIR        keep databases and logs in DIR (default: a temporary folder, removed)
  --help            this text

Exit codes: 0 all agrees, 1 something doesn't, 64 usage, 69 something is missing.
HELP
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
# shellcheck source=deploy/packages.sh
source "$here/packages.sh"

gpio=''
page=''
pause=''
programs=''
work=''
while (($# > 0)); do
    case $1 in
    --gpio) gpio=yes ;;
    --page | --keep | --programs)
        [[ -n ${2-} ]] || {
            echo "demo.sh: $1 needs a value; see --help" >&2
            exit 64
        }
        case $1 in
        --page) page=$2 ;;
        --keep) work=$2 ;;
        --programs) programs=$2 ;; # built already: for the job inside the rig
        esac
        shift
        ;;
    --pause) pause=yes ;;
    --help)
        usage
        exit 0
        ;;
    *)
        echo "demo.sh: unknown argument $1; see --help" >&2
        exit 64
        ;;
    esac
    shift
done

title() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
step() { printf '  %s\n' "$*"; }

build() {
    local log
    title "Packages and build"
    install_packages build
    require_swift
    step "swift build: a few minutes the first time, seconds after that"
    log=$(mktemp)
    if ! (cd "$root" && swift build >"$log" 2>&1); then
        grep -E 'error:' "$log" >&2 || tail -n 20 "$log" >&2
        echo "demo.sh: the build failed; see $log" >&2
        exit 1
    fi
    rm -f "$log"
    programs=$(cd "$root" && swift build --show-bin-path 2>/dev/null)
}

if [[ -z $programs ]]; then
    build
    if [[ -n $gpio ]]; then
        if [[ -n $page$pause$work ]]; then
            echo "demo.sh: --gpio runs in a machine of its own, without --page, --pause and --keep" >&2
            exit 64
        fi
        title "A kernel with simulated GPIO"
        "$here/rig/build.sh"
        export RIG_SECONDS=900
        exec "$here/rig/run.sh" "$here/rig/demo-job.sh" "$root" "$programs"
    fi
fi

if [[ -n $work ]]; then
    mkdir -p "$work"
    work=$(cd "$work" && pwd)
else
    work=$(mktemp -d)
    temporary=$work
fi
hub_pid='' bin_pid='' sim_pid=''
if [[ -n $gpio ]]; then
    li=w26:00A1B2 zhang=w34:89D41B81 chen=w26:7B11D7 stranger=w26:0BADCA
else
    li=uid:04A1B2C3 zhang=uid:04D4E5F6071829 chen=uid:0455AA66BB77CC stranger=uid:0BADCAFE
fi
cleanup() {
    local code=$?
    for pid in $bin_pid $hub_pid $sim_pid; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    if ((code != 0)); then
        for log in hub bin sim; do
            [[ ! -s $work/$log.log ]] || sed "s/^/[$log] /" "$work/$log.log" >&2
        done
        printf '\nDEMO: FAILED\n' >&2
    fi
    [[ -z ${temporary-} ]] || rm -rf "$temporary"
    exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

cd "$work"
hub() { "$programs/steelyard-hub" --database "sqlite:$work/hub.sqlite" "$@"; }
ctl() { "$programs/steelyardctl" --socket "$work/control.sock" "$@"; }
sim() { "$programs/steelyard-sim" --socket "$work/sim.sock" "$@"; }
shown() { python3 "$here/demo-display.py" "http://$page/v1/display"; }
# await WHAT COMMAND…: tries COMMAND until it succeeds, for at most 30 s. In virtual time waiting costs
# nothing, but trying does.
await() {
    local what=$1 pause=${gpio:+1} tries=${gpio:+30}
    pause=${pause:-0.2} tries=${tries:-150}
    shift
    until "$@" >/dev/null 2>&1; do
        ((tries-- > 0)) || {
            echo "demo.sh: waited in vain for $what" >&2
            return 1
        }
        sleep "$pause"
    done
}
displays() { [[ $(python3 "$here/demo-display.py" --state "http://$page/v1/display") == "$1" ]]; }
# queue KEY: a figure of the bin's queue.
queue() { ctl queue --json | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }
recorded() { (($(queue last) >= $1)); }
last_record() { queue last; }
delivered() { (($(queue depth) == 0)); }
free_port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
port_is_free() { python3 -c 'import socket,sys; socket.socket().bind(("127.0.0.1",int(sys.argv[1])))' "$1" 2>/dev/null; }

serve_hub() {
    : >hub.log
    "$programs/steelyard-hub" --database "sqlite:$work/hub.sqlite" serve \
        --listen "127.0.0.1:$hub_port" >>hub.log 2>&1 &
    hub_pid=$!
    await "the hub" grep -q "listening on" hub.log
}

title "A hub, with a tariff, carbon factors and cards"
hub_port=$(free_port)
if [[ -z $page ]]; then
    if port_is_free 8080; then page=127.0.0.1:8080; else page=127.0.0.1:$(free_port); fi
fi
key=$(hub key)
(umask 077 && hub device add baiyun-017 --community baiyun >token)
cat >cards.csv <<CSV
card,account,role
$li,li-wei,resident
$zhang,zhang-min,resident
$chen,chen-jing,resident
CSV
cat >tariff.json <<'JSON'
{"effective":"2026-01-01T00:00:00Z","body":{"prices":{"pet-bottle":2800,"pe-film":900}}}
JSON
# Sample data: EPA WARM v16, landfilling less recycling, PET. It has no factor for film.
cat >carbon.json <<'JSON'
{"effective":"2026-01-01T00:00:00Z","body":{"method":"landfill less recycling","source":"EPA WARM v16","parameters":{},"factors":{"pet-bottle":1164}}}
JSON
step "$(hub tariff publish tariff.json)"
step "$(hub carbon publish carbon.json)"
step "$(hub card import cards.csv)"
serve_hub
step "the hub listens on http://127.0.0.1:$hub_port"

# The parts of a bin as its configuration has them.
on_rs485() {
    cat <<'YAML'
buses:
  rs485: { port: rs485, baud: 19200, parity: even, stop-bits: 1, timeout-ms: 200 }
scales:
  pet:
    driver: modbus
    bus: rs485
    address: 1
    capacity: 30000
    division: 5
    minimum: 20
    registers:
      weight: { function: holding, address: 0, type: int32, order: big, scale: 1/1 }
      status: { function: holding, address: 2, stable: 0, overload: 1, error: 2 }
  film:
    driver: modbus
    bus: rs485
    address: 2
    capacity: 30000
    division: 10
    minimum: 20
    registers:
      weight: { function: holding, address: 7, type: magnitude32, order: big, scale: 1/1 }
      status: { function: holding, address: 6, error: 0, overload: 2, negative: 7, stable: 11 }
readers:
  front:
    driver: modbus
    bus: rs485
    address: 9
    registers:
      presence: counter
      counter: { function: holding, address: 0 }
      uid: { function: holding, address: 1, count: 4 }
YAML
}
on_gpio() {
    cat <<'YAML'
scales:
  pet: { driver: hx711, chip: demo-header, clock: 5, data: 6, capacity: 30000, division: 5, minimum: 20 }
  film: { driver: hx711, chip: demo-header, clock: 12, data: 13, capacity: 30000, division: 10, minimum: 20 }
readers:
  front: { driver: wiegand, chip: demo-header, d0: 23, d1: 24, formats: [w26, w34] }
YAML
}

if [[ -n $gpio ]]; then
    title "A bin: two HX711 converters and a Wiegand reader on GPIO lines"
    parts=$(on_gpio)
else
    title "A bin: two scales and a card reader on one RS-485 bus"
    parts=$(on_rs485)
fi
cat >bin.yaml <<YAML
device: { id: baiyun-017, community: baiyun }
storage: { directory: storage }
trust: [ "$key" ]
$parts
compartments:
  pet: { material: pet-bottle, scale: pet }
  film: { material: pe-film, scale: film }
session: { idle-seconds: 5 }
uplink: { url: "http://127.0.0.1:$hub_port", token-file: token, every-seconds: 5 }
kiosk: { listen: "$page", languages: [zh, en] }
YAML
step "$(ctl config check bin.yaml)"
"$programs/steelyard-sim" bin --config bin.yaml --socket "$work/sim.sock" --seed 7 >sim.log 2>&1 &
sim_pid=$!
await "the simulated bin" grep -q "^ready" sim.log
"$programs/steelyardd" --config bin.yaml --socket "$work/control.sock" >bin.log 2>&1 &
bin_pid=$!
await "the control socket" ctl status
if [[ -n $gpio ]]; then
    title "A technician calibrates: empty, then with 10 kg"
    for compartment in pet film; do
        await "the empty scale" ctl calibrate $compartment --zero
        sim put $compartment 10000
        sleep 3
        await "the loaded scale" ctl calibrate $compartment --reference 10000
        sim take $compartment 10000
        sleep 3
        step "$(ctl read scale $compartment)"
    done
    sleep 10
fi
await "the bin" displays idle
await "the first bulletins" recorded 4
step "the resident's page: http://$page/"
step "ask the bin: $programs/steelyardctl --socket $work/control.sock status"

# act WHO-AND-WHAT ARGUMENTS…: one thing that somebody does at the bin.
act() {
    step "$1"
    shift
    sim "$@"
}
# deposits WHAT ARGUMENTS…: a drop, and what the resident sees of it once it is durable.
deposits() {
    local before
    before=$(last_record)
    act "$@"
    await "the deposit" recorded $((before + 1))
    await "the display" displays deposit
    step "    the bin shows: $(shown)"
}

title "Li Wei: a tap, bottles, a tap"
act "Li Wei taps card …${li: -4}" tap "$li"
await "the greeting" displays greeting
step "    the bin shows: $(shown)"
deposits "drops 1,240 g of bottles" put pet 1240
deposits "drops 360 g more" put pet 360
act "and taps again" tap "$li"
await "the thanks" displays thanks
step "    the bin shows: $(shown)"

title "Zhang Min: two compartments, something taken back, and no second tap"
act "Zhang Min taps card …${zhang: -4}" tap "$zhang"
await "the greeting" displays greeting
deposits "drops 860 g of film" put film 860
deposits "pours 430 g of bottles over two seconds" put pet 430 --over 2
deposits "takes 100 g of bottles back" take pet 100
step "walks away; after 5 s without a tap or a gram the order is settled"
await "the settlement" displays thanks
step "    the bin shows: $(shown)"

title "The network goes away"
kill "$hub_pid"
wait "$hub_pid" 2>/dev/null || true
hub_pid=''
act "a card that no list holds is tapped" tap "$stranger"
await "the greeting" displays greeting
deposits "300 g of bottles are dropped: kept, to be claimed later" put pet 300
act "Chen Jing taps card …${chen: -4}, which settles the order before" tap "$chen"
await "the greeting" displays greeting
deposits "drops 1,500 g of film" put film 1500
act "taps" tap "$chen"
await "the thanks" displays thanks
step "    the bin shows: $(shown)"
before=$(last_record)
act "somebody throws in 250 g of bottles without a card" put pet 250
await "the unattributed record" recorded $((before + 1))
step "$(ctl queue | head -n 1)"

title "The network comes back"
serve_hub
await "the delivery" delivered
step "$(ctl queue | head -n 1)"
step "the owner of card …${stranger: -4} comes forward: the operator gives it an account"
printf 'card,account,role\n%s,wang-fang,resident\n' "$stranger" >claim.csv
step "$(hub card import claim.csv)"

title "The bin's journal"
ctl journal show --limit 100

deposit=$(ctl journal export | python3 -c '
import json, sys
print(next(r["seq"] for r in map(json.loads, sys.stdin) if r["kind"] == "deposit"))')
title "What the scale delivered around record $deposit"
ctl journal show "$deposit" --trace

title "Balances at the hub"
for account in li-wei zhang-min wang-fang chen-jing; do
    python3 "$here/demo-display.py" --account "http://127.0.0.1:$hub_port/v1/accounts/$account"
done

title "Does it all agree?"
step "journal verify: $(ctl journal verify)"
step "hub verify: $(hub verify)"
ctl batch export --after 0 --out everything.ndjson
step "a stranger with nothing but the contract: $(python3 "$here/verify-batch.py" everything.ndjson)"
paid=$(ctl journal export | python3 -c '
import json, sys
print(sum(r["value"] for r in map(json.loads, sys.stdin) if r["kind"] == "order"))')
booked=0
for account in li-wei zhang-min wang-fang chen-jing; do
    balance=$(python3 "$here/demo-display.py" --balance "http://127.0.0.1:$hub_port/v1/accounts/$account")
    booked=$((booked + balance))
done
step "orders in the bin's journal: $paid µCNY; balances at the hub: $booked µCNY"
# 1,600 g and 330 g and 300 g of bottles at 2,800, 860 g and 1,500 g of film at 900 CNY/t.
expected=$((2230 * 2800 + 2360 * 900))
if ((paid != expected || booked != expected)); then
    echo "demo.sh: expected $expected µCNY" >&2
    exit 1
fi
if [[ -n $pause ]]; then
    read -r -p "Everything still runs. Enter ends it. " _ </dev/tty || true
fi
printf '\nDEMO: everything agrees\n'
