#!/usr/bin/env bash
# build.sh: makes the rig's kernel from Debian's source, kernel.config and patches/, unless the
# cache has it, and prints its path.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/packages.sh
source "$here/../packages.sh"
# shellcheck source=deploy/rig/cache.sh
source "$here/cache.sh"

kernel=$(rig_kernel "$here")
if [[ -x $kernel ]]; then
    echo "$kernel"
    exit 0
fi

install_packages rig >&2
# Only now the source's version is certain.
kernel=$(rig_kernel "$here")
mkdir -p "$rig_cache"
making=$(mktemp -d "$rig_cache/making.XXXXXX")
trap 'rm -rf "$making"' EXIT
echo "  building the rig's kernel, about 5 minutes" >&2
tar -xJf "/usr/src/$rig_source.tar.xz" -C "$making" --strip-components=1
for patch in "$here"/patches/*.patch; do
    patch --quiet --directory "$making" -p1 <"$patch"
done
log=$making/making.log
make_kernel() { make -C "$making" ARCH=um "$@" >>"$log" 2>&1; }
if ! KCONFIG_ALLCONFIG=$here/kernel.config make_kernel allnoconfig ||
    ! make_kernel -j"$(nproc)" linux; then
    tail -n 20 "$log" >&2
    echo "build.sh: the kernel doesn't build" >&2
    exit 70
fi
while read -r setting; do
    grep -qxF "$setting" "$making/.config" || {
        echo "build.sh: the kernel has no $setting" >&2
        exit 70
    }
done < <(grep '^CONFIG_' "$here/kernel.config")
strip "$making/linux"
# Moved into place, so that one that was broken off is never taken for whole.
mv "$making/linux" "$kernel"
echo "$kernel"
