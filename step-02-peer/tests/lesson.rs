//! What `cargo run -p step-02-peer` and its lab show.

mod mystery;
mod redact;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::time::Duration;

use clap::ValueEnum;
use redact::Redaction;
use rule::Rules;
use step_01_capture::display::DisplayChoice;
use step_01_capture::program::arguments::CommonArguments;
use step_01_capture::program::console::Console;
use step_01_capture::program::stop_signal::{StopReason, StopSignal};
use step_01_capture::{MediaStreamConstraints, SourceChoice, Timeline, get_user_media};
use step_02_peer::labs::lab_report::LabReport;
use step_02_peer::labs::mystery::{Mystery, MysteryArguments, faults};
use step_02_peer::labs::{self, Lab};
use step_02_peer::lesson::Lesson;
use step_02_peer::video_codec::VideoCodec;
use step_02_peer::{
    LocalVideoError, OutgoingVideo, PeerConfig, PeerIdentity, run_with_local_video, stopped,
};
use tokio::time::timeout;

const RULES: Rules = Rules::kept_in("step-02-peer/src/lesson.rs, labs/lab_report.rs and peer.rs");

/// The files to open when a test fails.
const LOOK: &str = "see step-02-peer/src/lesson.rs and labs/lab_report.rs";

/// A test that hangs is a defect.
const TIMEOUT: Duration = Duration::from_secs(10);

fn config() -> PeerConfig {
    PeerConfig {
        identity: Some(PeerIdentity {
            ice_ufrag: "ufrag".to_owned(),
            ice_pwd: "a-password-of-22-chars".to_owned(),
        }),
        ..PeerConfig::loopback()
    }
}

fn video() -> OutgoingVideo {
    let constraints = MediaStreamConstraints {
        source: SourceChoice::Pattern,
        ..MediaStreamConstraints::default()
    };
    let stream = get_user_media(&constraints, &Timeline::new());
    OutgoingVideo::new(
        &stream.expect("a test pattern always opens"),
        VideoCodec::H264,
        7,
    )
}

async fn lesson(stop: StopSignal) -> Lesson {
    let lesson = Lesson::run(video(), config(), Timeline::new(), stop);
    let lesson = timeout(TIMEOUT, lesson)
        .await
        .unwrap_or_else(|_| panic!("1-2 the lesson hangs; {LOOK}"));
    lesson.unwrap_or_else(|error| panic!("1-2 {error}; {LOOK}"))
}

#[tokio::test]
async fn the_lesson_shows_what_a_track_adds_to_the_offer() {
    let _rule = RULES.rule(
        "1-2: addTrack() fires negotiationneeded and adds an m=video section to the next offer",
    );
    let lesson = lesson(StopSignal::new()).await;
    assert!(
        lesson.negotiation_needed,
        "1-2 addTrack() fires negotiationneeded; {LOOK}"
    );
    let added: Vec<&str> = lesson.added_lines().collect();
    assert!(
        added.iter().any(|line| line.starts_with("m=video")),
        "1-2 addTrack() adds an m=video section; {LOOK}: {added:?}"
    );
    assert!(
        !added
            .iter()
            .any(|line| line.starts_with("o=") || line.starts_with("v=")),
        "1-2 the lines of the first offer, and its version, are no lines of the track; {LOOK}: {added:?}"
    );
    insta::assert_snapshot!(
        "lesson",
        redact_indented(Redaction::new(), &lesson.to_string())
    );
}

/// The same redaction for lines that are indented, and may begin with `+`.
fn redact_indented(mut redaction: Redaction, text: &str) -> String {
    let lines = text.lines().map(|line| {
        let bare = line.trim_start_matches([' ', '+']);
        let margin = &line[..line.len() - bare.len()];
        format!("{margin}{}", redaction.sdp(bare))
    });
    // webrtc 0.21 writes the extensions in any order.
    let mut lines: Vec<String> = lines.collect();
    for run in lines.chunk_by_mut(|a, b| a.contains("a=extmap:") && b.contains("a=extmap:")) {
        run.sort();
    }
    lines.join("\n")
}

#[tokio::test]
async fn a_lesson_that_is_stopped_closes_both_peers() {
    let stop = StopSignal::new();
    stop.stop(StopReason::Interrupted);
    let lesson = lesson(stop).await;
    assert_eq!(
        lesson.offer_after, "",
        "1-2 a lesson that is stopped does not wait for negotiationneeded; {LOOK}"
    );
    let states = lesson.timeline.to_string();
    for peer in ["local ", "remote"] {
        for machine in ["connection", "ice"] {
            let line = format!("{peer} {machine}: new => closed");
            assert!(
                states.lines().any(|found| found == line),
                "1-1 Ctrl-C closes both peers, and each has its states under its own name: \"{line}\"; {LOOK}:\n{states}"
            );
        }
    }
}

#[tokio::test]
async fn a_lesson_without_a_usable_address_returns_the_reason() {
    let config = PeerConfig {
        addresses: vec!["192.0.2.1:0".parse().expect("this is an address")],
        ..config()
    };
    let lesson = Lesson::run(video(), config, Timeline::new(), StopSignal::new()).await;
    let message = lesson
        .err()
        .map_or("the lesson ran".to_owned(), |error| error.to_string());
    assert!(
        message.starts_with("local: no peer connection on 192.0.2.1:0"),
        "1-1 a peer on 192.0.2.1 is PeerError::Create; {LOOK}: {message}"
    );
}

async fn lab(lab: Lab) -> LabReport {
    let lab = LabReport::run(lab, video(), config(), Timeline::new(), StopSignal::new());
    let lab = timeout(TIMEOUT, lab)
        .await
        .unwrap_or_else(|_| panic!("the lab hangs; {LOOK}"));
    lab.unwrap_or_else(|error| panic!("1-2 {error}; {LOOK}"))
}

#[tokio::test]
async fn without_a_track_there_is_nothing_to_connect() {
    let _rule = RULES.rule("1-2: without a track the offer has no m= section, and ICE stays new");
    let lab = lab(Lab::NoTrack).await;
    insta::assert_snapshot!(lab.timeline, @r"
    local  connection: new => closed
    local  gathering: new => gathering => complete
    local  ice: new => closed
    local  signaling: stable => have-local-offer => closed
    remote connection: new => closed
    remote gathering: new
    remote ice: new => closed
    remote signaling: stable => have-remote-offer => closed
    ");
    insta::assert_snapshot!(lab.rejection.as_deref().unwrap_or("accepted"), @"remote.setRemoteDescription(): set_remote_description called with no ice-ufrag");
    assert!(
        !lab.offer.contains("m="),
        "1-2 no track, no m= section; {LOOK}: {}",
        lab.offer
    );
    assert_eq!(
        lab.candidates, 1,
        "1-3 webrtc 0.21 gathers all the same; {LOOK}"
    );
    let printed = lab.to_string();
    for part in [
        "v=0",
        "negotiationneeded was not fired, and the offer has no m= section",
        "candidates that local found: 1",
        "ice: new => closed",
        "To avoid it",
    ] {
        assert!(
            printed.contains(part),
            "the lab prints {part:?}; {LOOK}:\n{printed}"
        );
    }
}

#[tokio::test]
async fn a_lab_that_is_stopped_closes_both_peers() {
    let stop = StopSignal::new();
    stop.stop(StopReason::Interrupted);
    let lab = LabReport::run(Lab::NoTrack, video(), config(), Timeline::new(), stop).await;
    let lab = lab.unwrap_or_else(|error| panic!("1-2 {error}; {LOOK}"));
    let states = lab.timeline.to_string();
    assert_eq!(
        lab.candidates, 0,
        "a lab that is stopped does not wait for candidates; {LOOK}"
    );
    for peer in ["local ", "remote"] {
        let line = format!("{peer} connection: new => closed");
        assert!(
            states.contains(&line),
            "Ctrl-C closes both peers; {LOOK}:\n{states}"
        );
    }
}

#[tokio::test]
async fn every_mystery_is_solved_by_its_right_answer_and_by_no_other() {
    let _rule = RULES.rule("each mistake leaves a line that no other mistake leaves");
    for fault in faults() {
        let report = lab(fault).await;
        let shown = LabReport {
            lab: None,
            ..report
        }
        .to_string();
        mystery::assert_solved_by_one_answer(fault, &shown);
    }
}

#[test]
fn an_answer_is_a_name_or_a_number_of_the_choices() {
    let choose = |answer: &str| {
        let answer = Some(answer.to_owned());
        let arguments = MysteryArguments {
            answer,
            seed: Some(1),
        };
        Mystery::<Lab>::choose(&arguments)
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    assert_eq!(choose("no-track"), Ok(()));
    assert_eq!(choose("3"), Ok(()));
    let error = "is no answer: write no-track, late-track, no-local-description";
    assert_eq!(choose("4"), Err(format!("\"4\" {error}")));
    assert_eq!(choose("list"), Err(format!("\"list\" {error}")));
}

#[test]
fn the_labs_are_listed_with_one_line_each() {
    insta::assert_snapshot!(labs::list::<Lab>(), @r"
    no-track                 Offer a call without addTrack(): nothing to negotiate, so ICE never starts
    mystery                  Make one of these mistakes, or another one, and find out which
    list                     Name the labs of this step
    ");
    assert_eq!(
        Lab::from_str("no-track", false),
        Ok(Lab::NoTrack),
        "--lab no-track"
    );
}

fn common() -> CommonArguments {
    CommonArguments {
        source: SourceChoice::Pattern,
        size: None,
        fps: None,
        display: DisplayChoice::None,
        seconds: Some(TIMEOUT),
        verbose: 0,
    }
}

#[test]
fn without_a_display_the_program_ends_with_its_lesson() {
    let stop = StopSignal::new();
    let ran = run_with_local_video::<_, std::fmt::Error, _>(
        &common(),
        "test",
        &Console::new(),
        &stop,
        |stream, _| {
            let label = stream.video_track().label().to_owned();
            async move { Ok(format!("video of {label}")) }
        },
    );
    assert!(ran.is_ok(), "see step-02-peer/src/program/local_video.rs");
    assert_eq!(
        stop.reason(),
        Some(StopReason::Done),
        "the program ends with its lesson, see step-02-peer/src/program/local_video.rs"
    );
}

#[test]
fn a_lesson_that_fails_ends_the_program_with_its_reason() {
    let ran = run_with_local_video::<String, _, _>(
        &common(),
        "test",
        &Console::new(),
        &StopSignal::new(),
        |_, _| async { Err("the lesson's own reason") },
    );
    assert!(
        matches!(ran, Err(LocalVideoError::Lesson("the lesson's own reason"))),
        "see step-02-peer/src/program/local_video.rs"
    );
}

#[test]
fn a_lesson_that_panics_ends_the_program_with_a_panic() {
    let common = CommonArguments {
        seconds: Some(Duration::from_millis(100)),
        ..common()
    };
    let panicked = std::panic::catch_unwind(|| {
        run_with_local_video::<String, std::fmt::Error, _>(
            &common,
            "test",
            &Console::new(),
            &StopSignal::new(),
            |_, _| async { panic!("an exercise that is not done") },
        )
    });
    assert!(
        panicked.is_err(),
        "the exit status of a program that panics is 101, see step-02-peer/src/program/local_video.rs"
    );
}

#[test]
fn a_source_that_does_not_open_ends_the_program_before_the_lesson() {
    let common = CommonArguments {
        source: SourceChoice::File("no-such.y4m".into()),
        ..common()
    };
    let ran = run_with_local_video::<String, std::fmt::Error, _>(
        &common,
        "test",
        &Console::new(),
        &StopSignal::new(),
        |_, _| async { panic!("there is no video to send") },
    );
    let message = ran.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(
        message.starts_with("NotFoundError"),
        "1-2 {message}, see step-02-peer/src/program/local_video.rs"
    );
}

#[tokio::test]
async fn a_lesson_can_wait_for_the_stop_signal() {
    let stop = StopSignal::new();
    let waiting = stopped(&stop);
    tokio::pin!(waiting);
    tokio::select! {
        biased;
        () = &mut waiting => panic!("nobody raised the signal, see step-02-peer/src/program/local_video.rs"),
        () = std::future::ready(()) => {}
    }
    stop.stop(StopReason::Interrupted);
    let ended = timeout(TIMEOUT, waiting).await;
    assert!(
        ended.is_ok(),
        "the signal was raised, see step-02-peer/src/program/local_video.rs"
    );
}
