# Two homes, each behind its own NAT, and a public network with a STUN and TURN server. Sourced by check.sh.
#
#   home-a 10.1.0.2 -- 10.1.0.1 router-a 198.51.100.1 --+
#                                                       +-- public 198.51.100.10 (coturn)
#   home-b 10.2.0.2 -- 10.2.0.1 router-b 198.51.100.2 --+

readonly SERVER=198.51.100.10
readonly ROUTER_A=198.51.100.1
readonly ROUTER_B=198.51.100.2
readonly SIGNALING_PORT=9000

# Names end in the number of this process, so that two checks do not meet.
namespace() { echo "ice$$-$1"; }
inside() { local where; where=$(namespace "$1"); shift; ip netns exec "$where" "$@"; }

# Whether this machine has namespaces and NAT at all; says why not.
try_network() {
    ip netns add "$(namespace public)" &&
        inside public ip link add one type veth peer name other &&
        inside public nft 'table ip try { chain out { type nat hook postrouting priority srcnat; masquerade random; }; }'
    local outcome=$?
    remove_network
    return $outcome
}

build_network() {
    local place
    for place in public router-a router-b home-a home-b; do
        ip netns add "$(namespace $place)"
        inside $place ip link set lo up
    done
    inside public ip link add bridge type bridge
    inside public ip address add $SERVER/24 dev bridge
    inside public ip link set bridge up
    # A packet to an address that nobody has is lost without an error, as on the Internet: coturn ends the call at an
    # error of its own machine.
    inside public ip link add elsewhere type veth peer name nobody
    inside public ip link set nobody up
    inside public ip link set elsewhere arp off up
    inside public ip route add default dev elsewhere
    build_home a $ROUTER_A 10.1.0
    build_home b $ROUTER_B 10.2.0
}

# build_home LETTER PUBLIC_ADDRESS PRIVATE_PREFIX
build_home() {
    local home=home-$1 router=router-$1
    ip -n "$(namespace public)" link add "to-$1" type veth peer name wan netns "$(namespace "$router")"
    inside public ip link set "to-$1" master bridge up
    inside "$router" ip address add "$2/24" dev wan
    inside "$router" ip link set wan up
    ip -n "$(namespace "$router")" link add lan type veth peer name eth netns "$(namespace "$home")"
    inside "$router" ip address add "$3.1/24" dev lan
    inside "$router" ip link set lan up
    inside "$home" ip address add "$3.2/24" dev eth
    inside "$home" ip link set eth up
    inside "$home" ip route add default via "$3.1"
    inside "$router" sysctl -qw net.ipv4.ip_forward=1
}

# set_nat LETTER PRIVATE_ADDRESS MASQUERADE_FLAGS BLOCKED
#
# Linux keeps the port of a socket behind a masquerade if it can: others then see the same address as the STUN server
# did. With "random,fully-random" every destination sees another port, as with a symmetric NAT. A router drops what
# nobody inside has asked for, else it would remember it and give the port to nobody else. BLOCKED is a rule more.
set_nat() {
    inside "router-$1" nft -f - <<RULES
flush ruleset
table ip home {
    chain incoming {
        type filter hook input priority filter; policy accept;
        iifname "wan" meta l4proto udp drop
    }
    chain through {
        type filter hook forward priority filter; policy accept;
        $4
    }
    chain signaling {
        type nat hook prerouting priority dstnat;
        iifname "wan" tcp dport $SIGNALING_PORT dnat to $2:$SIGNALING_PORT
    }
    chain outgoing {
        type nat hook postrouting priority srcnat;
        oifname "wan" masquerade $3
    }
}
RULES
}

# The port of a socket stays the same for every destination.
keep_mappings() {
    set_nat a 10.1.0.2 "" ""
    set_nat b 10.2.0.2 "" ""
}

# Another port for every destination, and UDP to the server alone.
symmetric_and_blocked() {
    local blocked="meta l4proto udp ip daddr != $SERVER ip saddr != $SERVER drop"
    set_nat a 10.1.0.2 random,fully-random "$blocked"
    set_nat b 10.2.0.2 random,fully-random "$blocked"
}

remove_network() {
    local place
    for place in home-a home-b router-a router-b public; do
        ip netns delete "$(namespace $place)" 2>/dev/null || true
    done
}
