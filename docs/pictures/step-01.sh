#!/bin/sh
# Takes docs/pictures/step-01.png: the window of step 01 with the test pattern, on a virtual screen of its own.
# Needs Xvfb and ImageMagick (Debian: `apt-get install xvfb imagemagick`).
set -eu
cd "$(dirname "$0")/../.."
title='Step 01: local video'
cargo build -q -p step-01-capture

work=$(mktemp -d)
xvfb= step=
clean_up() {
    for pid in $step $xvfb; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -r "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# Fails unless "$@" succeeds within ten seconds.
within_ten_seconds() {
    tries=100
    until "$@"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || { echo "in vain: $*" >&2; return 1; }
        sleep 0.1
    done
}

# Xvfb chooses a display number that is free, and writes it to the file.
Xvfb -displayfd 3 -screen 0 800x600x24 3>"$work/number" 2>"$work/xvfb.log" &
xvfb=$!
within_ten_seconds [ -s "$work/number" ]
DISPLAY=:$(cat "$work/number")
export DISPLAY

cargo run -q -p step-01-capture -- --source pattern --display window --seconds 30 >"$work/step.log" 2>&1 &
step=$!
within_ten_seconds grep -q 'display: window' "$work/step.log"
# After the first seconds the caption shows the measured rate.
sleep 3
import -window "$title" "$work/window.png"
convert "$work/window.png" -strip -colors 256 PNG8:docs/pictures/step-01.png
