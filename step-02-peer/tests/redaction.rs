//! What a redaction replaces, and what it keeps.

mod redact;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use redact::Redaction;
use rule::Rules;

const RULES: Rules = Rules::kept_in("step-02-peer/tests/redact/mod.rs");

/// The file to open when a test fails.
const LOOK: &str = "see step-02-peer/tests/redact/mod.rs";

#[test]
fn equal_random_values_have_equal_labels() {
    let _rule = RULES.rule("equal values have equal labels");
    let mut redaction = Redaction::new();
    let offer = "v=0\r\no=- 111 222 IN IP4 0.0.0.0\r\na=fingerprint:sha-256 AA:BB\r\n\
                 a=ice-ufrag:one\r\na=ice-pwd:secret\r\na=ice-ufrag:two\r\na=ice-ufrag:one\r\n";
    insta::assert_snapshot!(redaction.sdp(offer), @r"
    v=0
    o=- [session-1] [version-1] IN IP4 0.0.0.0
    a=fingerprint:sha-256 [fingerprint-1]
    a=ice-ufrag:[ufrag-1]
    a=ice-pwd:[pwd-1]
    a=ice-ufrag:[ufrag-2]
    a=ice-ufrag:[ufrag-1]
    ");
    let next =
        redaction.sdp("o=- 111 223 IN IP4 0.0.0.0\r\na=ice-ufrag:two\r\na=ice-ufrag:three\r\n");
    insta::assert_snapshot!(next, @r"
    o=- [session-1] [version-2] IN IP4 0.0.0.0
    a=ice-ufrag:[ufrag-2]
    a=ice-ufrag:[ufrag-3]
    ");
}

#[test]
fn what_carries_meaning_is_not_changed() {
    let meaning = "m=video 9 UDP/TLS/RTP/SAVPF 102\na=group:BUNDLE 0\na=mid:0\na=setup:actpass\na=sendrecv\n\
                   a=rtpmap:102 H264/90000\na=fmtp:102 profile-level-id=42e01f\na=ssrc:7 cname:x\no=short";
    assert_eq!(Redaction::new().sdp(meaning), meaning, "{LOOK}");
}

#[test]
fn header_extensions_are_in_order_of_their_lines_within_one_run() {
    let sdp = "a=extmap:2 urn:b\na=extmap:1 urn:a\na=mid:0\na=extmap:1 urn:c";
    assert_eq!(
        Redaction::new().sdp(sdp),
        "a=extmap:1 urn:a\na=extmap:2 urn:b\na=mid:0\na=extmap:1 urn:c",
        "their order says nothing (RFC 8285 §6), their section does; {LOOK}"
    );
}

#[test]
fn a_candidate_keeps_its_type_and_priority_and_its_address_becomes_a_label() {
    let _rule =
        RULES.rule("a candidate keeps its type and priority, and its address becomes a label");
    let mut redaction = Redaction::new();
    let host = "candidate:1234 1 udp 2130706431 192.168.1.7 50001 typ host ufrag abcd";
    let srflx =
        "a=candidate:99 1 udp 1694498815 203.0.113.9 60001 typ srflx raddr 192.168.1.7 rport 50001";
    let tcp = "candidate:5 1 tcp 1 127.0.0.1 9 typ host tcptype active";
    let none = "candidate:6 1 udp 1 ::1 50001 typ relay raddr 0.0.0.0 rport 0";
    let redacted = [host, srflx, tcp, none].map(|candidate| redaction.candidate(candidate));
    insta::assert_snapshot!(redacted.join("\n"), @r"
    candidate:[foundation-1] 1 udp 2130706431 [address-1] [port-1] typ host ufrag [ufrag-1]
    a=candidate:[foundation-2] 1 udp 1694498815 [address-2] [port-2] typ srflx raddr [address-1] rport [port-1]
    candidate:[foundation-3] 1 tcp 1 127.0.0.1 9 typ host tcptype active
    candidate:[foundation-4] 1 udp 1 ::1 [port-1] typ relay raddr 0.0.0.0 rport 0
    ");
    assert_eq!(
        redaction.sdp(srflx),
        redacted[1],
        "a candidate line of a description is the same candidate; {LOOK}"
    );
}

#[test]
fn a_label_counts_the_values_of_its_own_kind() {
    let mut redaction = Redaction::new();
    let labels = [("ufrag", "a"), ("ufrag", "b"), ("pwd", "a"), ("ufrag", "a")]
        .map(|(kind, value)| redaction.label(kind, value));
    assert_eq!(
        labels,
        ["[ufrag-1]", "[ufrag-2]", "[pwd-1]", "[ufrag-1]"],
        "{LOOK}"
    );
}
