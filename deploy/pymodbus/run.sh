#!/usr/bin/env bash
# run.sh COMMAND…: runs COMMAND with STEELYARD_PYMODBUS set to a Python that has pymodbus, so that
# the tests that need it are enabled. Without COMMAND: prints that Python's path.
# The Python is made once, outside the tree; only then the network is needed.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
version=$(sha256sum "$here/requirements.txt" | cut -c1-12)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/steelyard
venv=$cache/pymodbus-$version

if [ ! -x "$venv/bin/python" ]; then
    mkdir -p "$cache"
    # Made aside and moved into place, so that one that was broken off is never taken for whole.
    making=$(mktemp -d "$cache/making.XXXXXX")
    trap 'rm -rf "$making"' EXIT
    python3 -m venv --copies "$making" >&2 || {
        echo "run.sh: no Python environment: install python3-venv (3.10 or later)" >&2
        exit 69
    }
    "$making/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        --no-deps --requirement "$here/requirements.txt" >&2 || {
        echo "run.sh: pymodbus was not installed: check that PyPI can be reached" >&2
        exit 69
    }
    # Another run may have been faster: then its environment is as good.
    mv -T "$making" "$venv" 2>/dev/null || [ -x "$venv/bin/python" ]
    rm -rf "$making"
fi

export STEELYARD_PYMODBUS=$venv/bin/python
if [ $# -eq 0 ]; then
    echo "$STEELYARD_PYMODBUS"
else
    exec "$@"
fi
