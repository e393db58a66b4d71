#!/usr/bin/env bash
# Checks units, users and udev rules with the tools of systemd itself.
set -euo pipefail

usage() {
    cat <<'HELP'
usage: deploy/check-units.sh [DIR]

Checks DIR/systemd and DIR/udev (by default of this source tree):
  units     systemd-analyze verify; the programs are stood in for, so nothing need be built
  exposure  systemd-analyze --offline=true security; 0 is closed, 10 open; at most 3.0
  users     systemd-sysusers --dry-run
  rules     udevadm verify, or udevadm test before systemd 254

Needs systemd and udev, but neither has to run. Exit codes: 0 fine, 64 wrong usage, 65 a finding,
69 a tool is missing or may not run here.
HELP
}

# Ours stand at 1.5 and 2.3. What the daemon gives away are devices and scheduling.
exposure_limit=30

case ${1-} in
--help)
    usage
    exit 0
    ;;
-*)
    echo "check-units.sh: unknown option $1; see --help" >&2
    exit 64
    ;;
esac
source_root=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
findings=0

finding() {
    echo "FAILED    $1" >&2
    [[ -z ${2-} ]] || printf '%s\n' "$2" >&2
    findings=$((findings + 1))
}

for tool in systemd-analyze systemd-sysusers udevadm unshare; do
    command -v "$tool" >/dev/null || {
        echo "check-units.sh: $tool is missing: apt-get install systemd udev util-linux" >&2
        exit 69
    }
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# Readable by the mapped root of an unprivileged namespace.
chmod 755 "$scratch"
mkdir "$scratch/bin" "$scratch/units" "$scratch/rules"

check_unit() {
    local unit=$1 name output program
    name=$(basename "$unit")
    # verify wants programs that exist: a stand-in takes the place of each of ours.
    sed "s|/usr/local/bin/|$scratch/bin/|g" "$unit" >"$scratch/units/$name"
    while read -r program; do
        ln -sf "$(type -P true)" "$program"
    done < <(grep -o "$scratch/bin/[a-z-]*" "$scratch/units/$name")
    # It warns about unknown keys with exit code 0, so what it prints counts as well.
    if output=$(systemd-analyze verify --man=no --recursive-errors=no \
        "$scratch/units/$name" 2>&1) && [[ $output != *"$name"* ]]; then
        echo "ok        $name"
    else
        finding "$name" "$output"
    fi
    if output=$(systemd-analyze --offline=true --no-pager --threshold="$exposure_limit" \
        security "$unit" 2>&1); then
        echo "ok        ${output##*→ }"
    else
        finding "$name is too exposed, the limit is $exposure_limit tenths" "${output##*→ }"
    fi
}

check_users() {
    local users=$1 output
    if output=$(systemd-sysusers --dry-run "$users" 2>&1); then
        echo "ok        $(basename "$users")"
    else
        finding "$(basename "$users")" "$output"
    fi
}

# Prints what an udev without `verify` says while it reads its rules, with those in $scratch/rules
# laid over /etc/udev/rules.d in a namespace of its own. Any device will do. Names are resolved late,
# that is, not at all here, where our users need not exist.
rules_read_in_test() {
    local own_namespace=(unshare --mount)
    [[ $(id -u) == 0 ]] || own_namespace+=(--map-root-user)
    # shellcheck disable=SC2016  # "$1" is for the inner shell
    "${own_namespace[@]}" bash -c '
        mount --bind "$1" /etc/udev/rules.d && exec udevadm test -N late /sys/class/mem/null
    ' check-units "$scratch/rules" 2>&1 || true
}

check_rules() {
    local rules=$1 name output messages
    name=$(basename "$rules")
    if udevadm verify --help >/dev/null 2>&1; then
        messages=$(udevadm verify --resolve-names=never "$rules" 2>&1) && messages=
    else
        rm -f "$scratch"/rules/*
        cp "$rules" "$scratch/rules/$name"
        output=$(rules_read_in_test)
        if [[ $output != *"$name"* ]]; then
            echo "check-units.sh: udevadm can't read rules here: $(tail -n 1 <<<"$output")" >&2
            exit 69
        fi
        messages=$(grep -F "$name" <<<"$output" | grep -v '^Reading rules file: ' || true)
    fi
    if [[ -z $messages ]]; then
        echo "ok        $name"
    else
        finding "$name" "$messages"
    fi
}

shopt -s nullglob
units=("$source_root"/systemd/*.service)
users=("$source_root"/systemd/*.sysusers.conf)
rules=("$source_root"/udev/*.rules)
if ((${#units[@]} * ${#users[@]} * ${#rules[@]} == 0)); then
    echo "check-units.sh: $source_root lacks units, users or rules" >&2
    exit 64
fi
for unit in "${units[@]}"; do check_unit "$unit"; done
for file in "${users[@]}"; do check_users "$file"; done
for file in "${rules[@]}"; do check_rules "$file"; done

if ((findings > 0)); then
    echo "check-units.sh: $findings findings" >&2
    exit 65
fi
echo "check-units.sh: all fine"
