//! Texts that are rejected, and deviations that are accepted.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::fs;
use std::path::Path;

use rule::Rules;
use step_04_sdp::{ParseError, SessionDescription, explain};

const RULES: Rules = Rules::kept_in("step-04-sdp/src/explain/session_description.rs");
const EXPLAIN: Rules = Rules::kept_in("step-04-sdp/src/explain/mod.rs");

fn rejection(text: &str) -> String {
    match SessionDescription::parse(text) {
        Ok(description) => panic!("{text:?} was taken for {description:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn an_error_names_the_line_and_the_expected_form() {
    let _rule =
        RULES.rule("2-3: a description is made of <type>=<value> lines, v=0 first (RFC 8866 §5)");
    insta::assert_snapshot!(rejection(""), @r#"the description is empty: expected v=0 as its first line"#);
    insta::assert_snapshot!(rejection("s=-\nv=0\n"), @r#"line 1: expected v=0 as the first line, found "s=-""#);
    insta::assert_snapshot!(rejection("v=0\ns=-\nmid:0\n"), @r#"line 3: expected <type>=<value>, where <type> is one small letter, found "mid:0""#);
    insta::assert_snapshot!(rejection("v=0\nv=0\n"), @r#"line 2: expected no second v= line (are these two descriptions?), found "v=0""#);
    insta::assert_snapshot!(rejection("{\"type\":\"offer\"}"), @r#"line 1: expected <type>=<value>, where <type> is one small letter, found "{\"type\":\"offer\"}""#);
}

#[test]
fn a_text_longer_than_256_kib_is_rejected() {
    let _rule = RULES.rule("2-3: a description from outside has at most 256 KiB");
    let text = "v=0\n".repeat(70_000);
    assert_eq!(SessionDescription::parse(&text), Err(ParseError::TooLong));
}

#[test]
fn a_text_of_256_kib_is_parsed_to_its_end() {
    let most = step_04_sdp::explain::session_description::MAX_LENGTH;
    let text = format!("v=0\n{}", "b".repeat(most - 4)).replacen("\nbb", "\nb=", 1);
    let description = SessionDescription::parse(&text).expect("as long as is allowed");
    assert_eq!(description.session[1].value().len(), most - 6);
    assert_eq!(
        SessionDescription::parse(&format!("{text}b")),
        Err(ParseError::TooLong)
    );
}

#[test]
fn a_line_has_a_letter_and_a_value_and_an_attribute_has_a_name() {
    let text = "v=0\n\ns=a=b\na=mid:0:1\na=sendrecv\nb=\n";
    let description = SessionDescription::parse(text).expect("each line has its type");
    let parts: Vec<_> = description
        .session
        .iter()
        .map(|line| (line.number, line.kind(), line.value(), line.attribute()))
        .collect();
    assert_eq!(
        parts,
        [
            (1, 'v', "0", None),
            (3, 's', "a=b", None),
            (4, 'a', "mid:0:1", Some(("mid", "0:1"))),
            (5, 'a', "sendrecv", Some(("sendrecv", ""))),
            (6, 'b', "", None),
        ],
        "RFC 8866 §5 and §5.13; see step-04-sdp/src/explain/session_description.rs"
    );
}

#[test]
fn a_section_ends_at_the_next_m_line() {
    let text = "v=0\nm=audio 9 x 0\na=mid:0\nm=video 9 x 1\na=mid:1\na=sendonly\n";
    let description = SessionDescription::parse(text).expect("each line has its type");
    let lines: Vec<Vec<&str>> = description
        .media
        .iter()
        .map(|media| media.lines.iter().map(|line| line.text).collect())
        .collect();
    assert_eq!(
        lines,
        [
            vec!["m=audio 9 x 0", "a=mid:0"],
            vec!["m=video 9 x 1", "a=mid:1", "a=sendonly"]
        ],
        "RFC 8866 §5.14"
    );
}

#[test]
fn lf_for_crlf_and_indented_lines_are_accepted() {
    let _rule = RULES.rule("2-3: a line may end with LF alone (RFC 8866 §5)");
    let strict = SessionDescription::parse("v=0\r\ns=-\r\nm=video 9 x 1\r\na=mid:0\r\n");
    let loose = SessionDescription::parse("  v=0\n  s=-\n  m=video 9 x 1\n  a=mid:0\n\n");
    assert_eq!(strict, loose);
    assert_eq!(strict.map(|description| description.media.len()), Ok(1));
}

/// A generator of numbers that is the same everywhere (Marsaglia's xorshift64).
struct RandomNumbers(u64);

impl RandomNumbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    /// One to four bytes overwritten, inserted or removed.
    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        const BYTES: &[u8] = b"\r\n =:/;-*0\x1b\xff\xc3mav";
        for _ in 0..=self.below(4) {
            if bytes.is_empty() {
                return;
            }
            let at = self.below(bytes.len());
            let byte = BYTES[self.below(BYTES.len())];
            match self.below(4) {
                0 => bytes.insert(at, byte),
                1 => drop(bytes.remove(at)),
                2 => bytes.truncate(at.max(1)),
                _ => bytes[at] = byte,
            }
        }
    }
}

#[test]
fn a_hundred_thousand_damaged_descriptions_never_cause_a_panic() {
    let _rule =
        EXPLAIN.rule("2-3: a description from outside is explained, or rejected with a ParseError");
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut corpus = Vec::new();
    for name in [
        "chromium",
        "firefox_eth",
        "aiortc_H264",
        "gst_webrtcbin_H264",
        "webrtc",
    ] {
        let file = directory.join(format!("{name}_offer.sdp"));
        corpus.extend(fs::read(file).expect("the corpus is in the crate"));
    }
    let lines: Vec<&[u8]> = corpus.split_inclusive(|byte| *byte == b'\n').collect();
    let mut numbers = RandomNumbers(0x5d9);
    let mut rejected = 0;
    for _ in 0..100_000 {
        // A header and a few lines of any kind make a short description; short ones are quick to read.
        let mut bytes = lines[..5].concat();
        for _ in 0..3 {
            bytes.extend_from_slice(lines[numbers.below(lines.len())]);
        }
        numbers.mutate(&mut bytes);
        rejected += usize::from(explain(&String::from_utf8_lossy(&bytes)).is_err());
    }
    assert!(
        (1_000..99_000).contains(&rejected),
        "most damage is found, and none causes a panic: {rejected} rejected"
    );
}

#[test]
fn a_description_of_sixteen_thousand_sections_is_explained_whole() {
    let _rule = EXPLAIN.rule("2-3: the time to explain a description grows with its lines");
    // Thirty thousand lines for all of sixteen thousand sections: looking through one for each of the other
    // would take minutes.
    let text = format!(
        "v=0\n{}{}",
        "a=x\n".repeat(30_000),
        "m=a 9\n".repeat(16_000)
    );
    let explanation = explain(&text).expect("each line has its type");
    assert_eq!(explanation.lines.len(), 46_001);
}
