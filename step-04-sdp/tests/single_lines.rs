//! The explanations of single lines, and the notes on lines that do not fit together.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use rule::Rules;
use step_04_sdp::{ExplainedLine, Explanation, explain};

const CODECS: Rules = Rules::kept_in("step-04-sdp/src/explain/codec.rs");
const ICE: Rules = Rules::kept_in("step-04-sdp/src/explain/ice.rs");
const MEDIA: Rules = Rules::kept_in("step-04-sdp/src/explain/media.rs");
const IDENTITY: Rules = Rules::kept_in("step-04-sdp/src/explain/identity.rs and media.rs");
const EXPLAIN: Rules = Rules::kept_in("step-04-sdp/src/explain/mod.rs");
const PRINTED: Rules = Rules::kept_in("step-04-sdp/src/explain/explanation.rs");
const DTLS: Rules = Rules::kept_in("step-04-sdp/src/explain/dtls.rs");
const CHECKS: Rules = Rules::kept_in("step-04-sdp/src/explain/cross_check.rs");

/// A small offer in which everything fits.
const OFFER: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
    m=video 9 UDP/TLS/RTP/SAVPF 102\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=setup:actpass\r\n\
    a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\na=fingerprint:sha-256 AA:BB\r\n\
    a=rtpmap:102 H264/90000\r\na=sendonly\r\n";

fn explained(sdp: &str) -> Explanation {
    explain(sdp).unwrap_or_else(|error| panic!("{error}:\n{sdp}"))
}

/// The explanation of `line` at the end of the offer's video section.
fn line(line: &str) -> ExplainedLine {
    let lines = explained(&format!("{OFFER}{line}\r\n")).lines;
    lines
        .into_iter()
        .next_back()
        .expect("the line that was added is there")
}

fn only_note(sdp: &str) -> String {
    let notes = explained(sdp).notes;
    assert_eq!(
        notes.len(),
        1,
        "one thing is wrong here, so one note is expected: {notes:#?}"
    );
    notes.concat()
}

#[test]
fn a_payload_type_is_explained_with_its_codec_and_clock_rate() {
    let _rule =
        CODECS.rule("2-1: a=rtpmap gives a payload type its codec and clock (RFC 8866 §6.6)");
    assert_eq!(
        line("a=rtpmap:102 H264/90000").text,
        "Payload type 102: H.264, clock rate 90000 Hz."
    );
}

#[test]
fn a_candidate_is_explained_with_its_type_address_and_priority() {
    let _rule = ICE.rule("1-3, 2-1: what stands in a=candidate (RFC 8839 §5.1)");
    let candidate =
        "a=candidate:1 1 udp 1694498815 203.0.113.7 4711 typ srflx raddr 10.0.0.2 rport 50000";
    assert_eq!(
        line(candidate).text,
        "This peer can be reached at 203.0.113.7:4711 over udp: its address as a STUN server sees it, \
         outside of its NAT (srflx), related to 10.0.0.2:50000. Component 1, RTP. Priority 1694498815: \
         type preference 100, local preference 65535. Foundation 1."
    );
}

#[test]
fn an_active_tcp_candidate_is_explained_as_one_that_cannot_be_reached() {
    let _rule = ICE.rule("1-3: nobody can connect to an active TCP candidate (RFC 6544 §4.5)");
    let line = line("a=candidate:1 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active");
    insta::assert_snapshot!(format!("{} {}", line.text, line.effect), @"This peer opens TCP connections from 192.0.2.7 and accepts none (tcptype active; port 9 is a placeholder): an address of its machine (host). Component 1, RTP. Priority 1518280447: type preference 90, local preference 32542. Foundation 1. The other peer waits for a connection at its own passive TCP candidates.");
}

#[test]
fn ice_options_are_separated_by_spaces() {
    let _rule = ICE.rule("2-1: a=ice-options has tags of letters, digits, + and / (RFC 8839 §5.6)");
    assert!(line("a=ice-options:ice2 rtp+ecn").is_known());
    assert_eq!(
        line("a=ice-options:ice2,trickle").text,
        "Malformed: expected ice-options:<option> ..., separated by spaces."
    );
}

#[test]
fn h264_without_a_packetization_mode_is_mode_0() {
    let _rule = CODECS.rule("2-1: without packetization-mode it is mode 0 (RFC 6184 §6.2)");
    assert_eq!(
        line("a=fmtp:102 profile-level-id=42e01f").text,
        "For 102 (H264): 42e01f = constrained baseline, level 3.1 (1280x720 at 30 frames a second); \
         without packetization-mode, each packet contains one NAL unit (mode 0)."
    );
}

#[test]
fn port_0_rejects_a_section_and_needs_no_transport() {
    let _rule = MEDIA.rule("2-4: port 0 refuses a section (RFC 3264 §6)");
    let explanation = explained(
        "v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\nm=video 0 UDP/TLS/RTP/SAVPF 96\na=inactive\n",
    );
    assert!(
        explanation.lines[4].text.contains("Port 0: "),
        "{}",
        explanation.lines[4].text
    );
    assert_eq!(explanation.notes, Vec::<String>::new());
}

#[test]
fn a_data_channel_section_is_explained_with_its_sctp_port() {
    let _rule = MEDIA.rule("2-1: a=sctp-port belongs to a data channel section (RFC 8841 §5)");
    let explanation = explained(&OFFER.replace(
        "a=rtpmap:102 H264/90000\r\na=sendonly\r\n",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\na=setup:actpass\r\n\
         a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\na=fingerprint:sha-256 AA:BB\r\n\
         a=sctp-port:5000\r\na=max-message-size:262144\r\n",
    ));
    assert!(
        explanation.lines.iter().all(ExplainedLine::is_known),
        "{explanation}"
    );
    assert!(
        explanation.to_string().contains("SCTP port 5000"),
        "{explanation}"
    );
}

#[test]
fn simulcast_and_rid_are_explained() {
    let _rule = IDENTITY
        .rule("2-1: a=rid names an encoding (RFC 8851 §4), a=simulcast uses it (RFC 8853 §5.1)");
    assert_eq!(
        line("a=rid:hi send").text,
        "This peer can send an encoding named hi."
    );
    assert!(line("a=simulcast:send hi;lo").is_known());
}

#[test]
fn an_unknown_line_is_not_explained() {
    let _rule = EXPLAIN.rule("2-1: an attribute that is not known is ignored (RFC 8866 §5.13)");
    let line = line("a=x-colour:green");
    assert!(!line.is_known());
    assert_eq!(line.text, "Not explained here.");
    assert_eq!(line.source, "RFC 8866 §5.13");
}

#[test]
fn a_malformed_line_is_explained_with_the_expected_form() {
    let _rule = DTLS.rule("2-1: a=setup is actpass, active or passive (RFC 4145 §4)");
    assert_eq!(
        line("a=setup:later").text,
        "Malformed: expected setup:actpass, active or passive."
    );
}

#[test]
fn a_bundle_that_names_no_section_is_noted() {
    let _rule = CHECKS.rule("2-1: a=group:BUNDLE names sections by their a=mid (RFC 9143 §7)");
    let note = only_note(&OFFER.replace("BUNDLE 0", "BUNDLE 0 7"));
    assert!(note.starts_with("BUNDLE names section 7"), "{note}");
}

#[test]
fn a_payload_type_without_rtpmap_is_noted() {
    let _rule = CHECKS.rule("2-1: a dynamic payload type needs its a=rtpmap (RFC 3551 §6)");
    let note = only_note(&OFFER.replace("SAVPF 102", "SAVPF 102 103"));
    assert!(
        note.contains("payload type 103 is in the m= line but has no a=rtpmap"),
        "{note}"
    );
}

#[test]
fn an_rtpmap_outside_of_the_m_line_is_noted() {
    let _rule = CHECKS.rule("2-1: a=rtpmap is for a payload type of its m= line (RFC 8866 §6.6)");
    let note = only_note(&format!("{OFFER}a=rtpmap:99 VP8/90000\r\n"));
    assert!(
        note.contains("payload type 99, which is not in the m= line"),
        "{note}"
    );
}

#[test]
fn missing_ice_and_dtls_lines_are_noted_one_by_one() {
    let _rule =
        CHECKS.rule("2-1: a section has its ICE (RFC 8839 §5.4) and DTLS lines (RFC 8842 §5)");
    for name in ["ice-ufrag", "ice-pwd", "fingerprint", "setup"] {
        let without: String = OFFER
            .split_inclusive("\r\n")
            .filter(|line| !line.starts_with(&format!("a={name}:")))
            .collect();
        let note = only_note(&without);
        assert!(note.contains(&format!("a={name} is missing")), "{note}");
    }
}

#[test]
fn control_characters_are_never_printed() {
    let _rule = EXPLAIN.rule("2-3: no control character of a description from outside is printed");
    let printed = explained(&format!("{OFFER}a=mid:\u{1b}[31mred\r\n")).to_string();
    assert!(!printed.contains('\u{1b}'), "{printed}");
}

#[test]
fn a_note_of_several_lines_has_one_mark_and_is_indented() {
    let _rule =
        PRINTED.rule("a note begins with a mark, and its other lines are indented like its first");
    let mut explanation = explained(OFFER);
    let note = "a note that goes on and on ".repeat(9);
    explanation.notes = vec![note.trim_end().to_owned()];
    let printed = explanation.to_string();
    let (_, notes) = printed
        .split_once("What does not fit together\n")
        .expect("a note");
    let (first, others) = notes.split_once('\n').expect("more than one line");
    assert!(first.starts_with("  ! a note"), "{notes}");
    assert!(others.lines().count() > 1, "{notes}");
    for line in others.lines() {
        let text = line.strip_prefix("    ").unwrap_or(" ");
        assert!(!text.starts_with([' ', '!']), "{notes}");
    }
}
