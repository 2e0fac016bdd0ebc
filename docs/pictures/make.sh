#!/bin/bash
# Takes the pictures of the README and the book again, from a real run:
#
#   cargo build -p step-05-full && docs/pictures/make.sh
set -eu
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
step-05-full/window-check.sh "$target/debug/step-05-full" docs/pictures/step-05.png
