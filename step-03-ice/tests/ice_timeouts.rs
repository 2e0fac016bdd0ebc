//! 1-5: how long ICE waits for answers. The clock is virtual (RFC 7675 §5.1, W3C webrtc-pc §5.6.4).

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;
mod video;
mod virtual_time;

use std::time::Duration;

use rule::Rules;
use step_02_peer::{CONNECTION, ICE};
use step_03_ice::{FaultySignaling, signaling_channel};
use video::video;
use virtual_time::VirtualPair;

const RULES: Rules = Rules::kept_in("ice_timeouts in step-02-peer/src/peer_config.rs");

/// The file to open when a test fails.
const SEE: &str = "see ice_timeouts in step-02-peer/src/peer_config.rs";

/// After the last answer, a peer without any is `disconnected`.
const DISCONNECTED: Duration = Duration::from_secs(5);
/// After another 25 seconds it is `failed`.
const FAILED: Duration = Duration::from_secs(25);
/// The interval between checks of the selected pair: the last answer may be so old when the cable is unplugged.
const KEEP_ALIVE: Duration = Duration::from_secs(2);

/// The clocks move in steps, and a state is seen at the end of one.
const TOLERANCE: Duration = Duration::from_millis(300);

#[tokio::test]
async fn without_a_candidate_ice_fails_half_a_minute_after_it_began() {
    let _rule = RULES.rule("1-5: iceConnectionState checking => failed when no pair was answered");
    let video = video();
    let channel = FaultySignaling::LosesCandidates.channel();
    let mut pair = VirtualPair::call(&video.outgoing, channel).await;
    pair.until(ICE, "checking").await;
    let checking = pair.until(ICE, "failed").await;
    let expected = DISCONNECTED + FAILED;
    assert!(
        (expected..expected + TOLERANCE).contains(&checking),
        "1-5: checking => failed after {expected:?}, not {checking:?}; {SEE}"
    );
    insta::assert_snapshot!(pair.close().await, @r"
    local  connection: new => connecting => failed => closed
    local  gathering: new => gathering => complete
    local  ice: new => checking => failed => closed
    local  signaling: stable => have-local-offer => stable => closed
    remote connection: new => connecting => failed => closed
    remote gathering: new => gathering => complete
    remote ice: new => checking => failed => closed
    remote signaling: stable => have-remote-offer => stable => closed
    ");
}

#[tokio::test]
async fn without_answers_ice_is_disconnected_after_five_seconds_and_failed_after_thirty() {
    let _rule =
        RULES.rule("1-5: iceConnectionState connected => disconnected => failed when there are no answers (RFC 7675 §5.1)");
    let video = video();
    let mut pair = VirtualPair::call(&video.outgoing, signaling_channel()).await;
    pair.until(CONNECTION, "connected").await;
    pair.cable.unplug();
    let connected = pair.until(ICE, "disconnected").await;
    assert!(
        (DISCONNECTED - KEEP_ALIVE..DISCONNECTED + TOLERANCE).contains(&connected),
        "1-5: connected => disconnected {DISCONNECTED:?} after the last answer, which came up to {KEEP_ALIVE:?} before \
         the cable was unplugged, not {connected:?}; {SEE}"
    );
    let disconnected = pair.until(ICE, "failed").await;
    assert!(
        (FAILED - TOLERANCE..FAILED + TOLERANCE).contains(&disconnected),
        "1-5: disconnected => failed after {FAILED:?}, not {disconnected:?}; {SEE}"
    );
    insta::assert_snapshot!(pair.close().await, @r"
    local  connection: new => connecting => connected => disconnected => failed => closed
    local  gathering: new => gathering => complete
    local  ice: new => checking => connected => disconnected => failed => closed
    local  signaling: stable => have-local-offer => stable => closed
    remote connection: new => connecting => connected => disconnected => failed => closed
    remote gathering: new => gathering => complete
    remote ice: new => checking => connected => disconnected => failed => closed
    remote signaling: stable => have-remote-offer => stable => closed
    ");
}

#[tokio::test]
async fn ice_is_connected_again_when_the_answers_come_back() {
    let _rule =
        RULES.rule("1-5: iceConnectionState disconnected => connected when answers come back");
    let video = video();
    let mut pair = VirtualPair::call(&video.outgoing, signaling_channel()).await;
    pair.until(CONNECTION, "connected").await;
    pair.cable.unplug();
    pair.until(ICE, "disconnected").await;
    pair.cable.plug_in();
    pair.until(CONNECTION, "connected").await;
    insta::assert_snapshot!(pair.close().await, @r"
    local  connection: new => connecting => connected => disconnected => connected => closed
    local  gathering: new => gathering => complete
    local  ice: new => checking => connected => disconnected => connected => closed
    local  signaling: stable => have-local-offer => stable => closed
    remote connection: new => connecting => connected => disconnected => connected => closed
    remote gathering: new => gathering => complete
    remote ice: new => checking => connected => disconnected => connected => closed
    remote signaling: stable => have-remote-offer => stable => closed
    ");
}

#[tokio::test]
async fn a_call_in_which_nothing_is_sent_stays_connected() {
    let video = video();
    let mut pair = VirtualPair::call(&video.outgoing, signaling_channel()).await;
    pair.until(CONNECTION, "connected").await;
    pair.pass(DISCONNECTED + FAILED + KEEP_ALIVE).await;
    for peer in ["local", "remote"] {
        assert_eq!(
            pair.timeline.state(peer, ICE).as_deref(),
            Some("connected"),
            "1-5: {peer} checks the selected pair again and again, and that is enough; {SEE}"
        );
    }
    pair.close().await;
}
