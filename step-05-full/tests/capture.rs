//! `--pcap`: a file of packets that Wireshark reads.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;
mod stage;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use pcap_file::pcapng::{Block, PcapNgReader};
use rtc::rtp;
use rtc::shared::marshal::Unmarshal;
use rule::Rules;
use stage::{camera, until};
use step_01_capture::Timeline;
use step_01_capture::call_log::EventKind;
use step_01_capture::latest_frame::latest_frame;
use step_02_peer::PeerConfig;
use step_03_ice::capture::capture_file::CaptureFile;
use step_03_ice::observing::wire_packet::WirePacket;
use step_05_full::call::{Call, LocalVideo};
use step_05_full::figures::call_stats::CallStats;

const RULES: Rules = Rules::kept_in("step-03-ice/src/capture/ and observing/captured_peer.rs");

/// IPv4 and UDP.
const HEADERS: usize = 28;

/// A call with a few frames, its packets in a file.
async fn call(name: &str) -> (PathBuf, Timeline, CallStats) {
    let file = format!("step-05-full-{name}-{}.pcapng", std::process::id());
    let path = std::env::temp_dir().join(file);
    let capture = CaptureFile::create(&path).expect("the folder for temporary files is there");
    let timeline = Timeline::new();
    let stream = camera(&timeline);
    let config = PeerConfig {
        capture: Some(capture.packets()),
        ..PeerConfig::loopback()
    };
    let (writer, _remote) = latest_frame();
    let call = Call::start(LocalVideo::new(&stream, 1), config, &timeline, writer).await;
    let call = call.expect("1-1: both peers can be made");
    until(&call, "ten decoded frames", |stats| {
        stats.frames.decoded >= 10
    })
    .await;
    let (stats, ended) = call.hang_up().await;
    ended.expect("the call ends in order");
    assert!(!path.exists(), "the file has its name when it is whole");
    capture.finish().expect("there is room for it");
    (path, timeline, stats)
}

/// The contents of the UDP packets, in order.
fn packets(path: &Path) -> Vec<Vec<u8>> {
    let file = File::open(path).expect("the file was written");
    let mut reader = PcapNgReader::new(file).expect("it is a capture");
    let (mut packets, mut last) = (Vec::new(), None);
    while let Some(block) = reader.next_block() {
        if let Block::EnhancedPacket(packet) = block.expect("every block is whole") {
            assert!(
                last <= Some(packet.timestamp),
                "in the order of their times"
            );
            last = Some(packet.timestamp);
            packets.push(packet.data[HEADERS..].to_vec());
        }
    }
    packets
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_packet_is_in_the_file_once_and_media_is_in_the_clear() {
    let _rule = RULES.rule("a packet between two peers of one program is captured once");
    let (path, timeline, stats) = call("once").await;
    let packets = packets(&path);
    let _ = std::fs::remove_file(&path);
    let sent = |name| -> u64 {
        let counts = timeline.call_log().counts().into_iter();
        let sent = counts.filter(|it| it.kind == EventKind::Sent && it.name == name);
        sent.map(|count| count.total).sum()
    };
    let of = |first: std::ops::RangeInclusive<u8>| {
        let first = move |packet: &&Vec<u8>| packet.first().is_some_and(|it| first.contains(it));
        packets.iter().filter(first).count() as u64
    };
    assert_eq!(of(0..=3), sent("STUN"), "STUN as it was sent");
    assert_eq!(of(20..=63), sent("DTLS"), "DTLS as it was sent");
    let (media, of_media) = (
        of(128..=191),
        sent("RTP") + sent("RTCP") + sent("NACK") + sent("PLI"),
    );
    // What is made while the peers close is in the file, and no socket sends it any more.
    assert!(
        (of_media..of_media + 4).contains(&media),
        "{media} packets of media in the file, {of_media} sent"
    );
    // A STAP-A with SPS and PPS begins the first key frame. Encrypted, it would be anything.
    let is_rtp =
        |packet: &&Vec<u8>| matches!(WirePacket::read(packet), Some(WirePacket::Rtp { .. }));
    let mut payload = &packets.iter().find(is_rtp).expect("2-5: video was sent")[..];
    rtp::Header::unmarshal(&mut payload).expect("it has a header");
    assert_eq!(payload[0] & 0x1f, 24, "STAP-A: {:x?}", &payload[..4]);
    assert!(stats.frames.decoded >= 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tshark_finds_checks_the_handshake_and_h264() {
    let _rule = RULES.rule("Wireshark reads the file");
    let (path, ..) = call("tshark").await;
    let fields = |options: &[&str], filter: &str| -> Option<usize> {
        let mut tshark = Command::new("tshark");
        tshark
            .arg("-r")
            .arg(&path)
            .args(options)
            .args(["-Y", filter]);
        let output = tshark.output().ok()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "tshark does not read it: {errors}");
        Some(String::from_utf8_lossy(&output.stdout).lines().count())
    };
    // As chapter 5 has them.
    let media = [
        "--disable-protocol",
        "dtls",
        "--enable-heuristic",
        "rtp_udp",
        "-d",
        "rtp.pt==102,h264",
    ];
    let found = [
        ("binding requests", fields(&[], "stun.type == 0x0001")),
        ("ClientHello", fields(&[], "dtls.handshake.type == 1")),
        ("parameter sets", fields(&media, "h264.nal_unit_hdr == 24")),
        ("H.264", fields(&media, "rtp.p_type == 102 && h264")),
    ];
    let malformed = fields(&media, "_ws.malformed");
    let _ = std::fs::remove_file(&path);
    for (what, number) in found {
        match number {
            Some(number) => assert!(number > 0, "no {what}"),
            None => println!("SKIPPED: tshark is not installed"),
        }
    }
    assert!(
        matches!(malformed, None | Some(0)),
        "{malformed:?} malformed packets"
    );
}
