# shellcheck shell=bash
# What Steelyard needs from Debian and Raspberry Pi OS, in one place. To be sourced.

# Groups of packages by what they are needed for, read through their names.
# shellcheck disable=SC2034
packages_build=(libgpiod-dev libmodbus-dev libsqlite3-dev zlib1g-dev python3)
# shellcheck disable=SC2034
packages_system=(ca-certificates chromium fonts-noto-cjk python3-venv shellcheck systemd udev)
# shellcheck disable=SC2034
packages_rig=(
    bc bison debian-archive-keyring flex gcc libc6-dev linux-source-6.1 make patch xz-utils
)

# Installs the packages of the groups (`build`, `system`, `rig`) that are missing.
install_packages() {
    local group package missing=() run=()
    for group in "$@"; do
        local -n packages="packages_$group"
        for package in "${packages[@]}"; do
            dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
                missing+=("$package")
        done
    done
    if ((${#missing[@]} == 0)); then
        return
    fi
    if ((EUID != 0)); then
        command -v sudo >/dev/null || {
            echo "missing: ${missing[*]}; install them as root (apt-get install …)" >&2
            return 69
        }
        run=(sudo)
    fi
    echo "  installing ${missing[*]}"
    "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null
    "${run[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null
}

# Says how to get the Swift toolchain if there is none, or one that is too old.
require_swift() {
    local version
    version=$(swift --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' |
        grep -oE '[0-9]+\.[0-9]+') || version=0.0
    if ((${version%%.*} * 100 + ${version##*.} < 602)); then
        echo "Swift 6.2 or newer is needed (found: ${version/#0.0/none}); get it from" \
            "https://www.swift.org/install/linux and put its usr/bin into PATH" >&2
        return 69
    fi
}
