#!/bin/bash
# Takes docs/pictures/report.png: the page that step 05 writes with --report, at the row of the offer. Needs Chromium and
# ImageMagick (Debian: `apt-get install chromium imagemagick`).
set -eu
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}

work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
"$target/debug/step-05-full" --source pattern --display none --report "$work/call.html" --language en >/dev/null 2>&1
row=$(grep -o ',"label":"[^"]*"' "$work/call.html" | grep -n -m1 ',"label":"offer"' | cut -d: -f1)
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/chromium" \
    --window-size=1280,1200 --screenshot="$work/page.png" "file://$work/call.html#$row" 2>"$work/chromium.log"
convert "$work/page.png" -crop 1280x1060+0+0 +repage -strip +dither -colors 64 PNG8:docs/pictures/report.png
