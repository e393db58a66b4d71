#!/usr/bin/env bash
# The main job, from a tap to a balance: a simulated bin, the real daemon, a hub with embedded SQLite.
set -euo pipefail

usage() {
    cat <<'HELP'
usage: deploy/demo.sh [--page HOST:PORT] [--pause] [--keep DIR]

Installs what is missing (apt), builds, starts hub, simulated bin and daemon, plays a morning at the
bin, and ends with the residents' balances and every check in agreement.

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

page=''
pause=''
work=''
while (($# > 0)); do
    case $1 in
    --page | --keep)
        [[ -n ${2-} ]] || {
            echo "demo.sh: $1 needs a value; see --help" >&2
            exit 64
        }
        if [[ $1 == --page ]]; then page=$2; else work=$2; fi
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

title "Packages and build"
install_packages build
require_swift
step "swift build: a few minutes the first time, seconds after that"
build_log=$(mktemp)
if ! (cd "$root" && swift build >"$build_log" 2>&1); then
    grep -E 'error:' "$build_log" >&2 || tail -n 20 "$build_log" >&2
    echo "demo.sh: the build failed; see $build_log" >&2
    exit 1
fi
rm -f "$build_log"
programs=$(cd "$root" && swift build --show-bin-path 2>/dev/null)

if [[ -n $work ]]; then
    mkdir -p "$work"
    work=$(cd "$work" && pwd)
else
    work=$(mktemp -d)
    temporary=$work
fi
hub_pid='' bin_pid='' sim_pid=''
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
# field EXPRESSION: evaluates a Python expression on the JSON `d` from standard input.
field() { python3 -c 'import json,sys; d=json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"; }
shown() { python3 "$here/demo-display.py" "http://$page/v1/display"; }
# await WHAT COMMAND…: tries COMMAND until it succeeds, for at most 30 s.
await() {
    local what=$1 tries=150
    shift
    until "$@" >/dev/null 2>&1; do
        ((tries-- > 0)) || {
            echo "demo.sh: waited in vain for $what" >&2
            return 1
        }
        sleep 0.2
    done
}
displays() { [[ $(python3 "$here/demo-display.py" --state "http://$page/v1/display") == "$1" ]]; }
recorded() { (($(ctl status --json | field 'd["queue"]["last"]') >= $1)); }
last_record() { ctl status --json | field 'd["queue"]["last"]'; }
delivered() { (($(ctl status --json | field 'd["queue"]["depth"]') == 0)); }
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
cat >cards.csv <<'CSV'
card,account,role
uid:04A1B2C3,li-wei,resident
uid:04D4E5F6071829,zhang-min,resident
uid:0455AA66BB77CC,chen-jing,resident
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

title "A bin: two scales and a card reader on one RS-485 bus"
cat >bin.yaml <<YAML
device: { id: baiyun-017, community: baiyun }
storage: { directory: storage }
trust: [ "$key" ]
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
compartments:
  pet: { material: pet-bottle, scale: pet }
  film: { material: pe-film, scale: film }
readers:
  front:
    driver: modbus
    bus: rs485
    address: 9
    registers:
      presence: counter
      counter: { function: holding, address: 0 }
      uid: { function: holding, address: 1, count: 4 }
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
act "Li Wei taps card …B2C3" tap uid:04A1B2C3
await "the greeting" displays greeting
step "    the bin shows: $(shown)"
deposits "drops 1,240 g of bottles" put pet 1240
deposits "drops 360 g more" put pet 360
act "and taps again" tap uid:04A1B2C3
await "the thanks" displays thanks
step "    the bin shows: $(shown)"

title "Zhang Min: two compartments, something taken back, and no second tap"
act "Zhang Min taps card …1829" tap uid:04D4E5F6071829
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
act "a card that no list holds is tapped" tap uid:0BADCAFE
await "the greeting" displays greeting
deposits "300 g of bottles are dropped: kept, to be claimed later" put pet 300
act "Chen Jing taps card …77CC, which settles the order before" tap uid:0455AA66BB77CC
await "the greeting" displays greeting
deposits "drops 1,500 g of film" put film 1500
act "taps" tap uid:0455AA66BB77CC
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
step "the owner of card …CAFE comes forward: the operator gives it an account"
printf 'card,account,role\nuid:0BADCAFE,wang-fang,resident\n' >claim.csv
step "$(hub card import claim.csv)"

title "The bin's journal"
ctl journal show --limit 100

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
