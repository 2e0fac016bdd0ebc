//! `--report`: which figures there are, and what stands for one that was never measured.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;
mod stage;

use rule::Rules;
use serde_json::Value;
use stage::{camera, until};
use step_01_capture::Timeline;
use step_01_capture::latest_frame::latest_frame;
use step_02_peer::PeerConfig;
use step_05_full::call::{Call, LocalVideo};
use step_05_full::figures::call_stats::CallStats;
use step_05_full::figures::report::{Report, SourceReport};

const RULES: Rules = Rules::kept_in("step-05-full/src/figures/report.rs");
const STATS: Rules = Rules::kept_in("step-05-full/src/figures/call_stats.rs");

/// Leaves the shape and the nulls: a figure becomes `[figure]`, the ports of a pair go.
fn masked(value: Value) -> Value {
    match value {
        Value::Number(_) => "[figure]".into(),
        Value::String(text) if text.contains("127.0.0.1:") => "host <-> host".into(),
        Value::Array(items) => items.into_iter().map(masked).collect(),
        Value::Object(fields) => {
            let fields = fields
                .into_iter()
                .map(|(name, value)| (name, masked(value)));
            Value::Object(fields.collect())
        }
        other => other,
    }
}

fn shape(report: &Report) -> String {
    let mut value = masked(serde_json::to_value(report).expect("a report is JSON"));
    // One transition is like another.
    if let Some(Value::Array(transitions)) = value.get_mut("transitions") {
        transitions.truncate(1);
    }
    serde_json::to_string_pretty(&value).expect("JSON can be printed")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_figure_of_a_call_is_in_the_report() {
    let _rule = RULES.rule("1-1 to 2-5: --report has every figure of a call");
    let timeline = Timeline::new();
    let stream = camera(&timeline);
    let (frames, _remote) = latest_frame();
    let video = LocalVideo::new(&stream, 1);
    let call = Call::start(video, PeerConfig::loopback(), &timeline, frames).await;
    let call = call.expect("1-1: both peers can be made (see step-05-full/src/actions.rs)");
    until(&call, "three decoded frames", |stats| {
        stats.frames.decoded >= 3
    })
    .await;
    let (stats, _) = call.hang_up().await;
    let report = Report::new(Some(SourceReport::of(&stream)), &[stats], &timeline);
    insta::assert_snapshot!(shape(&report));
}

#[test]
fn a_figure_that_was_never_measured_is_null() {
    let _rule = RULES.rule("a figure that was never measured is null, not 0");
    let report = Report::new(None, &[CallStats::default()], &Timeline::new());
    insta::assert_snapshot!(shape(&report));
}

#[test]
fn the_section_of_a_call_that_never_connected_says_so() {
    let _rule = STATS.rule("1-5: a call that never connected says so");
    let stats = CallStats {
        failure: Some("local connection: failed".to_owned()),
        ..CallStats::default()
    };
    insta::assert_snapshot!(stats, @r"
    Setup time          never connected
    first remote frame  never came
    frames              0 captured, 0 sent, 0 decoded
    latency             none
    bitrate             none
    selected pair       none
    failure             local connection: failed
    ");
    insta::assert_snapshot!(stats.status_line(), @"Setup time: ...   latency: ...   frames: 0 of 0");
}
