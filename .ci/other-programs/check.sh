#!/bin/bash
# Calls of step 05 with programs that nobody here wrote: frames sent and decoded, in a table.
#
#   .ci/other-programs/check.sh [--table FILE] [--against FILE] [--only NAME]... [PROGRAM]
#
# PROGRAM is the built step-05-full; without one it is built. --table writes the table as Markdown into a file, which the
# book shows; --against fails when the table in that file has other outcomes than this run.
#
# As root on Debian 12 the packages that it needs are installed. What cannot be had says SKIPPED and why. Exit status 1 if
# a row failed.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
options=() program=
while [ $# -gt 0 ]; do
    case $1 in
    --table | --against | --only)
        options+=("$1" "$2")
        shift
        ;;
    *) program=$(realpath "$1") ;;
    esac
    shift
done
if [ -z "$program" ]; then
    (cd "$root" && cargo build --quiet -p step-05-full) || exit 1
    target=${CARGO_TARGET_DIR:-target}
    case $target in /*) ;; *) target=$root/$target ;; esac
    program=$target/debug/step-05-full
fi
work=${OTHER_PROGRAMS_DIR:-$(dirname "$(dirname "$program")")/other-programs}
mkdir -p "$work"
log=$work/install.log
: >"$log"

skip() { options+=(--skip "$1=$2"); }

packages() {
    local missing=() package
    for package in python3-venv python3-gi gir1.2-gst-plugins-bad-1.0 gstreamer1.0-plugins-{good,bad,ugly} \
        gstreamer1.0-libav gstreamer1.0-nice chromium golang-go golang-github-pion-webrtc.v3-dev; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    command -v npm >/dev/null || missing+=(nodejs npm)
    [ ${#missing[@]} = 0 ] && return
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } >>"$log" 2>&1
}

python() {
    "$work/venv/bin/python" -c 'import aiortc, imageio_ffmpeg' 2>/dev/null && return
    { python3 -m venv "$work/venv" && "$work/venv/bin/python" -m pip install --quiet -r "$here/requirements.txt"; } >>"$log" 2>&1
}

node_modules() {
    command -v npm >/dev/null && node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' || return
    cp "$here"/package*.json "$here"/*.mjs "$work"
    [ -d "$work/node_modules/werift" ] ||
        (cd "$work" && npm ci --silent --no-audit --no-fund --ignore-scripts) >>"$log" 2>&1
}

# Debian's Go modules are built as Debian does: from folders, without the network.
pion() {
    local version
    version=$(dpkg-query -W -f '${Version}' golang-github-pion-webrtc.v3-dev 2>/dev/null) && command -v go >/dev/null || return
    mkdir -p "$work/go/src/peer"
    cp "$here/pion_peer.go" "$work/go/src/peer/main.go"
    printf 'module peer\n\ngo 1.19\n' >"$work/go/src/peer/go.mod"
    (cd "$work/go/src/peer" && GO111MODULE=off GOFLAGS= GOPATH=$work/go:/usr/share/gocode GOCACHE=$work/go/cache \
        go build -ldflags "-X main.version=${version%%-*}" -o "$work/pion_peer" .) >>"$log" 2>&1
}

packages
python || { echo "SKIPPED: imageio-ffmpeg and aiortc cannot be installed (see $log)"; exit; }
node_modules || for name in werift node-datachannel Chromium Firefox; do
    skip "$name" "node 20 or its packages cannot be had"
done
pion || skip pion "Go or its package of Debian cannot be had"
/usr/bin/python3 -c 'import gi; gi.require_version("GstWebRTC", "1.0")' 2>>"$log" || skip GStreamer "its Debian packages cannot be had"
command -v chromium chromium-browser google-chrome >/dev/null || skip Chromium "no chromium on this machine"
command -v firefox-esr firefox >/dev/null ||
    skip Firefox "no firefox on this machine (its H.264 is a plugin that it downloads when it first runs)"
exec python3 "$here/calls.py" "$program" "$work" "${options[@]}"
