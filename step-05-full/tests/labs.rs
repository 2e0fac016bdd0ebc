//! The labs: what breaks, and what the reader sees of it.

#[path = "../../step-02-peer/tests/mystery/mod.rs"]
mod mystery;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;
mod stage;

use rule::Rules;
use stage::camera;
use step_01_capture::Timeline;
use step_01_capture::program::stop_signal::{StopReason, StopSignal};
use step_02_peer::labs::mystery::faults;
use step_05_full::labs::lab_report::LabReport;
use step_05_full::labs::screen::Screen;
use step_05_full::labs::{Lab, list};

const LOSS: Rules = Rules::kept_in("step-05-full/src/labs/loss.rs");
const PAYLOAD_TYPE: Rules = Rules::kept_in("step-05-full/src/labs/wrong_payload_type.rs");
const KEY_FRAME: Rules = Rules::kept_in("step-05-full/src/labs/no_keyframe.rs");
const NARROW_LINE: Rules = Rules::kept_in("step-05-full/src/labs/narrow_line.rs");
const JITTER: Rules = Rules::kept_in("step-05-full/src/labs/jitter.rs");
const LABS: Rules = Rules::kept_in("step-05-full/src/labs/mod.rs");

async fn seen(lab: Lab, timeline: &Timeline) -> LabReport {
    let stream = camera(timeline);
    let (screen, _not_shown) = Screen::new();
    let stop = StopSignal::new();
    let report = lab.run(&stream, &screen, timeline, &stop).await;
    report.unwrap_or_else(|error| panic!("{lab:?} breaks one thing and nothing else: {error}"))
}

/// The numbers in the line that begins with `name`.
fn numbers(report: &LabReport, name: &str) -> Vec<u64> {
    let line = report.seen.lines().find(|line| line.starts_with(name));
    let line = line.unwrap_or_else(|| panic!("{name:?} is missing:\n{}", report.seen));
    let words = line.split(|c: char| !c.is_ascii_digit());
    words.filter_map(|word| word.parse().ok()).collect()
}

/// All labs connect, and end in order.
const TRANSITIONS: &str = "\
local  connection: new => connecting => connected => closed
local  gathering: new => gathering => complete
local  ice: new => checking => connected => closed
local  signaling: stable => have-local-offer => stable => closed
local  track: live => ended
remote connection: new => connecting => connected => closed
remote gathering: new => gathering => complete
remote ice: new => checking => connected => closed
remote signaling: stable => have-remote-offer => stable => closed
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_packets_are_asked_for_and_sent_again() {
    let _rule = LOSS
        .rule("a NACK asks for a lost packet (RFC 4585 §6.2.1), a PLI for a key frame (§6.3.1)");
    let timeline = Timeline::new();
    let report = seen(Lab::Loss(20), &timeline).await;
    assert_eq!(
        timeline.to_string(),
        TRANSITIONS,
        "a lost packet changes no state"
    );
    let [sent, lost, ..] = numbers(&report, "RTP packets")[..] else {
        panic!("{}", report.seen);
    };
    assert!(
        sent > 0,
        "2-5: a connected call sends RTP packets; see step-05-full/src/labs/loss.rs: {}",
        report.seen
    );
    let share = lost * 100 / sent;
    assert!(
        (5..=40).contains(&share),
        "20 % were wanted: {}",
        report.seen
    );
    let [nacks, _, again] = numbers(&report, "NACK")[..] else {
        panic!("{}", report.seen);
    };
    assert!(
        nacks > 0 && again > 0,
        "NACK, RFC 4585 §6.2.1: {}",
        report.seen
    );
    let [frames, decoded, key_frames, given_up] = numbers(&report, "frames")[..] else {
        panic!("{}", report.seen);
    };
    assert!(
        key_frames > 0 && decoded > key_frames,
        "the video goes on: {}",
        report.seen
    );
    assert_eq!(decoded + given_up, frames, "{}", report.seen);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packets_that_are_lost_in_a_row_are_asked_for_together() {
    let _rule = LOSS.rule("one NACK names several packets (RFC 4585 §6.2.1)");
    let timeline = Timeline::new();
    let report = seen(Lab::BurstLoss, &timeline).await;
    assert_eq!(timeline.to_string(), TRANSITIONS);
    let [nacks, packets, _] = numbers(&report, "NACK")[..] else {
        panic!("{}", report.seen);
    };
    assert!(2 * packets > 3 * nacks, "packets, NACKs: {}", report.seen);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_line_becomes_narrow_the_sender_asks_for_fewer_bits() {
    let _rule = NARROW_LINE.rule("the estimate follows the line down");
    let timeline = Timeline::new();
    let report = seen(Lab::BandwidthDrop, &timeline).await;
    assert_eq!(timeline.to_string(), TRANSITIONS);
    let asked = numbers(&report, "asked for");
    let (before, after) = (asked[4], asked[9]);
    assert!(2 * before > 3 * after, "{before}, {after}: {}", report.seen);
    let [without, with] = ["without control", "with control"].map(|name| numbers(&report, name));
    assert!(without[4] > 4 * with[4], "packets lost: {}", report.seen);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_narrow_line_control_loses_fewer_packets_and_decodes_more_frames() {
    let _rule = NARROW_LINE.rule("the sender asks for no more bits than the line carries");
    let timeline = Timeline::new();
    let report = seen(Lab::Bandwidth(300), &timeline).await;
    assert_eq!(
        timeline.to_string(),
        TRANSITIONS,
        "the line changes no state"
    );
    let without = numbers(&report, "without control");
    let with = numbers(&report, "with control");
    let decoded = (without[1], with[1]);
    assert!(decoded.0 < decoded.1, "frames: {}", report.seen);
    let lost = (*without.last().unwrap_or(&0), *with.last().unwrap_or(&0));
    assert!(lost.0 > 10 * lost.1, "packets: {}", report.seen);
    let asked = numbers(&report, "asked for");
    let last = asked.last().copied().unwrap_or_default();
    assert!((50..=330).contains(&last), "of 300 kbit/s: {}", report.seen);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_jitter_buffer_holds_frames_as_long_as_they_are_late() {
    let _rule = JITTER.rule("the delay follows the jitter (RFC 3550 §6.4.1)");
    let timeline = Timeline::new();
    let report = seen(Lab::Jitter(80), &timeline).await;
    assert_eq!(timeline.to_string(), TRANSITIONS);
    let (without, with) = (numbers(&report, "without"), numbers(&report, "with "));
    assert_eq!(without[1], 0, "nothing waits: {}", report.seen);
    assert!(with[1] > 20, "frames wait: {}", report.seen);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payload_type_that_was_not_negotiated_is_sent_nowhere_and_no_error_is_returned() {
    let _rule = PAYLOAD_TYPE
        .rule("2-1 to 2-5: offer and answer agree on the payload types (RFC 3264 §6.1)");
    let timeline = Timeline::new();
    let report = seen(Lab::WrongPayloadType, &timeline).await;
    assert_eq!(
        timeline.to_string(),
        TRANSITIONS,
        "the peers are connected all the time"
    );
    let (wrong, right) = (
        numbers(&report, "payload type 103"),
        numbers(&report, "payload type 102"),
    );
    assert!(
        wrong[1] > 0 && wrong[3] == 0,
        "write_rtp() says Ok: {}",
        report.seen
    );
    assert!(right[1] > 0 && right[3] == 0, "{}", report.seen);
    let lines: Vec<&str> = report.seen.lines().collect();
    assert!(
        lines[1].ends_with("no track event, nothing arrives"),
        "{}",
        report.seen
    );
    assert!(
        lines[2].ends_with("track: the remote video arrives"),
        "{}",
        report.seen
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_key_frame_packets_arrive_and_no_frame_is_decoded() {
    let _rule = KEY_FRAME
        .rule("a PLI asks for the key frame without which nothing is shown (RFC 4585 §6.3.1)");
    let timeline = Timeline::new();
    let report = seen(Lab::NoKeyframe, &timeline).await;
    assert_eq!(timeline.to_string(), TRANSITIONS);
    let before = numbers(&report, "no PLI answered");
    assert!(
        before[0] > 0 && before[1] > 1 && before[2] == 0,
        "{}",
        report.seen
    );
    let after = numbers(&report, "PLI answered");
    assert!(
        after[2] > 0,
        "one key frame is enough (RFC 4585 §6.3.1): {}",
        report.seen
    );
    assert_eq!(numbers(&report, "key frames lost"), [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mystery_is_solved_by_its_right_answer_and_by_no_other() {
    let _rule = LABS.rule("each mistake leaves a line that no other mistake leaves");
    for fault in faults::<Lab>() {
        let timeline = Timeline::new();
        let (stream, stop) = (camera(&timeline), StopSignal::new());
        let (screen, _not_shown) = Screen::new();
        let report = fault.run_unnamed(&stream, &screen, &timeline, &stop).await;
        let shown = report
            .unwrap_or_else(|error| panic!("{fault:?}: {error}"))
            .to_string();
        mystery::assert_solved_by_one_answer(fault, &shown);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lab_ends_early_when_the_reader_interrupts_it() {
    let _rule = LABS.rule("an interrupt ends a lab in order");
    let timeline = Timeline::new();
    let (stream, stop) = (camera(&timeline), StopSignal::new());
    stop.stop(StopReason::Interrupted);
    for lab in [Lab::Loss(1), Lab::WrongPayloadType, Lab::NoKeyframe] {
        let (screen, _not_shown) = Screen::new();
        let report = lab.run(&stream, &screen, &timeline, &stop).await;
        assert!(report.is_ok(), "{lab:?}: {report:?}");
    }
}

#[test]
fn a_number_has_the_unit_of_its_lab() {
    let _rule = LABS.rule("--lab loss=N, bandwidth=Nk and jitter=Nms take what can be shown");
    let lab = |text: &str| text.parse::<Lab>();
    assert_eq!(lab("loss=1"), Ok(Lab::Loss(1)));
    assert_eq!(lab("loss=50"), Ok(Lab::Loss(50)));
    assert_eq!(lab("bandwidth=1000k"), Ok(Lab::Bandwidth(1000)));
    assert_eq!(lab("jitter=40ms"), Ok(Lab::Jitter(40)));
    for wrong in [
        "bandwidth=300",
        "bandwidth=10k",
        "jitter=80",
        "jitter=1ms",
        "jitter=x",
    ] {
        assert!(lab(wrong).is_err(), "{wrong}");
    }
    assert_eq!(lab("list"), Ok(Lab::List));
    for wrong in ["loss=0", "loss=51", "loss=", "loss=ten", "loss=-1"] {
        assert!(lab(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn each_lab_is_found_by_its_name() {
    let _rule = LABS.rule("--lab NAME takes the names that --lab list prints");
    for (name, lab) in [
        ("burst-loss", Lab::BurstLoss),
        ("bandwidth-drop", Lab::BandwidthDrop),
        ("wrong-payload-type", Lab::WrongPayloadType),
        ("no-keyframe", Lab::NoKeyframe),
    ] {
        assert_eq!(name.parse(), Ok(lab));
        assert!(list().contains(name), "{}", list());
    }
}

#[test]
fn a_lab_ends_with_what_was_seen_and_why() {
    let _rule = LABS.rule("what was seen comes first, and then why it was so");
    let report = LabReport {
        seen: "packets  10 sent".to_owned(),
        explanation: "Nobody asked for them.",
    };
    let text = report.to_string();
    let places = [
        "What was seen",
        "packets  10 sent",
        "Why",
        "Nobody asked for them.",
    ]
    .map(|part| {
        text.find(part)
            .unwrap_or_else(|| panic!("{part:?} is missing:\n{text}"))
    });
    assert!(places.is_sorted(), "{text}");
}
