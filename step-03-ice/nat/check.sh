#!/usr/bin/env bash
# Two step-03 processes call each other through real NATs, in network namespaces of their own:
#
#   sudo step-03-ice/nat/check.sh [PROGRAM]
#
# PROGRAM is step-03-ice as cargo built it; without it, cargo builds it. Needs Linux, root, iproute2, nftables and
# coturn; says SKIPPED where that cannot be had. Takes about a minute and leaves nothing behind.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/network.sh"

skip() { echo "SKIPPED: $1"; exit 0; }
[ "$(uname)" = Linux ] || skip "network namespaces need Linux"
[ "$(id -u)" = 0 ] || skip "network namespaces need root"
for tool in ip nft turnserver; do
    command -v $tool >/dev/null || skip "there is no $tool: install iproute2, nftables and coturn"
done

work=$(mktemp -d)
running=()
clean_up() {
    trap '' INT TERM
    local process
    for process in "${running[@]}"; do kill "$process" 2>/dev/null || true; done
    for process in "${running[@]}"; do wait "$process" 2>/dev/null || true; done
    remove_network
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

try_network 2>"$work/why" || skip "no network namespaces with NAT here: $(head -1 "$work/why")"
build_network
keep_mappings

program=${1:-}
if [ -z "$program" ]; then
    (cd "$here" && cargo build --quiet -p step-03-ice)
    program=${CARGO_TARGET_DIR:-$here/../../target}/debug/step-03-ice
fi

failures=0
expect() { # expect WHAT FILE PATTERN: the pattern must be in the file
    if grep -Eq -- "$3" "$2"; then
        echo "  ok      $1"
    else
        echo "  FAILED  $1: expected /$3/ in:"
        sed 's/^/          /' "$2"
        failures=$((failures + 1))
    fi
}
expect_not() { # expect_not WHAT FILE PATTERN: it must not
    if grep -Eq -- "$3" "$2"; then
        echo "  FAILED  $1: unexpected /$3/ in:"
        sed 's/^/          /' "$2"
        failures=$((failures + 1))
    else
        echo "  ok      $1"
    fi
}
wait_for() { # wait_for SECONDS FILE PATTERN
    local left=$(($1 * 10))
    until grep -Eq -- "$3" "$2" 2>/dev/null; do
        left=$((left - 1))
        [ $left -gt 0 ] || return 1
        sleep 0.1
    done
}

start_server() {
    (exec ip netns exec "$(namespace public)" turnserver -n --no-cli --no-tls --no-dtls \
        --listening-ip $SERVER --relay-ip $SERVER --lt-cred-mech --realm example --user reader:secret --log-file stdout --simple-log \
        --pidfile "$work/turn.pid" --db "$work/turn.db") >"$work/server" 2>&1 &
    server=$!
    running+=($server)
    local left=100
    until inside public ss -lun | grep -q "$SERVER:3478"; do
        left=$((left - 1))
        [ $left -gt 0 ] || { echo "coturn does not start:"; cat "$work/server"; exit 1; }
        sleep 0.1
    done
}

# call SECONDS OPTIONS...: home-b waits, home-a calls it. Their outputs are a.out, a.trace, b.out, b.trace.
call() {
    local seconds=$1
    shift
    rm -f "$work"/?.out "$work"/?.trace
    local options=(--source pattern --display none --stun stun:$SERVER --turn "turn:$SERVER,reader,secret" "$@")
    (exec ip netns exec "$(namespace home-b)" "$program" "${options[@]}" \
        --listen 10.2.0.2:$SIGNALING_PORT --seconds 60) \
        >"$work/b.out" 2>"$work/b.trace" &
    callee=$!
    running+=($callee)
    wait_for 10 "$work/b.trace" "waiting on"
    (exec ip netns exec "$(namespace home-a)" "$program" "${options[@]}" \
        --connect $ROUTER_B:$SIGNALING_PORT --seconds "$seconds") \
        >"$work/a.out" 2>"$work/a.trace" &
    caller=$!
    running+=($caller)
}
call_and_end() {
    call "$@"
    # Without a caller nobody ends the callee.
    wait "$caller" || { cat "$work/a.trace"; kill "$callee"; }
    wait "$callee" || true
}

start_server

echo "NATs that keep a port for every destination"
call_and_end 3
expect "the STUN server sees home-a at its router" "$work/a.out" "srflx $ROUTER_A:"
expect "and home-b at its own" "$work/b.out" "srflx $ROUTER_B:"
expect "which is not the host candidate" "$work/a.out" "host  10\.1\.0\.2:"
expect "the output says what the NAT did" "$work/a.out" "$ROUTER_A:[0-9]+ is what a NAT makes of it"
expect "the direct pair wins" "$work/a.out" "straight from peer to peer"
expect "on both sides" "$work/b.out" "straight from peer to peer"
expect "media may flow" "$work/a.out" "connection connected"

echo "Symmetric NATs, and no UDP between them"
symmetric_and_blocked
call_and_end 5
expect "the STUN server sees home-a at its router" "$work/a.out" "srflx $ROUTER_A:"
expect "the direct pairs have no answer" "$work/a.out" "host .* -> srflx .* no answer"
expect "the relay wins" "$work/a.out" "through a relay"
expect "on both sides" "$work/b.out" "through a relay"
expect "media may flow" "$work/a.out" "connection connected"

echo "iceTransportPolicy relay, where a direct pair would work"
keep_mappings
call 60 --policy relay
wait_for 10 "$work/a.out" "The path that ICE chose" || true
wait_for 10 "$work/b.out" "The path that ICE chose" || true
expect "relayed candidates are offered" "$work/a.out" "relay $SERVER:"
expect_not "and no others" "$work/a.out" "^ *(host|srflx) +[0-9]"
expect "the relay wins" "$work/a.out" "through a relay"

echo "and then the relay stops"
kill -KILL "$server"
wait "$server" 2>/dev/null || true
wait "$caller" || true
wait "$callee" || true
expect "home-a is disconnected" "$work/a.out" "ice: new => checking => connected => disconnected"
expect "home-b is disconnected" "$work/b.out" "ice: new => checking => connected => disconnected"
# The first one that gives up ends the call for both.
cat "$work/a.out" "$work/b.out" >"$work/both"
expect "ICE has failed" "$work/both" "ice: .* => disconnected => failed"
expect "and the program prints it" "$work/both" "ICE failed: no pair of candidates is answered"

[ $failures = 0 ] || { echo "$failures failed"; exit 1; }
echo "all checks passed"
