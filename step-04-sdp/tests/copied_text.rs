//! The forms in which a description can be copied out of a browser.

use step_04_sdp::{Explanation, ParseError, explain};

const SEE: &str = "see step-04-sdp/src/explain/copied_text.rs";

const SDP: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 34\r\n\
    a=mid:0\r\na=sendonly\r\na=setup:active\r\n";

fn explained(text: &str) -> Explanation {
    explain(text).unwrap_or_else(|error| panic!("{error}; {SEE}:\n{text}"))
}

/// The effect of `a=sendonly`, which is another one in an answer.
fn effect(text: &str) -> &'static str {
    let lines = explained(text).lines;
    let line = lines.iter().find(|line| line.line == "a=sendonly");
    line.expect("the description has this line").effect
}

fn json(kind: &str) -> String {
    serde_json::json!({ "type": kind, "sdp": SDP }).to_string()
}

#[test]
fn json_is_explained_like_the_sdp_in_it() {
    assert_eq!(explained(&json("answer")), explained(SDP), "{SEE}");
}

#[test]
fn a_string_with_escaped_line_ends_is_explained_with_and_without_quotes() {
    let escaped = SDP.replace("\r\n", r"\r\n");
    for text in [
        escaped.clone(),
        format!("\"{escaped}\""),
        format!("'{escaped}'\n"),
        SDP.replace("\r\n", r"\n"),
    ] {
        assert_eq!(explained(&text), explained(SDP), "{SEE}");
    }
}

#[test]
fn the_type_in_the_json_says_whether_it_is_an_answer() {
    assert_ne!(effect(&json("offer")), effect(&json("answer")), "{SEE}");
    assert_eq!(effect(&json("pranswer")), effect(&json("answer")), "{SEE}");
    // SDP alone is known by a=setup (RFC 8842 §5.3).
    assert_eq!(effect(SDP), effect(&json("answer")), "{SEE}");
}

#[test]
fn json_without_a_description_is_an_error_with_a_hint() {
    let error = |text: &str| explain(text).expect_err("there is no SDP").to_string();
    insta::assert_snapshot!(error("{\"type\":\"offer\"}"), @r#"the JSON has no string "sdp": copy pc.localDescription, {"type": ..., "sdp": ...}"#);
    insta::assert_snapshot!(error("{\"type\":\"offer\",\"sdp\":\"v=0"), @"this begins like JSON, but is none: EOF while parsing a string at line 1 column 26: copy pc.localDescription again");
    insta::assert_snapshot!(error("\"hello\""), @r#"line 1: expected <type>=<value>, where <type> is one small letter, found "hello""#);
}

#[test]
fn a_text_that_is_too_long_is_rejected_before_it_is_copied() {
    assert_eq!(
        explain(&"\0".repeat(300_000)),
        Err(ParseError::TooLong),
        "{SEE}"
    );
}
