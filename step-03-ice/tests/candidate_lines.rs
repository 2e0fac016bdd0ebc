//! The parts of a candidate line (RFC 8839 §5.1), and the lines that are rejected.

use step_03_ice::{Candidate, CandidateType};

const SEE: &str = "see step-03-ice/src/candidate.rs";

fn read(line: &str) -> Candidate {
    line.parse()
        .unwrap_or_else(|error| panic!("{line:?} is a candidate, but: {error}; {SEE}"))
}

fn rejection(line: &str) -> String {
    match line.parse::<Candidate>() {
        Ok(info) => panic!("{line:?} was read as {info:?}; {SEE}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn each_type_is_read_and_written_with_its_meaning() {
    let types = [
        ("host", CandidateType::Host),
        ("srflx", CandidateType::ServerReflexive),
        ("prflx", CandidateType::PeerReflexive),
        ("relay", CandidateType::Relay),
    ];
    for (name, kind) in types {
        assert_eq!(name.parse(), Ok(kind), "RFC 8839 §5.1; {SEE}");
        assert_eq!(kind.to_string(), name, "{SEE}");
    }
    let meanings = types.map(|(name, kind)| format!("{name:<5} {}", kind.meaning()));
    insta::assert_snapshot!(meanings.join("\n"), @r"
    host  an address of this machine
    srflx this machine as a STUN server sees it, outside of its NAT
    prflx this machine as the other peer sees it
    relay an address of a TURN server, which relays everything
    ");
}

#[test]
fn a_candidate_is_printed_with_the_parts_of_its_priority() {
    let relay = "candidate:f00+/ 1 UDP 16777215 198.51.100.9 3000 typ relay raddr 203.0.113.7 rport 4001 generation 0";
    insta::assert_snapshot!(read(relay), @r"
    relay 198.51.100.9:3000     an address of a TURN server, which relays everything
          behind it: 203.0.113.7:4001
          priority 16777215 = type 0 · 2^24 + local 65535 · 2^8 + 256 - component 1
          foundation f00+/, udp
    ");
    // `a=` may stand before it, as in a description, and blanks around it.
    let host = " a=candidate:1 2 tcp 2105458942 2001:db8::7 9 typ host tcptype active ";
    insta::assert_snapshot!(read(host), @r"
    host  [2001:db8::7]:9       an address of this machine
          priority 2105458942 = type 125 · 2^24 + local 32448 · 2^8 + 256 - component 2
          foundation 1, tcp
    ");
}

#[test]
fn a_related_address_needs_its_port() {
    let line = |extensions: &str| {
        read(&format!(
            "candidate:1 1 udp 1 192.0.2.1 1 typ srflx {extensions}"
        ))
    };
    let whole = Some(("10.0.0.2".to_owned(), 4000));
    assert_eq!(line("raddr 10.0.0.2 rport 4000").related, whole, "{SEE}");
    assert_eq!(
        line("rport 4000 raddr 10.0.0.2").related,
        whole,
        "in any order; {SEE}"
    );
    assert_eq!(
        line("x raddr raddr 10.0.0.2 rport 4000").related,
        whole,
        "pairs; {SEE}"
    );
    assert_eq!(line("raddr 10.0.0.2").related, None, "{SEE}");
    assert_eq!(line("rport 4000").related, None, "{SEE}");
}

#[test]
fn a_name_that_ends_in_local_may_replace_an_address() {
    let line = |address: &str| format!("candidate:1 1 udp 1 {address} 1 typ host");
    for name in ["0a1b-2c3d.local", "2001:db8::1", "192.0.2.1"] {
        assert_eq!(read(&line(name)).address, name, "{SEE}");
    }
    for wrong in [
        "example.org",
        "a_b.local",
        "a.b.local",
        "192.0.2.256",
        "local",
    ] {
        assert_eq!(
            rejection(&line(wrong)),
            format!("no candidate: address {wrong:?} is not possible"),
            "{SEE}"
        );
    }
}

#[test]
fn a_foundation_has_1_to_32_letters_of_ice() {
    let line = |foundation: &str| format!("candidate:{foundation} 1 udp 1 192.0.2.1 1 typ host");
    let longest = "aZ09+/".repeat(6)[..32].to_owned();
    assert_eq!(
        read(&line(&longest)).foundation,
        longest,
        "RFC 8839 §5.1; {SEE}"
    );
    for wrong in [format!("{longest}a"), String::new(), "a-b".to_owned()] {
        assert!(
            rejection(&line(&wrong)).starts_with("no candidate: foundation "),
            "{wrong:?}; {SEE}"
        );
    }
}

#[test]
fn a_rejection_names_the_word_that_is_wrong() {
    for (line, word) in [
        (
            "candidate:1 x udp 1 192.0.2.1 1 typ host",
            r#"component "x""#,
        ),
        (
            "candidate:1 1 u-p 1 192.0.2.1 1 typ host",
            r#"transport "u-p""#,
        ),
        (
            "candidate:1 1 udp -1 192.0.2.1 1 typ host",
            r#"priority "-1""#,
        ),
        (
            "candidate:1 1 udp 1 192.0.2.1 65536 typ host",
            r#"port "65536""#,
        ),
        (
            "candidate:1 1 udp 1 192.0.2.1 1 typ guest",
            r#"type "guest""#,
        ),
        (
            "candidate:1 1 udp 1 192.0.2.1 1 typ srflx raddr 10.0.0.2 rport x",
            r#"rport "x""#,
        ),
    ] {
        let expected = format!("no candidate: {word} is not possible");
        assert_eq!(rejection(line), expected, "{SEE}");
    }
    for line in [
        "",
        "1 1 udp 1 192.0.2.1 1 typ host",
        "candidate:1 1 udp 1 192.0.2.1 1 host",
    ] {
        assert!(
            rejection(line).starts_with(&format!("no candidate: {line:?}: expected")),
            "{SEE}"
        );
    }
    let long = "x".repeat(500);
    assert!(
        rejection(&long).len() < 300,
        "a stranger's line is cut; {SEE}"
    );
}
