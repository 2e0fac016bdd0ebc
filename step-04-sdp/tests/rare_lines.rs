//! Correct lines that no description of the corpus has: the snapshots contain the explanation of each.

use step_04_sdp::explain;

/// The description of one section whose `m=` line is `media`, with these attributes.
fn section(media: &str, attributes: &[&str]) -> String {
    let mut sdp = format!(
        "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nt=0 0\n{media}\na=mid:0\na=setup:actpass\n\
         a=ice-ufrag:abcd\na=ice-pwd:abcdefghijklmnopqrstuv\na=fingerprint:sha-256 AA:BB\n"
    );
    for attribute in attributes {
        sdp += &format!("a={attribute}\n");
    }
    sdp
}

/// The explanation of the last `count` lines: the line, its text, its writer, its effect, its source.
fn explained(sdp: &str, count: usize) -> String {
    let explanation = explain(sdp).unwrap_or_else(|error| panic!("{error}:\n{sdp}"));
    let lines = &explanation.lines[explanation.lines.len() - count..];
    let line = |l: &step_04_sdp::ExplainedLine| {
        format!(
            "{}\n    {}\n    [{}] {} ({})",
            l.line, l.text, l.written_by, l.effect, l.source
        )
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn attributes(media: &str, attributes: &[&str]) -> String {
    explained(&section(media, attributes), attributes.len())
}

#[test]
fn the_lines_of_one_letter() {
    let sdp = "v=0\no=ana 7 3 IN IP6 2001:db8::1\ns=A talk\ni=With video\nc=IN IP4 192.0.2.7\n\
               b=CT:1000\nb=RS:800\nb=RR:900\nb=X-YZ:5\nt=2873397496 2873404696\n\
               m=video 4000 RTP/AVP 34\nc=IN IP6 ::\nb=AS:512\nb=TIAS:500000\n";
    insta::assert_snapshot!(explained(sdp, 14));
}

#[test]
fn codecs_that_browsers_seldom_offer() {
    insta::assert_snapshot!(attributes(
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100 101 102 103 104 105 106",
        &[
            "rtpmap:96 H265/90000",
            "rtpmap:97 vp9/90000",
            "rtpmap:98 AV1/90000",
            "rtpmap:99 ulpfec/90000",
            "rtpmap:100 flexfec-03/90000",
            "rtpmap:101 red/90000",
            "rtpmap:102 G722/16000",
            "rtpmap:103 L16/44100/2",
            "rtpmap:104 L16/44100/1",
            "rtpmap:105 rtx/90000",
            "ptime:20",
            "maxptime:60",
        ],
    ));
}

#[test]
fn parameters_of_codecs() {
    insta::assert_snapshot!(attributes(
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100 101 102 0 8 9 13 77",
        &[
            "rtpmap:96 VP8/90000",
            "rtpmap:97 VP9/90000",
            "rtpmap:98 AV1/90000",
            "rtpmap:99 rtx/90000",
            "rtpmap:100 opus/48000/2",
            "rtpmap:101 telephone-event/8000",
            "rtpmap:102 red/90000",
            "fmtp:96 max-fs=3600;max-fr=30",
            "fmtp:97 max-fs=3600; max-fr=60; profile-id=0",
            "fmtp:97 profile-id=2",
            "fmtp:97 profile-id=1",
            "fmtp:98 profile=0;level-idx=5;tier=0",
            "fmtp:98 profile=1;level-idx=13;tier=1",
            "fmtp:98 level-idx=high",
            "fmtp:99 apt=96;rtx-time=3000",
            "fmtp:100 minptime=10;;maxplaybackrate=16000;stereo=1;useinbandfec=1;usedtx=1",
            "fmtp:100 stereo=0;useinbandfec=0;usedtx=0",
            "fmtp:101 0-15",
            "fmtp:101 0-11",
            "fmtp:102 96/97/98",
            "fmtp:0 x=1",
            "fmtp:8 x=1",
            "fmtp:9 x=1",
            "fmtp:13 x=1",
            "fmtp:77 x=1",
        ],
    ));
}

#[test]
fn parameters_of_h264() {
    let fmtp = [
        "profile-level-id=42001e",
        "profile-level-id=42401e",
        "profile-level-id=4d001f",
        "profile-level-id=4d801f",
        "profile-level-id=58001f",
        "profile-level-id=58801f",
        "profile-level-id=58c01f",
        "profile-level-id=640028",
        "profile-level-id=640428",
        "profile-level-id=640c28",
        "profile-level-id=6e0033",
        "profile-level-id=7a0033",
        "profile-level-id=f40033",
        "profile-level-id=010203",
        // Level 1b is level 1.1 with a flag, but only where that flag is free (RFC 6184 §8.1).
        "profile-level-id=42000b",
        "profile-level-id=42100b",
        "profile-level-id=4d100b",
        "profile-level-id=58100b",
        "profile-level-id=64100b",
        "profile-level-id=42e0",
        "profile-level-id=42e01g",
        "packetization-mode=0",
        "packetization-mode=1",
        "packetization-mode=2",
        "packetization-mode=3",
        "level-asymmetry-allowed=0",
        "level-asymmetry-allowed=1",
        "sprop-parameter-sets=Z0IACpZTBYmI,aMljiA==",
        "max-fs=3600",
        "max-mbps=108000",
        "max-br=1500",
    ];
    let mut lines = vec!["rtpmap:102 H264/90000".to_owned()];
    lines.extend(fmtp.iter().map(|parameter| format!("fmtp:102 {parameter}")));
    let sdp = section(
        "m=video 9 UDP/TLS/RTP/SAVPF 102",
        &lines.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    let explanation = explain(&sdp).unwrap_or_else(|error| panic!("{error}:\n{sdp}"));
    let fmtp_lines = &explanation.lines[explanation.lines.len() - fmtp.len()..];
    let texts: Vec<&str> = fmtp_lines.iter().map(|line| &line.text[..]).collect();
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn feedback_and_reports() {
    insta::assert_snapshot!(attributes(
        "m=video 9 UDP/TLS/RTP/SAVPF 102",
        &[
            "rtpmap:102 H264/90000",
            "rtcp:4001 IN IP4 192.0.2.7",
            "rtcp-mux-only",
            "rtcp-xr:voip-metrics",
            "rtcp-fb:* nack",
            "rtcp-fb:102 nack pli",
            "rtcp-fb:102 ccm fir",
            "rtcp-fb:102 ccm tmmbr",
            "rtcp-fb:102 goog-remb",
            "rtcp-fb:102 transport-cc",
            "rtcp-fb:102 app",
        ],
    ));
}

#[test]
fn extensions_in_one_direction() {
    let uri = "urn:ietf:params:rtp-hdrext:sdes:mid";
    let lines = [
        format!("extmap:1/sendonly {uri}"),
        format!("extmap:2/recvonly {uri}"),
        format!("extmap:3/inactive {uri}"),
        format!("extmap:4/sendrecv {uri}"),
        "extmap:5 urn:example:unheard-of with=parameters".to_owned(),
    ];
    insta::assert_snapshot!(attributes(
        "m=video 9 UDP/TLS/RTP/SAVPF 34",
        &lines.iter().map(String::as_str).collect::<Vec<_>>(),
    ));
}

#[test]
fn lines_of_ice() {
    insta::assert_snapshot!(attributes(
        "m=video 9 UDP/TLS/RTP/SAVPF 34",
        &[
            "ice-lite",
            "ice-pacing:50",
            "ice-options:ice2 renomination mine",
            "remote-candidates:1 192.0.2.7 4000",
            "candidate:1 1 udp 2130706431 2001:db8::7 4000 typ host",
            "candidate:1 1 udp 2130706431 0a1b2c3d.local 4000 typ host",
            "candidate:2 2 tcp 1845501695 203.0.113.7 4001 typ prflx raddr 192.0.2.7 rport 4000",
            "candidate:3 3 udp 16777215 198.51.100.9 3000 typ relay raddr 203.0.113.7 rport 4001",
            "end-of-candidates",
        ],
    ));
}

#[test]
fn lines_of_dtls() {
    insta::assert_snapshot!(attributes(
        "m=video 9 UDP/TLS/RTP/SAVPF 34",
        &[
            "setup:active",
            "setup:passive",
            "setup:holdconn",
            "tls-id:abc3de65cddef001be82",
            "identity:eyJpZHAi",
        ],
    ));
}

#[test]
fn tracks_and_ssrcs() {
    insta::assert_snapshot!(attributes(
        "m=video 9 UDP/TLS/RTP/SAVPF 34",
        &[
            "msid:-",
            "msid:- track",
            "msid:stream",
            "msid:stream track",
            "msid-semantic: WMS *",
            "ssrc:1 cname:ana",
            "ssrc:1 msid:- track",
            "ssrc:1 msid:stream track",
            "ssrc:1 msid:stream",
            "ssrc:1 mslabel:stream",
            "ssrc:1 label:track",
            "ssrc:1 x-colour:green",
            "ssrc-group:FID 1 2",
            "ssrc-group:FID 1 2 3",
            "ssrc-group:FEC-FR 1 2",
            "ssrc-group:FEC-FR 1",
            "ssrc-group:SIM 1 2 3",
            "rid:hi send",
            "rid:lo recv max-width=320 max-fps=15",
            "simulcast:send hi recv lo",
        ],
    ));
}

#[test]
fn groups_directions_and_sizes() {
    insta::assert_snapshot!(attributes(
        "m=video 9 UDP/TLS/RTP/SAVPF 34",
        &[
            "group:BUNDLE",
            "group:BUNDLE 0",
            "group:BUNDLE 0 1",
            "group:LS 0 1",
            "group:FID 0 1",
            "bundle-only",
            "sendrecv",
            "sendonly",
            "recvonly",
            "inactive",
            "sctp-port:5000",
            "max-message-size:0",
            "max-message-size:65536",
            "framerate:30",
            "imageattr:96 send [x=640,y=480]",
        ],
    ));
}

#[test]
fn an_answer_is_explained_as_an_answer() {
    let offer = section("m=video 9 UDP/TLS/RTP/SAVPF 34", &["sendrecv"]);
    let answer = offer.replace("actpass", "active");
    let effects = |sdp: &str| {
        let explanation = explain(sdp).unwrap_or_else(|error| panic!("{error}:\n{sdp}"));
        let of = |start: &str| {
            let line = explanation
                .lines
                .iter()
                .find(|line| line.line.starts_with(start));
            line.expect("the section has it").effect
        };
        format!("{}\n{}", of("m="), of("a=sendrecv"))
    };
    insta::assert_snapshot!(effects(&offer), @r"
    The other peer answers with a section in the same position: with the payload types that it supports, or with port 0 to reject the section.
    The other peer answers with the reverse direction or less: sendonly with recvonly or inactive, sendrecv with any.
    ");
    insta::assert_snapshot!(effects(&answer), @r"
    The other peer, the offerer, sends only what this list contains; the answerer prefers the first.
    The other peer sends only if this peer receives.
    ");
    let passive = offer.replace("actpass", "passive");
    assert_eq!(effects(&passive), effects(&answer), "RFC 8842 §5");
    // For all sections at once, in the lines of the session (RFC 8842 §5).
    let (setup, of_all) = ("a=setup:actpass\n", "t=0 0\na=setup:active\n");
    let in_session = offer.replace(setup, "").replace("t=0 0\n", of_all);
    assert_eq!(effects(&in_session), effects(&answer));
}

#[test]
fn a_long_list_of_codecs_is_cut_after_eight() {
    let text = |formats: &str| explained(&format!("v=0\nm=video 9 RTP/SAVP {formats}\n"), 1);
    let eight = text("0 8 9 13 34 35 36 37");
    assert!(eight.contains("36 (?), 37 (?).\n"), "{eight}");
    let ten = text("0 8 9 13 34 35 36 37 38 39");
    assert!(ten.contains("37 (?) and 2 more.\n"), "{ten}");
    assert!(ten.contains("video: RTP/SAVP. Port 9"), "{ten}");
    let data = explained("v=0\nm=application 9 DTLS/SCTP 5000\n", 1);
    assert!(
        data.contains("SCTP inside DTLS over UDP") && data.contains("Format: 5000."),
        "{data}"
    );
}

#[test]
fn malformed_lines_are_explained_with_the_expected_form() {
    let lines = [
        "o=me",
        "c=IN",
        "b=512",
        "m=video 9",
        "a=rtpmap:102",
        "a=rtpmap:102 H264",
        "a=fmtp:102",
        "a=rtcp-fb:102",
        "a=extmap:1",
        "a=fingerprint:sha-256",
        "a=setup:",
        "a=ice-options:",
        "a=candidate:1 1 udp",
        "a=ssrc:1",
        "a=ssrc-group:FID",
        "a=rid:hi",
        "a=rid:hi both",
    ];
    let expected = lines.map(|line| explained(&format!("v=0\n{line}\n"), 1));
    insta::assert_snapshot!(expected.join("\n"));
}
