#!/bin/bash
# Proves the window of step 05 on a machine without a screen: presses the buttons and looks at the picture.
#
#   .ci/window-check.sh target/debug/step-05-full [PICTURE.png]
#
# Runs the program in an X server that draws into memory (Xvfb), with a small window manager. Start, Call and Hang Up
# are clicked with the mouse, then typed; screenshots say whether the videos move. Then the window is closed, as by
# its cross. With PICTURE.png it keeps a screenshot of the running call, which is how the README got its picture.
#
# Installs nothing. Where something is missing it says SKIPPED and what to install, and succeeds. Takes half a minute.
# Exit status: 0 passed or skipped, 1 something is not as it should be, 2 wrong usage.
set -u
packages="xvfb xdotool evilwm imagemagick libx11-6 libxcursor1"
patience=20 # seconds, for everything that is waited for

[ $# -ge 1 ] && [ -x "$1" ] || { sed -n 4p "$0"; exit 2; }
program=$1 picture=${2:-}
for tool in Xvfb xdotool evilwm import convert compare; do
    command -v $tool >/dev/null || {
        echo "SKIPPED: the window check needs $tool; on Debian and Ubuntu: apt-get install -y --no-install-recommends $packages"
        exit 0
    }
done

work=$(mktemp -d)
processes=()
end_all() {
    for process in "${processes[@]}"; do kill "$process" 2>/dev/null; done
    wait
    rm -rf "$work"
}
trap end_all EXIT
trap 'exit 1' INT TERM

passed() { echo "  passed: $1"; }
fail() {
    echo "  FAILED: $1"
    [ ! -s "$work/trace" ] || { echo "  The trace of the program ends with:"; tail -n 20 "$work/trace"; }
    exit 1
}

# until_true WHAT COMMAND...: tries again and again, but not for ever.
until_true() {
    local what=$1 deadline=$((SECONDS + patience))
    shift
    until "$@"; do
        [ $SECONDS -lt $deadline ] || fail "$what"
        sleep 0.05
    done
}

# traced COUNT TEXT: the trace of the program has this text at least so many times.
traced() { [ "$(grep -cF -- "$2" "$work/trace")" -ge "$1" ]; }

start_screen() {
    unset WAYLAND_DISPLAY
    Xvfb -displayfd 3 -screen 0 1400x700x24 -nolisten tcp -noreset 3>"$work/display" 2>"$work/xvfb" &
    processes+=($!)
    until_true "Xvfb does not start: $(tail -n 1 "$work/xvfb")" test -s "$work/display"
    DISPLAY=:$(cat "$work/display")
    export DISPLAY
    evilwm -fn fixed 2>"$work/evilwm" &
    manager=$!
    processes+=("$manager")
}

start_program() {
    "$program" --source pattern --size 640x480 --fps 30 --display window --report "$work/report.json" \
        >"$work/result" 2>"$work/trace" &
    running=$!
    processes+=("$running")
    until_true "the program opens no window" has_window
    until_true "the program does not take part" traced 1 "buttons: Start"
    eval "$(xdotool getwindowgeometry --shell "$window")"
    width=$WIDTH height=$HEIGHT
    # The keyboard belongs to the window below the mouse.
    xdotool mousemove --window "$window" $((width - 30)) $((height - 10))
}
has_window() { window=$(xdotool search --onlyvisible --name '^Step 05') && [ -n "$window" ]; }

# click NUMBER: a button, from the left. A hand holds it for a tenth of a second; on a busy machine less can go unseen.
click() {
    local x=$((76 + 136 * ($1 - 1))) y=$((height - 36))
    xdotool mousemove --window "$window" $x $y sleep 0.1 mousedown 1 sleep 0.1 mouseup 1
}

# Where the videos are, without their captions.
left=640x480+16+16 right=640x480+672+16
screenshot() { import -window "$window" "$work/$1.png" || fail "no screenshot can be taken"; }
differs() { ! compare -metric AE "$work/before.png[$1]" "$work/after.png[$1]" null: 2>/dev/null; }
# moves AREA...: two screenshots differ in every one of the areas.
moves() {
    local area
    screenshot before
    sleep 0.1
    screenshot after
    for area in "$@"; do differs "$area" || return 1; done
}
is_empty() {
    screenshot after
    [ "$(convert "$work/after.png[$right]" -format %k info:)" = 1 ]
}
# The remote picture is the local one, but for the moving parts and what H.264 takes away: so compare the bars.
shows_the_same() {
    screenshot after
    local distance
    convert "$work/after.png[640x40+16+20]" "$work/local.png"
    convert "$work/after.png[640x40+672+20]" "$work/remote.png"
    distance=$(compare -metric RMSE "$work/local.png" "$work/remote.png" null: 2>&1)
    distance=${distance#*(}
    awk -v distance="${distance%)}" 'BEGIN { exit !(distance < 0.05) }'
}

# in_call COUNT WHAT, hung_up COUNT WHAT: so many calls were begun, or ended.
in_call() {
    until_true "$2: no call runs" traced "$1" "buttons: busy => Hang Up"
    until_true "$2: the videos do not both move" moves $left $right
    until_true "$2: the remote video is not the local one" shows_the_same
    passed "$2: both videos move, and show the same"
}
hung_up() {
    until_true "$2: the call is not ended" traced $(($1 + 1)) "buttons: busy => Call"
    until_true "$2: the remote video is not cleared" is_empty
    until_true "$2: the local video stands still" moves $left
    passed "$2: the remote video is cleared, the local one runs on"
}

ended() { ! kill -0 "$running" 2>/dev/null; }
ends_well() {
    until_true "$1: the program does not end" ended
    wait "$running"
    local status=$?
    [ $status = 0 ] || fail "$1: exit status $status instead of 0"
    passed "$1: the program ends with status 0"
}

start_screen
start_program
click 2
click 1
until_true "a click on Start opens no source" traced 1 "buttons: busy => Call"
until_true "the local video does not move" moves $left
is_empty || fail "there is a remote video before Call"
passed "Start, clicked: the local video moves, the remote one is empty; Call did nothing before"
click 2
in_call 1 "Call, clicked"
if [ -n "$picture" ]; then
    until_true "there are no figures below the videos" traced 1 "Setup time"
    sleep 3 # so that the figures are those of a call that has settled
    import -window "$window" "$picture" && passed "kept $picture"
fi
click 3
hung_up 1 "Hang Up, clicked"
xdotool key c
in_call 2 "Call again, typed"
xdotool key h
hung_up 2 "Hang Up, typed"
xdotool key c
in_call 3 "Call a third time"
kill -0 $manager 2>/dev/null || fail "the window manager has ended: $(cat "$work/evilwm")"
xdotool key ctrl+alt+Escape # evilwm's key that closes a window
ends_well "The window, closed in a call"

calls=$(grep -cE '"decoded": [1-9]' "$work/report.json")
[ "$calls" = 3 ] || fail "the report tells of $calls calls with decoded frames instead of 3: $(cat "$work/report.json")"
passed "The report: frames were decoded in each of 3 calls"

start_program
xdotool key s
until_true "the key S opens no source" traced 1 "buttons: busy => Call"
xdotool key q
ends_well "Start and Quit, typed"
