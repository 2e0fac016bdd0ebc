#!/bin/sh
# The call of step 05 with peers that nobody here wrote: Chromium, and aiortc.
#
#   .ci/browser/check.sh [PROGRAM]
#
# What a machine cannot run is SKIPPED, with the reason. Exit status 1 if anything failed.
set -u
cd "$(dirname "$0")" || exit 1
failed=0

if [ $# -ge 1 ]; then
    program=$(cd "$OLDPWD" && realpath "$1")
else
    cargo build --quiet -p step-05-full || exit 1
    program=$(cd ../.. && pwd)/${CARGO_TARGET_DIR:-target}/debug/step-05-full
    case ${CARGO_TARGET_DIR:-} in /*) program=$CARGO_TARGET_DIR/debug/step-05-full ;; esac
fi
work=${BROWSER_CHECK_DIR:-$(dirname "$(dirname "$program")")/browser-check}
mkdir -p "$work"

skipped() { echo "SKIPPED $1: $2"; }

browser() {
    chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
        { skipped Chromium "no chromium on this machine (Debian: apt-get install chromium)"; return; }
    command -v npm >/dev/null || { skipped Chromium "no npm on this machine"; return; }
    node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' ||
        { skipped Chromium "playwright-core wants node 20"; return; }
    cp package.json package-lock.json ./*.mjs "$work"
    [ -d "$work/node_modules/playwright-core" ] ||
        (cd "$work" && npm ci --silent --no-audit --no-fund --ignore-scripts) ||
        { skipped Chromium "playwright-core cannot be installed (no package registry?)"; return; }
    node "$work/check.mjs" "$program" "$chromium" || failed=1
}

aiortc() {
    command -v python3 >/dev/null || { skipped aiortc "no python3 on this machine"; return; }
    python=$work/venv/bin/python
    if ! "$python" -c 'import aiohttp, aiortc' 2>/dev/null; then
        { python3 -m venv "$work/venv" && "$python" -m pip install --quiet -r requirements.txt; } >"$work/pip.log" 2>&1 ||
            { skipped aiortc "it cannot be installed (see $work/pip.log)"; return; }
    fi
    "$python" aiortc_check.py "$program" || failed=1
}

browser
aiortc
exit $failed
