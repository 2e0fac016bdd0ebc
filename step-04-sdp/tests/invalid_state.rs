//! A call at the wrong time is rejected with a hint.

mod peers;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use peers::Peers;
use rule::Rules;
use step_04_sdp::{
    NegotiationError, create_answer, create_offer, set_local_description, set_remote_description,
};

const RULES: Rules = Rules::kept_in(rule::lesson_file!(
    "step-04-sdp/src/",
    "offer_answer.rs and negotiation_call.rs"
));

const SEE: &str = rule::lesson_file!("see step-04-sdp/src/", "offer_answer.rs");

/// The message of a call that has to fail.
fn rejection<T>(result: Result<T, NegotiationError>, number: &str) -> String {
    match result {
        Err(NegotiationError::InvalidState(error)) => error.to_string(),
        Err(other) => panic!("{number}: expected InvalidStateError, got: {other}; {SEE}"),
        Ok(_) => panic!("{number}: expected InvalidStateError, but the call was accepted; {SEE}"),
    }
}

#[tokio::test]
async fn an_answer_cannot_be_made_before_there_is_an_offer() {
    let _rule = RULES.rule("2-4: createAnswer() in stable rejects with InvalidStateError");
    let peers = Peers::new().await;
    let rejected = rejection(create_answer(&peers.pair.remote).await, "2-4");
    insta::assert_snapshot!(rejected, @"InvalidStateError: remote.createAnswer() in stable: there is no offer to answer: setRemoteDescription(offer) comes first");
}

#[tokio::test]
async fn an_answer_cannot_be_set_when_nothing_was_offered() {
    let _rule = RULES.rule("2-5: an answer in stable rejects with InvalidStateError");
    let peers = Peers::new().await;
    let offer = create_offer(&peers.pair.local).await.expect("2-1");
    set_remote_description(&peers.pair.remote, offer)
        .await
        .expect("2-3");
    let answer = create_answer(&peers.pair.remote).await.expect("2-4");
    let rejected = rejection(
        set_remote_description(&peers.pair.local, answer.clone()).await,
        "2-5",
    );
    insta::assert_snapshot!(rejected, @"InvalidStateError: local.setRemoteDescription(answer) in stable: nothing was offered: createOffer() and setLocalDescription(offer) come first");
    let rejected = rejection(
        set_local_description(&peers.pair.local, answer).await,
        "2-4",
    );
    insta::assert_snapshot!(rejected, @"InvalidStateError: local.setLocalDescription(answer) in stable: there is no offer to answer: setRemoteDescription(offer) comes first");
}

#[tokio::test]
async fn a_peer_that_must_answer_cannot_make_an_offer() {
    let _rule = RULES.rule("2-1: an offer in have-remote-offer rejects with InvalidStateError");
    let peers = Peers::new().await;
    let offer = create_offer(&peers.pair.local).await.expect("2-1");
    set_remote_description(&peers.pair.remote, offer.clone())
        .await
        .expect("2-3");
    let rejected = rejection(create_offer(&peers.pair.remote).await, "2-1");
    insta::assert_snapshot!(rejected, @"InvalidStateError: remote.createOffer() in have-remote-offer: the other peer's offer is not answered: createAnswer() and setLocalDescription(answer) come next");
    let rejected = rejection(
        set_local_description(&peers.pair.remote, offer).await,
        "2-2",
    );
    insta::assert_snapshot!(rejected, @"InvalidStateError: remote.setLocalDescription(offer) in have-remote-offer: the other peer's offer is not answered: createAnswer() and setLocalDescription(answer) come next");
}

#[tokio::test]
async fn a_peer_that_made_the_offer_cannot_answer_it() {
    let _rule =
        RULES.rule("2-4: createAnswer() in have-local-offer rejects with InvalidStateError");
    let peers = Peers::new().await;
    let offer = create_offer(&peers.pair.local).await.expect("2-1");
    set_local_description(&peers.pair.local, offer)
        .await
        .expect("2-2");
    let rejected = rejection(create_answer(&peers.pair.local).await, "2-4");
    insta::assert_snapshot!(rejected, @"InvalidStateError: local.createAnswer() in have-local-offer: this peer made the offer itself: wait for the other's answer, or roll the offer back");
}

#[tokio::test]
async fn two_offers_at_once_are_glare() {
    let _rule =
        RULES.rule("2-3: a remote offer in have-local-offer rejects with InvalidStateError: glare");
    let peers = Peers::new().await;
    for peer in [&peers.pair.local, &peers.pair.remote] {
        let offer = create_offer(peer).await.expect("2-1");
        set_local_description(peer, offer).await.expect("2-2");
    }
    let offer = peers
        .pair
        .local
        .connection()
        .pending_local_description()
        .await
        .expect("2-2 left it pending");
    let rejected = rejection(
        set_remote_description(&peers.pair.remote, offer).await,
        "2-3",
    );
    insta::assert_snapshot!(rejected, @"InvalidStateError: remote.setRemoteDescription(offer) in have-local-offer: both peers have made an offer: one of them rolls its own back with setLocalDescription(rollback), as browsers do by themselves");
}

#[tokio::test]
async fn there_must_be_an_offer_to_roll_back() {
    let _rule = RULES.rule("2-2: rollback in stable rejects with InvalidStateError");
    let peers = Peers::new().await;
    let rejected = rejection(
        set_local_description(&peers.pair.local, peers::rollback()).await,
        "rollback",
    );
    insta::assert_snapshot!(rejected, @"InvalidStateError: local.setLocalDescription(rollback) in stable: this peer has no offer to roll back");
}
