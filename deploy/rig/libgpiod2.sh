#!/usr/bin/env bash
# libgpiod2.sh: fetches Debian 13's libgpiod 2 into the cache, unless it is there, and prints its
# folder: include/ and lib/. Debian 12, whose own is version 1.6, is left as it is.
#
# apt does the fetching, from the mirror that this machine uses for Debian, with sources and lists
# of its own; it takes nothing that isn't signed by Debian's keys.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/packages.sh
source "$here/../packages.sh"
# shellcheck source=deploy/rig/cache.sh
source "$here/cache.sh"

keys=/usr/share/keyrings/debian-archive-keyring.gpg
folder=$rig_cache/libgpiod2-$(dpkg --print-architecture)
if [[ -d $folder ]]; then
    echo "$folder"
    exit 0
fi

install_packages rig >&2
# shellcheck disable=SC2016  # apt fills in $(REPO_URI)
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' \
    'Label: Debian' | head -n 1)
if [[ -z $mirror ]]; then
    echo "libgpiod2.sh: apt knows no mirror of Debian here" >&2
    exit 69
fi
mkdir -p "$rig_cache"
making=$(mktemp -d "$rig_cache/making.XXXXXX")
trap 'rm -rf "$making"' EXIT
mkdir -p "$making"/{lists,archives}/partial "$making"/{unpacked,out}
echo "deb [signed-by=$keys] $mirror trixie main" >"$making/sources.list"
: >"$making/status"
own_apt() {
    apt-get -qq -o Dir::Etc::SourceList="$making/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$making/lists" -o Dir::State::Status="$making/status" \
        -o Dir::Cache="$making" -o Dir::Cache::Archives="$making/archives" \
        -o APT::Sandbox::User="$(id -un)" -o APT::Update::Error-Mode=any \
        -o Acquire::Languages=none "$@" </dev/null >&2
}
own_apt update
(cd "$making/archives" && own_apt download libgpiod3 libgpiod-dev)
for package in "$making"/archives/*.deb; do dpkg -x "$package" "$making/unpacked"; done
cp -r "$making/unpacked/usr/include" "$making/out/include"
cp -rP "$making"/unpacked/usr/lib/*/ "$making/out/lib"
# Another run may have been faster: then its folder is as good.
mv -T "$making/out" "$folder" 2>/dev/null || [[ -d $folder ]]
echo "$folder"
