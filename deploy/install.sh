#!/usr/bin/env bash
# Puts Steelyard's programs, units, rules and an example configuration in place.
set -euo pipefail

usage() {
    cat <<'HELP'
usage: deploy/install.sh [--bin|--hub|--all] [--from DIR] [--prefix DIR]

Installs Steelyard on this machine, or brings what is installed up to date. An existing
configuration is never touched. Needs root unless --prefix is given.

  --bin         the daemon and steelyardctl, for a bin (default)
  --hub         the central server
  --all         both
  --from DIR    take the programs from DIR instead of .build/release; build them with
                swift build -c release --static-swift-stdlib
  --prefix DIR  install below DIR instead of /, without users, reloads and restarts
  --help        this text

Exit codes: 0 fine, 64 wrong usage, 66 a program is missing, 77 not root.
HELP
}

fail() {
    local code=$1
    shift
    echo "install.sh: $*" >&2
    exit "$code"
}

source_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
programs_from=$source_root/.build/release
root=
with_bin=yes
with_hub=

while (($# > 0)); do
    case $1 in
    --bin) with_bin=yes with_hub= ;;
    --hub) with_bin='' with_hub=yes ;;
    --all) with_bin=yes with_hub=yes ;;
    --from | --prefix)
        [[ -n ${2-} ]] || fail 64 "$1 needs a directory; see --help"
        if [[ $1 == --from ]]; then programs_from=$2; else root=${2%/}; fi
        [[ $1 != --prefix || -n $root ]] || fail 64 "--prefix / is what happens without --prefix"
        shift
        ;;
    --help)
        usage
        exit 0
        ;;
    *) fail 64 "unknown argument $1; see --help" ;;
    esac
    shift
done

programs=()
units=()
if [[ -n $with_bin ]]; then
    programs+=(steelyardd steelyardctl)
    units+=(steelyardd.service)
fi
if [[ -n $with_hub ]]; then
    programs+=(steelyard-hub)
    units+=(steelyard-hub.service)
fi

# All that can be missing is found before anything is changed.
[[ -n $root || $(id -u) == 0 ]] || fail 77 "needs root; run it with sudo, or give --prefix DIR"
for program in "${programs[@]}"; do
    [[ -x $programs_from/$program ]] ||
        fail 66 "$programs_from/$program is missing; build it with swift build -c release" \
            "--static-swift-stdlib, or name its directory with --from"
done

changed=

# put SOURCE MODE DESTINATION: installs a file unless the same one is there.
put() {
    local source=$1 mode=$2 destination=$3
    if cmp -s "$source" "$root$destination" &&
        [[ $(stat -c %a "$root$destination") == "$mode" ]]; then
        echo "unchanged $root$destination"
        return
    fi
    # A running program can't be overwritten, but its name can be given to another file.
    mkdir -p "$(dirname "$root$destination")"
    install -m "$mode" "$source" "$root$destination.new"
    mv -f "$root$destination.new" "$root$destination"
    changed=yes
    echo "installed $root$destination"
}

for program in "${programs[@]}"; do
    put "$programs_from/$program" 755 "/usr/local/bin/$program"
done
put "$source_root/systemd/steelyard.sysusers.conf" 644 /etc/sysusers.d/steelyard.conf
for unit in "${units[@]}"; do
    put "$source_root/systemd/$unit" 644 "/etc/systemd/system/$unit"
done
if [[ -n $with_bin ]]; then
    put "$source_root/systemd/steelyard.modules-load.conf" 644 /etc/modules-load.d/steelyard.conf
    put "$source_root/udev/70-steelyard.rules" 644 /etc/udev/rules.d/70-steelyard.rules
    example=$source_root/deploy/steelyard.example.yaml
    put "$example" 644 /usr/local/share/doc/steelyard/steelyard.example.yaml
    configuration=$root/etc/steelyard/steelyard.yaml
    if [[ -e $configuration || -L $configuration ]]; then
        echo "kept      $configuration"
    else
        put "$example" 644 /etc/steelyard/steelyard.yaml
    fi
fi

if [[ -n $root ]]; then
    echo "done      below $root; users, reloads and restarts are left to the machine it is for"
    exit 0
fi

# Libraries that a program needs and this machine lacks. ldd fails for a static program.
for program in "${programs[@]}"; do
    missing=$(ldd "/usr/local/bin/$program" 2>/dev/null | awk '/not found/ { print $1 }' || true)
    [[ -z $missing ]] || echo "install.sh: $program lacks ${missing//$'\n'/, }; see README.md" >&2
done

# Done every time, so that a run that was cut short is made good by the next one.
systemd-sysusers /etc/sysusers.d/steelyard.conf
echo "ensured   users and groups"
if [[ ! -d /run/systemd/system ]]; then
    echo "skipped   reloads and restarts: systemd does not run here"
else
    if [[ -n $with_bin ]]; then
        # A kernel may have a driver built in, or lack it where no adapter needs it.
        modprobe --all --quiet usbserial cdc_acm || echo "skipped   loading USB serial drivers"
        udevadm control --reload
        udevadm trigger --subsystem-match=tty --subsystem-match=gpio
        echo "reloaded  udev rules"
    fi
    systemctl daemon-reload
    if [[ -n $changed ]]; then
        systemctl try-restart "${units[@]}"
        echo "restarted ${units[*]}, where running"
    fi
fi
if [[ -n $with_bin ]]; then
    echo "next      edit /etc/steelyard/steelyard.yaml, check it with" \
        "steelyardctl config check /etc/steelyard/steelyard.yaml"
fi
echo "next      systemctl enable --now ${units[*]}"
