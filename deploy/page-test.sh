#!/usr/bin/env bash
# Opens the resident's page in a headless Chromium and checks what it shows.
#
#   page-test.sh [--within SECONDS] [--picture FILE.png] [--size WxH] URL TEXT…
#
# Passes once every TEXT is visible on the page at the same time. Exit codes: 0 shown, 1 not shown
# in time (20 s unless told), 64 usage, 69 no Chromium or no Python.
set -euo pipefail

if ! command -v python3 >/dev/null; then
    echo "page-test: no Python is installed; run: apt-get install python3" >&2
    exit 69
fi
for browser in chromium chromium-browser google-chrome; do
    if command -v "$browser" >/dev/null; then
        exec python3 "$(dirname "$0")/page-test.py" --browser "$browser" "$@"
    fi
done
echo "page-test: no Chromium is installed; run: apt-get install chromium" >&2
exit 69
