# shellcheck shell=bash
# Where the rig keeps what it makes, outside the tree. To be sourced.

rig_cache=${STEELYARD_RIG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/steelyard-rig}
rig_source=linux-source-6.1

# The kernel's path, which says what it was made from.
rig_kernel() {
    local folder=$1 version
    version=$(dpkg-query -W -f '${Version}' "$rig_source" 2>/dev/null) ||
        version=$(apt-cache show --no-all-versions "$rig_source" 2>/dev/null |
            sed -n 's/^Version: //p') || version=
    printf '%s/linux-%s\n' "$rig_cache" "$({
        echo "$version"
        cat "$folder/kernel.config" "$folder"/patches/*.patch
    } | sha256sum | cut -c1-16)"
}
