//! Each lab breaks what it says, and shows it in the signaling states.

mod peers;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use peers::{SSRC, signaling_lines, stream};
use rule::Rules;
use step_01_capture::Timeline;
use step_02_peer::{OutgoingVideo, VideoCodec};
use step_04_sdp::{Lab, LabReport};

const RULES: Rules = Rules::kept_in("step-04-sdp/src/labs/mod.rs");
const CALLS: Rules = Rules::kept_in("step-04-sdp/src/offer_answer.rs");
const ROLLBACK: Rules = Rules::kept_in("step-04-sdp/src/rollback.rs");

async fn run(lab: Lab) -> LabReport {
    let video = OutgoingVideo::new(&stream(), VideoCodec::H264, SSRC);
    let report = lab.run(video, Timeline::new()).await;
    report.expect(
        "a lab tells of the calls that fail and fails not itself; see step-04-sdp/src/labs/mod.rs",
    )
}

#[tokio::test]
async fn answering_first_is_an_invalid_state_and_moves_nobody() {
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
    let told = report.to_string();
    assert!(
        told.contains("remote.addIceCandidate(): remote description is not set"),
        "1-5: {told}"
    );
    assert!(
        told.contains("InvalidStateError: remote.createAnswer() in stable"),
        "2-4: {told}"
    );
}

#[tokio::test]
async fn without_a_common_codec_the_answer_refuses_and_signaling_is_stable() {
    let _rule = CALLS.rule("2-4: an answer refuses a section with port 0 (RFC 3264 §6)");
    let report = run(Lab::NoCommonCodec).await;
    insta::assert_snapshot!(signaling_lines(&report.timeline), @r"
    local  signaling: stable => have-local-offer => stable => closed
    remote signaling: stable => have-remote-offer => stable => closed
    ");
    assert!(
        report.to_string().contains("m=video 0 "),
        "2-4: port 0 refuses a section: {report}"
    );
}

#[tokio::test]
async fn glare_is_ended_by_the_side_that_rolls_back() {
    let _rule =
        ROLLBACK.rule("2-3: have-local-offer goes back to stable by rollback (RFC 8829 §4.1.10.2)");
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
