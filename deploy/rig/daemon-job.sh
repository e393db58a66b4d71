#!/bin/sh
# A job of run.sh: daemon-job.sh ROOT PROGRAMS lets the real daemon weigh with two HX711 converters and
# read cards with a Wiegand reader, calibrated and tapped through the kernel's lines, and ends with
# what a hub and a stranger make of its batch.
set -eu
root=$1
PATH=$2:$PATH
cd "$(mktemp -d)"
hub() { steelyard-hub --database "sqlite:$PWD/hub.sqlite" "$@"; }
ctl() { steelyardctl --socket "$PWD/control.sock" "$@"; }
sim() { steelyard-sim --socket "$PWD/sim.sock" "$@"; }
# In virtual time waiting costs nothing, but trying does.
until_there() {
    tries=20
    until [ -S "$1" ]; do
        [ "$((tries -= 1))" -gt 0 ] || exit 1
        sleep 1
    done
}

cat >bin.yaml <<YAML
device: { id: rig-001, community: baiyun }
storage: { directory: storage }
trust: [ "$(hub key)" ]
scales:
  pet: { driver: hx711, chip: rig-header, clock: 5, data: 6, capacity: 30000, division: 5, minimum: 20 }
  film: { driver: hx711, chip: rig-header, clock: 12, data: 13, capacity: 30000, division: 10 }
compartments:
  pet:
    material: pet-bottle
    scale: pet
    lock: { chip: rig-header, line: 17 }
    counter: { chip: rig-header, line: 16, active: low }
    lid: { chip: rig-header, line: 20 }
  film: { material: pe-film, scale: film }
readers:
  front: { driver: wiegand, chip: rig-header, d0: 23, d1: 24, formats: [w26, w34] }
feedback: { green: { chip: rig-header, line: 27 }, red: { chip: rig-header, line: 22 } }
YAML
echo '{"effective":"2026-01-01T00:00:00Z","body":{"prices":{"pet-bottle":2800,"pe-film":900},"each":{"pet-bottle":40000}}}' >t.json
hub device add rig-001 --community baiyun >/dev/null
hub tariff publish t.json
steelyard-sim bin --config bin.yaml --socket "$PWD/sim.sock" --seed 1 &
sim_pid=$!
until_there sim.sock
steelyardd --config bin.yaml --socket "$PWD/control.sock" &
bin_pid=$!
until_there control.sock
sleep 3
hub bulletin export --device rig-001 | ctl bulletin install -
for compartment in pet film; do
    ctl calibrate $compartment --zero
    sim put $compartment 10000
    sleep 5
    ctl calibrate $compartment --reference 10000
    sim take $compartment 10000
done
sleep 15
sim tap w26:00A1B2
sleep 1
sim put pet 812
sleep 4
sim put film 357
sleep 4
sim tap w26:00A1B2
sleep 6
sim tap w34:89D41B81
sleep 1
sim put pet 1203
sleep 4
sim tap w34:89D41B81
sleep 3
ctl status
ctl journal show
ctl journal verify
ctl batch export --after 0 --out batch.ndjson
python3 "$root/deploy/verify-batch.py" batch.ndjson
hub import batch.ndjson | ctl batch ack -
hub verify
sums=$(ctl journal export | python3 -c '
import json, sys
print([(r["mass"], r["value"]) for r in map(json.loads, sys.stdin) if r["kind"] == "order"])')
echo "orders: $sums"
# 810 g of bottles in one piece and 360 g of film, then 1,205 g of bottles in one piece, at 2,800 and
# 900 CNY/t and 0.04 CNY a bottle.
[ "$sums" = "[(1170, $((810 * 2800 + 40000 + 360 * 900))), (1205, $((1205 * 2800 + 40000)))]" ]
# A crash, and a configuration that went wrong meanwhile: the outputs are released all the same.
sim tap w26:00A1B2
sleep 1
kill -9 "$bin_pid"
wait "$bin_pid" || true
echo "scales: [" >bin.yaml
steelyardd --config bin.yaml --socket "$PWD/control.sock" --release
kill "$sim_pid"
