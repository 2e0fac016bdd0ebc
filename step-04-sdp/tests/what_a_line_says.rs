//! Single lines, and what does not fit together.

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

fn told(sdp: &str) -> Explanation {
    explain(sdp).unwrap_or_else(|error| panic!("{error}:\n{sdp}"))
}

/// The explanation of `line` at the end of the offer's video section.
fn line(line: &str) -> ExplainedLine {
    let lines = told(&format!("{OFFER}{line}\r\n")).lines;
    lines
        .into_iter()
        .next_back()
        .expect("the line that was added is there")
}

fn only_note(sdp: &str) -> String {
    let notes = told(sdp).notes;
    assert_eq!(
        notes.len(),
        1,
        "one thing is wrong here, so one note is expected: {notes:#?}"
    );
    notes.concat()
}

#[test]
fn a_payload_type_is_told_with_its_codec_and_clock() {
    let _rule =
        CODECS.rule("2-1: a=rtpmap gives a payload type its codec and clock (RFC 8866 §6.6)");
    assert_eq!(
        line("a=rtpmap:102 H264/90000").says,
        "Payload type 102 means H.264, with a clock of 90000 ticks a second."
    );
}

#[test]
fn a_candidate_is_told_with_its_type_address_and_priority() {
    let _rule = ICE.rule("1-3, 2-1: what stands in a=candidate (RFC 8839 §5.1)");
    let says = line(
        "a=candidate:1 1 udp 1694498815 203.0.113.7 4711 typ srflx raddr 10.0.0.2 rport 50000",
    )
    .says;
    assert_eq!(
        says,
        "Reach this side at 203.0.113.7:4711 over udp: this machine as a STUN server sees it, \
         outside of its NAT \
         (srflx), behind it 10.0.0.2:50000. For RTP. Priority 1694498815: type 100, local \
          65535. Foundation 1."
    );
}

#[test]
fn a_port_of_zero_refuses_a_section_and_nothing_more_is_asked_of_it() {
    let _rule = MEDIA.rule("2-4: port 0 refuses a section (RFC 3264 §6)");
    let told = told(
        "v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\nm=video 0 UDP/TLS/RTP/SAVPF 96\na=inactive\n",
    );
    assert!(
        told.lines[4].says.contains("Port 0: "),
        "{}",
        told.lines[4].says
    );
    assert_eq!(told.notes, Vec::<String>::new());
}

#[test]
fn a_data_channel_section_is_told_with_its_sctp_port() {
    let _rule = MEDIA.rule("2-1: a=sctp-port belongs to a data channel section (RFC 8841 §5)");
    let told = told(&OFFER.replace(
        "a=rtpmap:102 H264/90000\r\na=sendonly\r\n",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\na=setup:actpass\r\n\
         a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\na=fingerprint:sha-256 AA:BB\r\n\
         a=sctp-port:5000\r\na=max-message-size:262144\r\n",
    ));
    assert!(told.lines.iter().all(ExplainedLine::is_known), "{told}");
    assert!(told.to_string().contains("SCTP port 5000"), "{told}");
}

#[test]
fn simulcast_and_rid_are_told() {
    let _rule = IDENTITY
        .rule("2-1: a=rid names an encoding (RFC 8851 §4), a=simulcast uses it (RFC 8853 §5.1)");
    assert_eq!(
        line("a=rid:hi send").says,
        "An encoding with the name hi can be sent."
    );
    assert!(line("a=simulcast:send hi;lo").is_known());
}

#[test]
fn an_unknown_line_is_called_unknown() {
    let _rule = EXPLAIN.rule("2-1: an attribute that is not known is ignored (RFC 8866 §5)");
    let line = line("a=x-colour:green");
    assert!(!line.is_known());
    assert_eq!(line.says, "Not explained here.");
    assert_eq!(line.source, "RFC 8866 §5");
}

#[test]
fn a_known_line_with_a_strange_value_says_what_was_expected() {
    let _rule = DTLS.rule("2-1: a=setup is actpass, active or passive (RFC 4145 §4)");
    assert_eq!(
        line("a=setup:later").says,
        "Not understood: expected setup:actpass, active or passive."
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
fn a_terminal_never_sees_an_escape_sequence() {
    let _rule = EXPLAIN.rule("2-3: no control character of a description from outside is printed");
    let printed = told(&format!("{OFFER}a=mid:\u{1b}[31mred\r\n")).to_string();
    assert!(!printed.contains('\u{1b}'), "{printed}");
}

#[test]
fn a_note_of_several_lines_has_one_mark_and_is_set_in() {
    let _rule =
        PRINTED.rule("a note begins with a mark, and its other lines stand below its first");
    let mut explanation = told(OFFER);
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
