//! Which pairs were checked, and their priorities.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::net::SocketAddr;
use std::time::Duration;

use rule::Rules;
use step_03_ice::{Candidate, CandidateType, Check, CheckList, Role};

const RULES: Rules = Rules::kept_in("step-03-ice/src/check_list.rs");

fn candidate(line: &str) -> Candidate {
    line.parse().expect("a candidate line of RFC 8839 §5.1")
}

fn socket(text: &str) -> SocketAddr {
    text.parse().expect("an address and a port")
}

fn check(local: &str, remote: &str) -> Check {
    Check {
        local: socket(local),
        remote: socket(remote),
        sent: 1,
        round_trip: None,
        nominated: false,
        remote_priority: None,
    }
}

fn list(checks: &[Check], role: Role) -> CheckList {
    let local = [
        candidate("candidate:1 1 udp 2130706431 192.0.2.1 1000 typ host"),
        candidate(
            "candidate:2 1 udp 1694498815 203.0.113.1 1000 typ srflx raddr 192.0.2.1 rport 1000",
        ),
    ];
    let remote = [
        candidate(
            "candidate:3 1 udp 16777215 198.51.100.9 3000 typ relay raddr 192.0.2.2 rport 2000",
        ),
        candidate(
            "candidate:4 1 udp 1694498815 192.0.2.2 2000 typ srflx raddr 192.0.2.2 rport 2000",
        ),
        candidate("candidate:5 1 udp 2130706431 192.0.2.2 2000 typ host"),
    ];
    CheckList::new(checks, &local, &remote, role)
}

#[test]
fn both_agents_give_a_pair_the_same_priority() {
    let _rule = RULES.rule("1-5: both agents give a pair one priority (RFC 8445 §6.1.2.3)");
    let to_relay = check("192.0.2.1:1000", "198.51.100.9:3000");
    let seen_by_local = list(&[to_relay], Role::Offerer).pairs[0].priority;
    // 2^32 · min(G, D) + 2 · max(G, D) + (G > D), with G of the offerer (RFC 8445 §6.1.2.3).
    assert_eq!(
        seen_by_local,
        (16_777_215_u64 << 32) + 2 * 2_130_706_431 + 1
    );
    let local = [candidate(
        "candidate:3 1 udp 16777215 198.51.100.9 3000 typ relay",
    )];
    let remote = [candidate(
        "candidate:1 1 udp 2130706431 192.0.2.1 1000 typ host",
    )];
    let back = check("198.51.100.9:3000", "192.0.2.1:1000");
    let seen_by_remote = CheckList::new(&[back], &local, &remote, Role::Answerer);
    assert_eq!(seen_by_remote.pairs[0].priority, seen_by_local);
}

#[test]
fn the_highest_priorities_there_are_do_not_overflow() {
    let _rule = RULES.rule("1-5: a pair priority has 64 bits (RFC 8445 §6.1.2.3)");
    let most = |line| candidate(&format!("candidate:1 1 udp 4294967295 {line} typ host"));
    let checks = [check("192.0.2.1:1", "192.0.2.2:2")];
    let list = CheckList::new(
        &checks,
        &[most("192.0.2.1 1")],
        &[most("192.0.2.2 2")],
        Role::Offerer,
    );
    assert_eq!(list.pairs[0].priority, u64::MAX);
}

#[test]
fn of_a_srflx_and_a_host_candidate_with_one_address_the_host_candidate_counts() {
    let _rule = RULES
        .rule("1-5: of two candidates with one base the host candidate counts (RFC 8445 §6.1.2.4)");
    let pair = list(&[check("192.0.2.1:1000", "192.0.2.2:2000")], Role::Offerer).pairs[0].clone();
    assert_eq!(
        pair.remote.kind,
        CandidateType::Host,
        "RFC 8445 §6.1.2.4: the base counts"
    );
}

#[test]
fn an_address_without_a_candidate_is_peer_reflexive() {
    let _rule =
        RULES.rule("1-5: an unknown address makes a peer-reflexive candidate (RFC 8445 §7.3.1.3)");
    let mut from_nat = check("192.0.2.1:1000", "203.0.113.2:4000");
    from_nat.remote_priority = Some(1_862_270_975);
    let pair = list(&[from_nat], Role::Offerer).pairs[0].clone();
    assert_eq!(
        pair.remote.kind,
        CandidateType::PeerReflexive,
        "RFC 8445 §7.3.1.3"
    );
    assert_eq!(
        pair.remote.priority, 1_862_270_975,
        "the check itself has the priority"
    );
}

#[test]
fn the_table_has_the_order_the_answers_and_the_nominated_pair() {
    let _rule = RULES
        .rule("1-5: the controlling agent nominates a pair that was answered (RFC 8445 §8.1.1)");
    let mut direct = check("192.0.2.1:1000", "192.0.2.2:2000");
    direct.round_trip = Some(Duration::from_micros(1500));
    direct.nominated = true;
    let relayed = check("192.0.2.1:1000", "198.51.100.9:3000");
    insta::assert_snapshot!(list(&[relayed, direct], Role::Offerer), @r"
     1  host  192.0.2.1:1000        -> relay 198.51.100.9:3000      priority 72057594004373503    no answer
     2  host  192.0.2.1:1000        -> host  192.0.2.2:2000         priority 9151314442783293438  answered in 1.5 ms, nominated
    A pair is checked as soon as both of its candidates are there.
    This peer made the offer, so it nominates: of the pairs that were answered by then, the one of the highest priority,
    2^32 · the lower of both candidates' + 2 · the higher + 1 if its own is the higher (RFC 8445 §6.1.2.3).
    ");
}

#[test]
fn a_tie_of_priorities_is_explained() {
    let _rule =
        RULES.rule("1-5: addresses of one machine have distinct preferences (RFC 8445 §5.1.2.1)");
    let mut nominated = check("192.0.2.1:1000", "192.0.2.2:2000");
    nominated.nominated = true;
    let twin = check("192.0.2.1:1000", "192.0.2.2:2000");
    let alone = list(&[nominated.clone()], Role::Offerer).to_string();
    assert!(!alone.contains("Several pairs"), "no tie: {alone}");
    let tied = list(&[nominated, twin], Role::Offerer).to_string();
    assert!(tied.contains("Several pairs have that priority"), "{tied}");
}
