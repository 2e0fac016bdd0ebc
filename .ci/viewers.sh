#!/usr/bin/env bash
# What viewers cost a server: the processor time of `--serve` while 1, 4 and 8 programs watch it.
#
#   .ci/viewers.sh [PROGRAM [SECONDS]]
#
# Everything runs on this machine, which should have nothing else to do. Linux only: it reads /proc.
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-}
seconds=${2:-20}
if [ -z "$program" ]; then
    cargo build --quiet -p step-05-full
    program=${CARGO_TARGET_DIR:-target}/debug/step-05-full
fi

work=$(mktemp -d)
running=()
end_all() {
    local process
    for process in "${running[@]}"; do kill "$process" 2>/dev/null || true; done
    for process in "${running[@]}"; do wait "$process" 2>/dev/null || true; done
    running=()
}
trap 'end_all; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
start() { # start OPTIONS...
    RUST_LOG=warn "$program" --display none "$@" >>"$work/out" 2>>"$work/trace" &
    running+=($!)
}
# ticks PROCESS: its time in user and kernel mode.
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

for viewers in 1 4 8; do
    : >"$work/out"
    start --source pattern --size 640x480 --fps 30 --serve 127.0.0.1:0
    server=${running[0]}
    until grep -q WHEP "$work/out"; do kill -0 "$server" && sleep 0.05; done
    url=$(sed -n 's/.*WHEP: \([^ ]*\).*/\1/p' "$work/out")
    for ((viewer = 0; viewer < viewers; viewer++)); do start --watch "$url"; done
    sleep 4
    before=$(ticks "$server")
    sleep "$seconds"
    after=$(ticks "$server")
    awk "BEGIN { printf \"%d viewers: %.3f cores\n\", $viewers, ($after - $before) / $(getconf CLK_TCK) / $seconds }"
    end_all
done
