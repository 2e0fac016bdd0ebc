//! Each lab makes its mistake, and the signaling states show it.

#[path = "../../step-02-peer/tests/mystery/mod.rs"]
mod mystery;
mod peers;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use peers::{SSRC, signaling_lines, stream};
use rule::Rules;
use step_01_capture::Timeline;
use step_02_peer::labs::mystery::faults;
use step_02_peer::{OutgoingVideo, VideoCodec};
use step_04_sdp::{Lab, NegotiationReport};

const RULES: Rules = Rules::kept_in("step-04-sdp/src/labs/mod.rs");
const CALLS: Rules = Rules::kept_in(rule::lesson_file!("step-04-sdp/src/", "offer_answer.rs"));

async fn run(lab: Lab) -> NegotiationReport {
    let video = OutgoingVideo::new(&stream(), VideoCodec::H264, SSRC);
    let report = lab.run(video, Timeline::new()).await;
    report.expect(
        "a call that fails goes into the report of the lab; see step-04-sdp/src/labs/mod.rs",
    )
}

#[tokio::test]
async fn answering_first_is_an_invalid_state_and_changes_no_state() {
    let _rule =
        CALLS.rule("2-4: createAnswer() in stable is an InvalidStateError (W3C webrtc-pc §4.4.2)");
    let report = run(Lab::AnswerFirst).await;
    insta::assert_snapshot!(signaling_lines(&report.timeline), @r"
    local  signaling: stable => closed
    remote signaling: stable => closed
    ");
    assert!(
        report
            .to_string()
            .contains("InvalidStateError: remote.createAnswer() in stable"),
        "{report}"
    );
}

#[tokio::test]
async fn without_the_remote_description_there_is_nothing_to_answer() {
    let _rule =
        CALLS.rule("1-5, 2-4: both calls need 2-3, setRemoteDescription() (W3C webrtc-pc §4.4.2)");
    let report = run(Lab::SkipRemoteDescription).await;
    insta::assert_snapshot!(signaling_lines(&report.timeline), @r"
    local  signaling: stable => have-local-offer => closed
    remote signaling: stable => closed
    ");
    let printed = report.to_string();
    assert!(
        printed.contains("remote.addIceCandidate(): remote description is not set"),
        "1-5: {printed}"
    );
    assert!(
        printed.contains("InvalidStateError: remote.createAnswer() in stable"),
        "2-4: {printed}"
    );
}

#[tokio::test]
async fn without_a_common_codec_the_answer_rejects_the_section_and_signaling_is_stable() {
    let _rule = CALLS.rule("2-4: an answer rejects a section with port 0 (RFC 3264 §6)");
    let report = run(Lab::NoCommonCodec).await;
    insta::assert_snapshot!(signaling_lines(&report.timeline), @r"
    local  signaling: stable => have-local-offer => stable => closed
    remote signaling: stable => have-remote-offer => stable => closed
    ");
    assert!(
        report.to_string().contains("m=video 0 "),
        "2-4: port 0 rejects a section: {report}"
    );
}

#[tokio::test]
async fn glare_is_ended_by_the_peer_that_rolls_back() {
    let _rule =
        CALLS.rule("2-3: have-local-offer goes back to stable by rollback (RFC 9429 §4.1.10.2)");
    let report = run(Lab::Glare).await;
    insta::assert_snapshot!(signaling_lines(&report.timeline), @r"
    local  signaling: stable => have-local-offer => closed
    remote signaling: stable => have-local-offer => stable => have-remote-offer => closed
    ");
}

#[test]
fn every_lab_is_listed_with_one_line() {
    let _rule = RULES.rule("2-1 to 2-5: each lab has a name and a line of its own");
    insta::assert_snapshot!(step_02_peer::labs::list::<Lab>());
}

#[tokio::test]
async fn every_mystery_is_solved_by_its_right_answer_and_by_no_other() {
    let _rule = RULES.rule("each mistake leaves a line that no other mistake leaves");
    for fault in faults() {
        let report = run(fault).await;
        mystery::assert_solved_by_one_answer(fault, &report.to_string());
    }
}
