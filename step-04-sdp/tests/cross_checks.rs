//! Lines that are correct alone and wrong together, and those that only look wrong.

use step_04_sdp::explain;

const SEE: &str = "see step-04-sdp/src/explain/cross_check.rs";

const SESSION: &str = "v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\n";
const TRANSPORT: &str = "a=setup:actpass\na=ice-ufrag:abcd\na=ice-pwd:abcdefghijklmnopqrstuv\n\
                         a=fingerprint:sha-256 AA:BB\n";

fn notes(sdp: &str) -> Vec<String> {
    explain(sdp)
        .unwrap_or_else(|error| panic!("{error}:\n{sdp}"))
        .notes
}

/// The notes on a section with these formats and lines, which has its transport.
fn of_section(formats: &str, lines: &str) -> Vec<String> {
    notes(&format!(
        "{SESSION}m=video 9 UDP/TLS/RTP/SAVPF {formats}\na=mid:0\n{TRANSPORT}{lines}"
    ))
}

#[test]
fn the_lines_that_every_session_needs_are_noted_one_by_one() {
    let whole = format!("{SESSION}m=video 9 UDP/TLS/RTP/SAVPF 34\n{TRANSPORT}");
    assert_eq!(notes(&whole), [""; 0], "RFC 8866 §5; {SEE}");
    for kind in ["o=", "s=", "t="] {
        let lines = whole
            .split_inclusive('\n')
            .filter(|line| !line.starts_with(kind));
        let found = notes(&lines.collect::<String>());
        assert_eq!(found.len(), 1, "{found:?}; {SEE}");
        assert!(
            found[0].starts_with(&format!("There is no {kind} line")),
            "{found:?}; {SEE}"
        );
    }
}

#[test]
fn a_description_without_a_section_is_noted() {
    insta::assert_snapshot!(notes(SESSION).join("\n"), @"There is no m= section: no media can be sent, and ICE does not start.");
}

#[test]
fn two_sections_with_one_mid_are_noted() {
    let section = format!("m=video 9 UDP/TLS/RTP/SAVPF 34\na=mid:0\n{TRANSPORT}");
    let twice = notes(&format!("{SESSION}{section}{section}"));
    insta::assert_snapshot!(twice.join("\n"), @"Two sections have the mid 0: it must be unique (RFC 5888 §4).");
}

#[test]
fn a_section_that_bundle_misses_is_noted_once() {
    let bundle = "a=group:BUNDLE 0 7 7\n";
    let found = notes(&format!(
        "{SESSION}{bundle}m=video 9 UDP/TLS/RTP/SAVPF 34\na=mid:0\n{TRANSPORT}"
    ));
    assert_eq!(found.len(), 1, "{found:?}; {SEE}");
}

#[test]
fn in_a_bundle_the_first_section_has_the_transport_of_all() {
    let two = |group: &str, first: &str, second: &str| {
        notes(&format!(
            "{SESSION}{group}m=audio 9 UDP/TLS/RTP/SAVPF 0\na=mid:a\n{first}\
             m=video 9 UDP/TLS/RTP/SAVPF 34\na=mid:v\n{second}"
        ))
    };
    let bundle = "a=group:BUNDLE a v\n";
    assert_eq!(two(bundle, TRANSPORT, ""), [""; 0], "RFC 9143 §7; {SEE}");
    let missed = two(bundle, "", TRANSPORT);
    assert_eq!(missed.len(), 4, "{missed:?}; {SEE}");
    assert!(
        missed
            .iter()
            .all(|note| note.starts_with("Section 0 (audio): ")),
        "{missed:?}; {SEE}"
    );
    let outside = two("a=group:BUNDLE a\n", TRANSPORT, "");
    assert!(
        outside
            .iter()
            .all(|note| note.starts_with("Section 1 (video): ")),
        "{outside:?}; {SEE}"
    );
    assert_eq!(outside.len(), 4, "{outside:?}; {SEE}");
    assert_eq!(two("", TRANSPORT, "").len(), 4, "no bundle; {SEE}");
    let other_group = two("a=group:LS a v\n", TRANSPORT, "");
    assert_eq!(other_group.len(), 4, "lip sync shares nothing; {SEE}");
}

#[test]
fn the_transport_may_stand_in_the_sessions_lines() {
    let sdp = format!("{SESSION}{TRANSPORT}m=video 9 UDP/TLS/RTP/SAVPF 34\n");
    assert_eq!(notes(&sdp), [""; 0], "RFC 8839 §5.4; {SEE}");
}

#[test]
fn port_0_with_bundle_only_is_no_rejection() {
    let with = |line: &str| {
        notes(&format!(
            "{SESSION}m=video 0 UDP/TLS/RTP/SAVPF 96\na=mid:0\n{line}"
        ))
    };
    assert_eq!(with(""), [""; 0], "RFC 3264 §6; {SEE}");
    assert!(!with("a=bundle-only\n").is_empty(), "RFC 9143 §6; {SEE}");
}

#[test]
fn ice_credentials_have_a_least_length() {
    let with = |ufrag: &str, pwd: &str| {
        let whole = format!("{SESSION}m=video 9 UDP/TLS/RTP/SAVPF 34\n{TRANSPORT}");
        notes(
            &whole
                .replace("abcdefghijklmnopqrstuv", pwd)
                .replace("ufrag:abcd", &format!("ufrag:{ufrag}")),
        )
    };
    assert_eq!(with("abcd", &"p".repeat(22)), [""; 0], "{SEE}");
    insta::assert_snapshot!(with("abc", &"p".repeat(21)).join("\n"), @r"
    Section 0 (video): a=ice-ufrag is shorter than 4 characters (RFC 8839 §5.4).
    Section 0 (video): a=ice-pwd is shorter than 22 characters (RFC 8839 §5.4).
    ");
}

#[test]
fn a_section_has_one_direction() {
    assert_eq!(of_section("34", "a=sendonly\n"), [""; 0], "{SEE}");
    let found = of_section("34", "a=sendonly\na=inactive\n");
    insta::assert_snapshot!(found.join("\n"), @"Section 0 (video): 2 directions, where only one is allowed.");
}

#[test]
fn payload_types_up_to_34_need_no_rtpmap_and_the_others_are_noted_in_order() {
    let found = of_section("34 0 96 35", "");
    insta::assert_snapshot!(found.join("\n"), @r"
    Section 0 (video): payload type 35 is in the m= line but has no a=rtpmap: its codec is unknown.
    Section 0 (video): payload type 96 is in the m= line but has no a=rtpmap: its codec is unknown.
    ");
}

#[test]
fn parameters_of_a_payload_type_outside_of_the_m_line_are_noted_once_for_each_attribute() {
    let found = of_section(
        "34",
        "a=fmtp:96 a=1\na=fmtp:96 b=2\na=rtcp-fb:96 nack\na=rtcp-fb:* nack\na=rtcp-fb:34 nack\n",
    );
    insta::assert_snapshot!(found.join("\n"), @r"
    Section 0 (video): a=fmtp names payload type 96, which is not in the m= line: ignored.
    Section 0 (video): a=rtcp-fb names payload type 96, which is not in the m= line: ignored.
    ");
}

#[test]
fn a_section_without_rtp_has_no_payload_types() {
    let found = notes(&format!(
        "{SESSION}m=application 9 UDP/DTLS/SCTP 5000\n{TRANSPORT}a=fmtp:96 a=1\n"
    ));
    assert_eq!(found, [""; 0], "{SEE}");
}
