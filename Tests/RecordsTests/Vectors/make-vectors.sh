#!/usr/bin/env bash
# Makes the vectors beside it from CONTRACT.md alone, with printf, openssl and base64: no program of
# this repository takes part. Every figure in the records was worked out by hand; the comment above a
# record shows the sum. Ed25519 signatures are deterministic (RFC 8032 §5.1.6), so that a second run
# writes the same bytes.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

device=baiyun-017
# RFC 8032 §7.1: the secret keys of TEST 1 (the bin) and TEST 2 (the hub).
bin_seed=9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60
hub_seed=4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb

# key NAME SEED: an Ed25519 key from its seed, behind the fixed PKCS#8 head of RFC 8410 §7.
key() {
    printf '%b' "$(printf '302e020100300506032b657004220420%s' "$2" | sed 's/../\\x&/g')" \
        | openssl pkey -inform DER -out "$work/$1.pem"
    openssl pkey -in "$work/$1.pem" -pubout -outform DER | tail -c 32 | base64 -w 0 >"$work/$1.pub"
}
# sign NAME: the base64 signature of standard input.
sign() {
    cat >"$work/message"
    openssl pkeyutl -sign -rawin -inkey "$work/$1.pem" -in "$work/message" | base64 -w 0
}
public() { cat "$work/$1.pub"; }
sha256() { printf '%s' "$1" | sha256sum | cut -d ' ' -f 1; }

key bin "$bin_seed"
key hub "$hub_seed"

# Bulletins: the line, then the seal over "steelyard bulletin v1\n" and the line.
bulletin() {
    printf '%s\n{"key":"%s","sig":"%s"}\n' "$1" "$(public hub)" \
        "$(printf 'steelyard bulletin v1\n%s' "$1" | sign hub)"
}
head='{"steelyard":"bulletin","v":1,"kind":'
from='"effective":"2026-11-01T00:00:00.000Z"'
tariff="$head\"tariff\",\"version\":7,$from,\"to\":\"*\",\"body\":{\"prices\":{\"pet-bottle\":2800,\"aluminium-can\":6000,\"pe-film\":400},\"each\":{\"pet-bottle\":40000}}}"
carbon="$head\"carbon\",\"version\":3,$from,\"to\":\"community:baiyun\",\"body\":{\"method\":\"WARM v16\",\"source\":\"DOMAIN §5\",\"parameters\":{\"share\":0.95},\"factors\":{\"pet-bottle\":1164}}}"
cards="$head\"cards\",\"version\":12,$from,\"to\":\"*\",\"body\":{\"replace\":true,\"cards\":[{\"card\":\"w26:00A1B2\",\"role\":\"resident\",\"balance\":1618000},{\"card\":\"uid:04A1B2C3D4E5F6\",\"role\":\"collector\"}]}}"
change="$head\"cards\",\"version\":13,$from,\"to\":\"baiyun-017\",\"body\":{\"base\":12,\"set\":[{\"card\":\"w34:0000A1B2\",\"role\":\"blocked\"}],\"remove\":[\"w26:00A1B2\"]}}"
policy="$head\"policy\",\"version\":2,$from,\"to\":\"*\",\"body\":{\"unknown-cards\":\"refuse\",\"minimum-mass\":20,\"daily-limit\":50000}}"
notices="$head\"notices\",\"version\":1,$from,\"to\":\"*\",\"body\":{\"stage\":\"habit\",\"messages\":[{\"zh\":\"请压扁瓶子\",\"en\":\"Please flatten bottles\"}]}}"
for line in "$tariff" "$carbon" "$cards" "$change" "$policy" "$notices"; do
    bulletin "$line"
done >bulletins.ndjson

# Records. p SEQ TIME UP KIND [CLOCK] opens one; the machine started at 08:00:00.000.
p() {
    printf '{"seq":%s,"at":"%sT%sZ","clock":"%s","boot":41,"up":%s,"kind":"%s",' \
        "$1" "$day" "$2" "${5:-synced}" "$3" "$4"
}
day=1970-01-01
config=$(sha256 'device: { id: baiyun-017 }')
{
    p 1 00:00:05.000 5000 boot unset
    printf '"version":"0.1.0","config":"%s","reason":"power"}\n' "$config"
    day=2026-11-23
    p 2 08:00:09.250 9250 clock
    printf '"from":"1970-01-01T00:00:09.250Z","to":"2026-11-23T08:00:09.250Z"}\n'
    p 3 08:00:12.000 12000 bulletin
    printf '"bulletin":"tariff","version":7,"sha256":"%s"}\n' "$(sha256 "$tariff")"
    p 4 08:00:12.010 12010 bulletin
    printf '"bulletin":"carbon","version":3,"sha256":"%s"}\n' "$(sha256 "$carbon")"
    p 5 08:01:00.000 60000 opened
    printf '"order":5,"card":"w26:00A1B2","role":"resident","reader":"front"}\n'
    # 535 g × 2800 + 3 × 40,000 = 1,498,000 + 120,000 = 1,618,000; 535 × 1164 = 622,740
    p 6 08:01:07.125 67125 deposit
    printf '%s' '"order":5,"card":"w26:00A1B2","compartment":"pet","material":"pet-bottle",'
    printf '%s' '"before":0,"after":535,"mass":535,"division":5,"pieces":3,"tariff":7,'
    printf '%s' '"price":2800,"each":40000,"value":1618000,"carbon":3,"factor":1164,'
    printf '%s\n' '"co2e":622740,"flags":[]}'
    # 1,250 g × 400 = 500,000; no factor for film
    p 7 08:01:15.500 75500 deposit
    printf '%s' '"order":5,"card":"w26:00A1B2","compartment":"film","material":"pe-film",'
    printf '%s' '"before":0,"after":1250,"mass":1250,"division":10,"pieces":0,"tariff":7,'
    printf '%s' '"price":400,"each":0,"value":500000,"carbon":3,"factor":0,'
    printf '%s\n' '"co2e":0,"flags":["no-factor"]}'
    # −35 g × 2800 + −1 × 40,000 = −98,000 − 40,000 = −138,000; −35 × 1164 = −40,740
    p 8 08:01:20.000 80000 deposit
    printf '%s' '"order":5,"card":"w26:00A1B2","compartment":"pet","material":"pet-bottle",'
    printf '%s' '"before":535,"after":500,"mass":-35,"division":5,"pieces":-1,"tariff":7,'
    printf '%s' '"price":2800,"each":40000,"value":-138000,"carbon":3,"factor":1164,'
    printf '%s\n' '"co2e":-40740,"flags":[]}'
    # 535 + 1250 − 35 = 1750; 1,618,000 + 500,000 − 138,000 = 1,980,000; 622,740 − 40,740 = 582,000
    p 9 08:01:50.000 110000 order
    printf '%s' '"order":5,"card":"w26:00A1B2","deposits":3,"mass":1750,"value":1980000,'
    printf '%s\n' '"co2e":582000,"closed":"idle"}'
    p 10 08:05:00.000 300000 refused
    printf '"card":"w34:0000A1B2","reason":"blocked"}\n'
    p 11 08:10:00.000 600000 unattributed
    printf '"compartment":"pet","before":500,"after":480,"delta":-20,"cause":"no-card"}\n'
    p 12 08:11:00.000 660000 fault
    printf '%s\n' '"source":"scale film","code":"no-reply","detail":"3 polls; \"film\" on rs485\\address 2\ttail"}'
    p 13 08:12:00.000 720000 cleared
    printf '"source":"scale film","code":"no-reply","detail":"恢复"}\n'
    p 14 08:20:00.000 1200000 config holdover
    printf '"sha256":"%s","by":"technician","action":"confirmed"}\n' "$config"
    p 15 08:21:00.000 1260000 calibration holdover
    printf '"compartment":"film","by":"technician","zero":-83112,"span":1048576,"reference":20000}\n'
    p 16 08:30:00.000 1800000 collection holdover
    printf '"card":"uid:04A1B2C3D4E5F6","compartment":"pet","before":480,"after":-5,"removed":485}\n'
    p 17 08:40:00.000 2400000 opened holdover
    printf '"order":17,"card":"w37:7FFFFFFFF","role":"unknown","reader":"side"}\n'
    # 15 g is below the minimum of 20 g and earns nothing
    p 18 08:40:09.000 2409000 deposit holdover
    printf '%s' '"order":17,"card":"w37:7FFFFFFFF","compartment":"pet","material":"pet-bottle",'
    printf '%s' '"before":-5,"after":10,"mass":15,"division":5,"pieces":0,"tariff":7,'
    printf '%s' '"price":0,"each":0,"value":0,"carbon":3,"factor":0,'
    printf '%s\n' '"co2e":0,"flags":["below-minimum","card-unknown"]}'
    p 19 08:40:30.000 2430000 order holdover
    printf '%s' '"order":17,"card":"w37:7FFFFFFFF","deposits":1,"mass":15,"value":0,'
    printf '%s\n' '"co2e":0,"closed":"next-card"}'
} >journal.ndjson

# Chain: chain(0) = SHA-256("steelyard journal v1\n" + device), chain(n) = SHA-256(chain(n−1) ‖ record).
printf 'steelyard journal v1\n%s' "$device" | openssl dgst -sha256 -binary >"$work/link"
base64 -w 0 "$work/link" >chain.txt
echo >>chain.txt
while IFS= read -r record; do
    { cat "$work/link" && printf '%s' "$record"; } | openssl dgst -sha256 -binary >"$work/next"
    mv "$work/next" "$work/link"
    { base64 -w 0 "$work/link" && echo; } >>chain.txt
done <journal.ndjson
chain() { sed -n "$(($1 + 1))p" chain.txt; }

# batch FIRST LAST
batch() {
    local count=$(($2 - $1 + 1)) prev chain
    prev=$(chain $(($1 - 1)))
    chain=$(chain "$2")
    printf '{"steelyard":"batch","v":1,"device":"%s","first":%s,"count":%s,"prev":"%s"}\n' \
        "$device" "$1" "$count" "$prev"
    sed -n "$1,$2p" journal.ndjson
    printf '{"chain":"%s","key":"%s","sig":"%s"}\n' "$chain" "$(public bin)" \
        "$(printf 'steelyard batch v1\n%s\n%s\n%s\n%s\n%s\n' \
            "$device" "$1" "$count" "$prev" "$chain" | sign bin)"
}
batch 1 19 >batch.ndjson
{ batch 1 8 && batch 9 19; } >batches.ndjson

# Acknowledgement of all of it.
printf '{"device":"%s","through":19,"chain":"%s","key":"%s","sig":"%s"}\n' \
    "$device" "$(chain 19)" "$(public hub)" \
    "$(printf 'steelyard acknowledgement v1\n%s\n19\n%s\n' "$device" "$(chain 19)" | sign hub)" \
    >acknowledgement.json

cat >about.json <<JSON
{
  "source": "CONTRACT.md §3 to §6, by make-vectors.sh: printf, OpenSSL and coreutils; figures worked out by hand",
  "obtained": "2026-11-23",
  "unit": "g, µCNY, mg CO2e, CNY/t, kg CO2e/t, ms",
  "license": "Apache-2.0, as the repository; the two secret keys are TEST 1 and TEST 2 of RFC 8032 §7.1",
  "device": "$device",
  "bin": {"seed": "$bin_seed", "key": "$(public bin)"},
  "hub": {"seed": "$hub_seed", "key": "$(public hub)"},
  "files": {
    "journal.ndjson": "19 records of all 13 kinds, which keep the laws",
    "chain.txt": "chain(0) to chain(19), base64, one a line",
    "batch.ndjson": "the whole journal in one batch",
    "batches.ndjson": "the same in two, one after the other",
    "acknowledgement.json": "of record 19, by the hub",
    "bulletins.ndjson": "one of each kind, and a difference of cards"
  }
}
JSON
