#!/bin/bash
# Takes a picture of a part of what a command writes, in a terminal (xterm) on a virtual screen of its own:
#
#   docs/pictures/terminal.sh PICTURE.png COLUMNS FIRST LAST COMMAND
#
# FIRST and LAST are patterns (grep): the picture begins at the first row of the terminal that has FIRST, and ends
# before the next one that has LAST. Needs Xvfb, xterm, ImageMagick and the font DejaVu Sans Mono (Debian:
# `apt-get install xvfb xterm imagemagick fonts-dejavu-core`). The command should be built before.
set -eu
[ $# = 5 ] || { sed -n 4p "$0"; exit 2; }
picture=$(realpath "$1") columns=$2 first=$3 last=$4
export COMMAND=$5
cd "$(dirname "$0")/../.."

# The terminal has more rows than the command writes lines, so that nothing leaves it at the top.
rows=230 background='#1d2129' foreground='#e8e6e3' font='DejaVu Sans Mono' font_size=15

work=$(mktemp -d)
export WORK=$work
processes=()
clean_up() {
    for process in "${processes[@]}"; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    rm -r "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# Fails unless "$@" succeeds within a minute.
within_a_minute() {
    local tries=600
    until "$@"; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { echo "in vain: $*" >&2; return 1; }
        sleep 0.1
    done
}

# Xvfb chooses a display number that is free, and writes it to the file.
Xvfb -displayfd 3 -screen 0 2000x6000x24 -nolisten tcp 3>"$work/number" 2>"$work/xvfb.log" &
processes+=($!)
within_a_minute [ -s "$work/number" ]
DISPLAY=:$(cat "$work/number")
export DISPLAY

# The terminal hides its cursor, runs the command below a prompt, and prints its screen (CSI i) as text to a file,
# which says on which row each line has come to stand.
in_terminal='
    printf "\033[?25l$ %s\n" "$COMMAND"
    eval "$COMMAND"
    echo $? >"$WORK/status"
    printf "\033[i"
    sleep 60'
xterm -fa "$font" -fs $font_size -bg "$background" -fg "$foreground" -b 0 -bw 0 +sb -geometry "${columns}x$rows+0+0" \
    -xrm "XTerm*printerCommand: cat >$work/printing && mv $work/printing $work/rows" -xrm 'XTerm*printAttributes: 0' \
    -title terminal -e bash -c "$in_terminal" 2>"$work/xterm.log" &
processes+=($!)
within_a_minute [ -s "$work/rows" ]
[ "$(cat "$work/status")" = 0 ] || { echo "the command failed: $COMMAND" >&2; exit 1; }

top=$(grep -n -m1 -e "$first" "$work/rows" | cut -d: -f1)
height=$(tail -n +"$((top + 1))" "$work/rows" | grep -n -m1 -e "$last" | cut -d: -f1)
import -window terminal "$work/terminal.png"
cell=$(($(identify -format %h "$work/terminal.png") / rows))
convert "$work/terminal.png" -crop "x$((height * cell))+0+$(((top - 1) * cell))" +repage \
    -bordercolor "$background" -border 12 -strip -colors 32 "PNG8:$picture"
