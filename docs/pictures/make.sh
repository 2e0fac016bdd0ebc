#!/bin/bash
# Takes the pictures of the README and the book again, from real runs:
#
#   docs/pictures/make.sh
set -eu
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
pictures=docs/pictures
cargo build -q -p step-01-capture -p step-03-ice -p step-04-sdp -p step-05-full

$pictures/step-01.sh
$pictures/terminal.sh $pictures/step-04.png 102 'Section 0: video' '14  a=rtcp-mux' \
    'cargo run -q -p step-04-sdp -- --source pattern --display none 2>/dev/null'
.ci/window-check.sh "$target/debug/step-05-full" $pictures/step-05.png
$pictures/report.sh
$pictures/ladder.py
