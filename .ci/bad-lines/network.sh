# Two machines with nothing but a bad line between them. Sourced by check.sh.
#
#   near 10.9.0.1 -- lossy_line -- 10.9.0.2 far
#
# Each is a network namespace. The line is the example lossy_line of step 05: the kernel needs neither netem nor tbf.

readonly NEAR=10.9.0.1
readonly FAR=10.9.0.2

# Names end in the number of this process, so that two checks do not meet.
namespace() { echo "lines$$-$1"; }
inside() { local where; where=$(namespace "$1"); shift; ip netns exec "$where" "$@"; }

# build_network OUTPUT LOSSY_LINE...: from now on `line SETTINGS...` changes the line, as lossy_line describes it.
build_network() {
    local place output=$1
    shift
    for place in line near far; do ip netns add "$(namespace $place)"; done
    # The line ends with its standard input, and so with this process, however that ends.
    mkfifo "$output.settings"
    inside line "$@" <"$output.settings" >"$output" 2>&1 &
    line_process=$!
    exec {settings}>"$output.settings"
    wait_for 5 "$output" '^ready$' || { cat "$output"; return 1; }
    connect near $NEAR $FAR
    connect far $FAR $NEAR
}

# connect PLACE ADDRESS ADDRESS_OF_THE_OTHER: the device keeps its connection to the line when it moves.
connect() {
    ip -n "$(namespace line)" link set "$1" netns "$(namespace "$1")"
    inside "$1" ip link set lo up
    inside "$1" ip address add "$2" peer "$3" dev "$1"
    # One address is enough.
    inside "$1" ip link set "$1" addrgenmode none
    inside "$1" ip link set "$1" mtu 1500 up
}

line() { echo "$*" >&$settings; }

# Returns when the line has printed its counts.
remove_network() {
    [ -z "${settings:-}" ] || exec {settings}>&-
    [ -z "${line_process:-}" ] || wait "$line_process" || true
    local place
    for place in near far line; do ip netns delete "$(namespace $place)" 2>/dev/null || true; done
}
