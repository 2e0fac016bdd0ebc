//! `--report`: what the ladder says of media is what the sockets carried.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;
mod stage;

use rule::Rules;
use serde_json::Value;
use stage::{camera, until};
use step_01_capture::Timeline;
use step_01_capture::call_log::EventKind;
use step_01_capture::latest_frame::latest_frame;
use step_02_peer::{PeerConfig, RuntimeLayer, tokio_runtime};
use step_03_ice::report::ladder::{Ladder, Row};
use step_03_ice::report::page::{Language, page};
use step_03_ice::report::run_report::{Environment, RunReport};
use step_04_sdp::explain::explanation_or_text;
use step_05_full::call::{Call, LocalVideo};
use step_05_full::figures::call_stats::CallStats;
use step_05_full::figures::plots::PLOTS;
use step_05_full::labs::line::LineSettings;
use step_05_full::labs::lossy_network::LossyNetwork;
use step_05_full::labs::wire::WireCounts;

const RULES: Rules =
    Rules::kept_in("step-03-ice/src/report/ladder.rs and observing/datagram_log.rs");
const SIZE: Rules = Rules::kept_in("step-01-capture/src/call_log/mod.rs");

/// A call over a network that loses some of 100 packets.
async fn call(percent: u8, frames: u64) -> (Timeline, CallStats, WireCounts) {
    let timeline = Timeline::new();
    let stream = camera(&timeline);
    let line = LineSettings {
        loss: f64::from(percent) / 100.0,
        ..LineSettings::default()
    };
    let network = LossyNetwork::new(tokio_runtime(), line);
    let config = PeerConfig {
        runtime: Some(network.clone().into_runtime()),
        prompt: true,
        ..PeerConfig::loopback()
    };
    let (writer, _remote) = latest_frame();
    let video = LocalVideo::new(&stream, 1);
    let call = Call::start(video, config, &timeline, writer).await;
    let call = call.expect("1-1: both peers can be made");
    until(&call, "decoded frames", |stats| {
        stats.frames.decoded >= frames
    })
    .await;
    let (stats, ended) = call.hang_up().await;
    ended.expect("the call ends in order");
    (timeline, stats, network.counts())
}

fn sent(timeline: &Timeline, names: &[&str]) -> u64 {
    let counts = timeline.call_log().counts().into_iter();
    let of_names = counts.filter(|it| it.kind == EventKind::Sent && names.contains(&it.name));
    of_names.map(|count| count.total).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_counts_are_those_of_the_sockets_below() {
    let _rule = RULES.rule("each packet of media is counted once, lost or not");
    let (timeline, _, wire) = call(20, 20).await;
    assert_eq!(sent(&timeline, &["RTP", "RTP again"]), wire.rtp, "RTP");
    assert_eq!(
        sent(&timeline, &["RTP again"]),
        wire.sent_again,
        "sent again"
    );
    assert_eq!(sent(&timeline, &["NACK"]), wire.nacks, "RFC 4585 §6.2.1");
    assert_eq!(sent(&timeline, &["PLI"]), wire.plis, "RFC 4585 §6.3.1");
    let ladder = Ladder::new(&timeline, &str::to_owned);
    let nacks = ladder.rows.iter().filter(|row| row.label == "NACK").count();
    assert_eq!(
        nacks as u64,
        wire.nacks.min(100),
        "the first hundred are drawn"
    );
    let lost = |row: &&Row| row.lost && row.kind == "RTP";
    assert!(ladder.rows.iter().filter(lost).count() as u64 <= wire.rtp_lost);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_frame_is_in_the_series_and_each_key_frame_in_the_ladder() {
    let _rule = RULES.rule("the plots have every frame");
    let (timeline, stats, _) = call(0, 10).await;
    let series = timeline.call_log().all_series();
    let number = |names: &[&str]| -> usize {
        let of_names = series.iter().filter(|series| names.contains(&series.name));
        of_names.map(|series| series.samples.len()).sum()
    };
    let frames = stats.frames;
    let sent = number(&["frame sent, bytes", "key frame sent, bytes"]);
    assert_eq!(sent as u64, frames.sent, "sent");
    assert_eq!(
        number(&["frame decoded, bytes"]) as u64,
        frames.decoded,
        "decoded"
    );
    assert_eq!(
        number(&["latency, ms"]) as u64,
        frames.decoded,
        "in one process"
    );
    let ladder = Ladder::new(&timeline, &explanation_or_text);
    let decoded = |row: &&Row| row.label == "key frame decoded" && row.from == Some(1);
    let decoded = ladder.rows.iter().filter(decoded).count();
    assert_eq!(decoded as u64, frames.key_frames, "key frames");
    let explained = ladder
        .texts
        .iter()
        .any(|text| text.contains("Section 0: video"));
    assert!(
        explained,
        "2-2: a description is shown as --explain prints it"
    );
}

#[test]
fn the_page_of_ten_minutes_stays_below_five_megabytes() {
    let _rule = SIZE.rule("a long call fills neither the memory nor the page");
    let timeline = Timeline::new();
    let log = timeline.call_log();
    let route = (
        ([127, 0, 0, 1], 40000).into(),
        ([127, 0, 0, 1], 50000).into(),
    );
    for frame in 0..18_000_u32 {
        let bytes = f64::from(5000 + frame % 1000);
        log.sample("frames captured", 1.0);
        log.sample("frame sent, bytes", bytes);
        log.sample("frame decoded, bytes", bytes);
        log.sample("latency, ms", bytes / 1234.0);
        for name in ["RTP", "RTP again", "NACK", "PLI", "STUN", "DTLS"] {
            log.datagram("local", EventKind::Sent, name, route, &[0; 1200], 100);
        }
    }
    let environment = Environment::new("step-05-full", "0");
    let report = RunReport::new(environment, "", &timeline, str::to_owned);
    let page = page(&report, Language::En, PLOTS).expect("a report is JSON");
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    let json = serde_json::to_value(&report).expect("a report is JSON");
    let rows = json["ladder"]["rows"].as_array().map_or(0, Vec::len);
    assert_eq!(rows, 600, "the first hundred of each name");
    assert_eq!(
        json["counts"][0]["total"],
        Value::from(18_000),
        "all are counted"
    );
}
