//! The exercise of step 04: the state machine of offer and answer, and its calls. Run it alone with
//! `cargo test -p step-04-sdp --features exercise --test assignment`.

mod peers;
#[path = "../../step-01-capture/tests/task/mod.rs"]
mod task;

use std::future::Future;
use std::process::ExitCode;
use std::time::Duration;

use peers::Peers;
use step_02_peer::Peer;
use step_03_ice::Negotiator;
use step_04_sdp::{
    NegotiationCall, NegotiationError, SignalingState, TracingNegotiator, create_answer,
    create_offer, set_local_description, set_remote_description,
};
use task::{Assignment, Task, same};
use webrtc::peer_connection::{RTCSdpType, RTCSessionDescription};

use NegotiationCall::{
    CreateAnswer, CreateOffer, SetLocalAnswer, SetLocalOffer, SetLocalRollback, SetRemoteAnswer,
    SetRemoteOffer, SetRemoteRollback,
};
use SignalingState::{
    HaveLocalOffer, HaveLocalPranswer, HaveRemoteOffer, HaveRemotePranswer, Stable,
};

fn main() -> ExitCode {
    Assignment {
        step: "step-04-sdp",
        folder: env!("CARGO_MANIFEST_DIR"),
        exercise: cfg!(feature = "exercise"),
        limit: Duration::from_secs(8),
        tasks: &TASKS,
    }
    .run()
}

const TASKS: [Task; 5] = [
    Task {
        number: "2-1 to 2-5",
        function: "NegotiationCall::next_state",
        file: "negotiation_call.rs",
        given: false,
        learnt: "Offer and answer are a state machine of five states. The state says whose turn it is, so two offers at once \
                 (glare) are an error that can be named, and a rollback leads out of it.",
        question: "createOffer() changes no state. What would be lost if the offer were never set?",
        tests: &[
            (
                "2-1 createOffer() is permitted in stable and have-local-offer, and changes no state (W3C webrtc-pc §4.4.2)",
                table_create_offer,
            ),
            (
                "2-2 setLocalDescription(offer): from stable or have-local-offer to have-local-offer (RFC 9429 §3.2)",
                table_local_offer,
            ),
            (
                "2-3 setRemoteDescription(offer): from stable or have-remote-offer to have-remote-offer (RFC 9429 §3.2)",
                table_remote_offer,
            ),
            (
                "2-4 createAnswer() is permitted in have-remote-offer and have-local-pranswer, and changes no state",
                table_create_answer,
            ),
            (
                "2-4 setLocalDescription(answer): from have-remote-offer or have-local-pranswer to stable (RFC 9429 §3.2)",
                table_local_answer,
            ),
            (
                "2-5 setRemoteDescription(answer): from have-local-offer or have-remote-pranswer to stable (RFC 9429 §3.2)",
                table_remote_answer,
            ),
            (
                "setLocalDescription(rollback): from have-local-offer to stable (RFC 9429 §4.1.10.2)",
                table_local_rollback,
            ),
            (
                "setRemoteDescription(rollback): from have-remote-offer to stable (RFC 9429 §4.1.10.2)",
                table_remote_rollback,
            ),
        ],
    },
    Task {
        number: "2-1",
        function: "create_offer",
        file: "offer_answer.rs",
        given: true,
        learnt: "The check comes first, so a call at the wrong time is an InvalidStateError with a hint.",
        question: "createOffer() changes no state. What would be lost if the offer were never set?",
        tests: &[
            (
                "createOffer() gives an offer that describes the track",
                an_offer_describes_the_track,
            ),
            (
                "createOffer() sets nothing: signalingState stays stable",
                an_offer_is_only_created,
            ),
            (
                "createOffer() in have-remote-offer is rejected with InvalidStateError",
                no_offer_while_an_answer_is_due,
            ),
        ],
    },
    Task {
        number: "2-2",
        function: "set_local_description",
        file: "offer_answer.rs",
        given: false,
        learnt: "Setting an offer is what starts ICE and changes the state; creating it did neither. An answer of this peer is set \
                 with the same call, and so is a rollback: the type of the description decides.",
        question: "The other peer's offer comes from a stranger. What may be wrong with it, and who notices?",
        tests: &[
            (
                "setLocalDescription(offer) in stable leads to have-local-offer (W3C webrtc-pc §4.4.1.4)",
                a_local_offer,
            ),
            (
                "the description that is set is the one that was passed in",
                the_given_description_is_set,
            ),
            (
                "setLocalDescription(answer) in stable is rejected with InvalidStateError",
                no_local_answer_in_stable,
            ),
            (
                "setLocalDescription(offer) in have-remote-offer is rejected with InvalidStateError",
                no_local_offer_while_an_answer_is_due,
            ),
            (
                "setLocalDescription(answer) in have-local-offer is rejected: this peer made the offer itself",
                no_local_answer_to_an_own_offer,
            ),
            (
                "setLocalDescription(answer) in have-remote-offer leads to stable",
                a_local_answer,
            ),
            (
                "setLocalDescription(rollback) in have-local-offer leads to stable (RFC 9429 §4.1.10.2)",
                a_rollback,
            ),
            (
                "setLocalDescription(rollback) in stable is rejected with InvalidStateError",
                no_rollback_in_stable,
            ),
            (
                "a call that is rejected changes nothing: the state and the pending description stay",
                a_rejection_changes_nothing,
            ),
            (
                "what webrtc itself refuses is returned as NegotiationError::Peer, with the peer and the method",
                webrtc_refuses_a_local_description,
            ),
        ],
    },
    Task {
        number: "2-3",
        function: "set_remote_description",
        file: "offer_answer.rs",
        given: false,
        learnt: "The same table decides, from the other side: an offer must be answered, an answer must have been asked for. Two \
                 offers at once are glare, and webrtc's refusal of a bad description is an error like any other.",
        question: "The offer lists what the other peer can do. Who decides what both will do?",
        tests: &[
            (
                "setRemoteDescription(offer) in stable leads to have-remote-offer (W3C webrtc-pc §4.4.1.4)",
                a_remote_offer,
            ),
            (
                "the description that is set is the one that was passed in",
                the_given_remote_description_is_set,
            ),
            (
                "setRemoteDescription(answer) in stable is rejected with InvalidStateError: nothing was offered",
                no_remote_answer_in_stable,
            ),
            (
                "setRemoteDescription(offer) in have-local-offer is rejected with InvalidStateError: glare",
                glare,
            ),
            (
                "setRemoteDescription(answer) in have-remote-offer is rejected: this peer must answer itself",
                no_remote_answer_while_an_answer_is_due,
            ),
            (
                "a second offer passes the check, as it may replace the first one; webrtc 0.21 refuses it, and that error is returned",
                a_second_remote_offer,
            ),
            (
                "what webrtc itself refuses is returned as NegotiationError::Peer, with the peer and the method",
                webrtc_refuses_a_remote_description,
            ),
        ],
    },
    Task {
        number: "2-4",
        function: "create_answer",
        file: "offer_answer.rs",
        given: false,
        learnt: "An answer restates the offer from the answerer's side: the same sections, the codecs both have, the directions \
                 reversed. It exists for the peer only when it is set.",
        question: "Both peers are stable and ICE has found a pair. Which of them may send media first?",
        tests: &[
            (
                "createAnswer() in have-remote-offer gives an answer with the sections of the offer (RFC 3264 §6)",
                an_answer_has_the_sections,
            ),
            (
                "createAnswer() sets nothing: signalingState stays have-remote-offer",
                an_answer_is_only_created,
            ),
            (
                "createAnswer() in stable is rejected with InvalidStateError: there is no offer to answer",
                no_answer_without_an_offer,
            ),
            (
                "createAnswer() in have-local-offer is rejected: the other peer answers",
                no_answer_to_an_own_offer,
            ),
            (
                "offer and answer, set at both peers, leave both stable (2-1 to 2-5)",
                a_negotiation,
            ),
            (
                "a second negotiation goes through the same states",
                a_second_negotiation,
            ),
        ],
    },
];

const STATES: [SignalingState; 5] = [
    Stable,
    HaveLocalOffer,
    HaveRemoteOffer,
    HaveLocalPranswer,
    HaveRemotePranswer,
];

/// Compares the whole row of a call: what is not listed is not permitted.
#[track_caller]
fn row(call: NegotiationCall, permitted: &[(SignalingState, SignalingState)]) {
    for state in STATES {
        let next = permitted.iter().find(|(from, _)| *from == state);
        let name =
            |it: Option<SignalingState>| it.map_or("not permitted".to_owned(), |it| it.to_string());
        let expected = name(next.map(|(_, to)| *to));
        same(
            &format!("{call} in {state}"),
            name(call.next_state(state)),
            expected,
        );
    }
}

fn table_create_offer() {
    row(
        CreateOffer,
        &[(Stable, Stable), (HaveLocalOffer, HaveLocalOffer)],
    );
}

fn table_local_offer() {
    row(
        SetLocalOffer,
        &[(Stable, HaveLocalOffer), (HaveLocalOffer, HaveLocalOffer)],
    );
}

fn table_remote_offer() {
    row(
        SetRemoteOffer,
        &[
            (Stable, HaveRemoteOffer),
            (HaveRemoteOffer, HaveRemoteOffer),
        ],
    );
}

fn table_create_answer() {
    row(
        CreateAnswer,
        &[
            (HaveRemoteOffer, HaveRemoteOffer),
            (HaveLocalPranswer, HaveLocalPranswer),
        ],
    );
}

fn table_local_answer() {
    row(
        SetLocalAnswer,
        &[(HaveRemoteOffer, Stable), (HaveLocalPranswer, Stable)],
    );
}

fn table_remote_answer() {
    row(
        SetRemoteAnswer,
        &[(HaveLocalOffer, Stable), (HaveRemotePranswer, Stable)],
    );
}

fn table_local_rollback() {
    row(SetLocalRollback, &[(HaveLocalOffer, Stable)]);
}

fn table_remote_rollback() {
    row(SetRemoteRollback, &[(HaveRemoteOffer, Stable)]);
}

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime for the test").block_on(test)
}

/// A call that has to succeed.
#[track_caller]
fn made<T>(result: Result<T, NegotiationError>, call: &str) -> T {
    match result {
        Ok(made) => made,
        Err(error) => panic!("{call} was rejected: {error}"),
    }
}

/// Fails unless a call was rejected because of the state.
#[track_caller]
fn rejected<T>(result: Result<T, NegotiationError>, call: NegotiationCall, state: SignalingState) {
    match result {
        Ok(_) => panic!("{call} in {state} was accepted"),
        Err(NegotiationError::Peer(error)) => {
            panic!("the call reached webrtc, without a check of the state before: {error}")
        }
        Err(NegotiationError::InvalidState(error)) => {
            same("the call that was checked", error.call, call);
            same("the state", error.state, state);
        }
    }
}

#[track_caller]
fn state_is(found: SignalingState, expected: SignalingState) {
    same("signalingState", found.to_string(), expected.to_string());
}

/// The local peer has created an offer, and nothing is set.
async fn with_offer() -> (Peers, RTCSessionDescription) {
    let peers = Peers::new().await;
    let offer = made(create_offer(&peers.pair.local).await, "2-1 createOffer()");
    (peers, offer)
}

/// The local peer waits for the answer to its offer, without any function that is to be tested.
async fn have_local_offer() -> (Peers, RTCSessionDescription) {
    let (peers, offer) = with_offer().await;
    let set = peers.pair.local.set_local_description(offer.clone()).await;
    set.expect("webrtc sets its own offer");
    (peers, offer)
}

/// The remote peer has to answer an offer.
async fn have_remote_offer() -> (Peers, RTCSessionDescription) {
    let (peers, offer) = have_local_offer().await;
    let set = peers
        .pair
        .remote
        .set_remote_description(offer.clone())
        .await;
    set.expect("webrtc sets the other peer's offer");
    (peers, offer)
}

/// The same, with webrtc's own answer.
async fn with_answer() -> (Peers, RTCSessionDescription) {
    let (peers, _) = have_remote_offer().await;
    let answer = peers.pair.remote.create_answer().await;
    (peers, answer.expect("webrtc answers its own offer"))
}

async fn pending(peer: &Peer) -> [Option<String>; 2] {
    let connection = peer.connection();
    let local = connection.pending_local_description().await;
    let remote = connection.pending_remote_description().await;
    [local, remote].map(|it| it.map(|it| it.sdp))
}

fn an_offer_describes_the_track() {
    let offer = run(with_offer()).1;
    same("the type", offer.sdp_type, RTCSdpType::Offer);
    assert!(
        offer.sdp.contains("m=video "),
        "the offer has no m=video section"
    );
}

fn an_offer_is_only_created() {
    let state = run(async { SignalingState::of(&with_offer().await.0.pair.local).await });
    state_is(state, Stable);
}

fn no_offer_while_an_answer_is_due() {
    let result = run(async { create_offer(&have_remote_offer().await.0.pair.remote).await });
    rejected(result, CreateOffer, HaveRemoteOffer);
}

fn a_local_offer() {
    let state = run(async {
        let (peers, offer) = with_offer().await;
        made(
            set_local_description(&peers.pair.local, offer).await,
            "2-2 setLocalDescription(offer)",
        );
        SignalingState::of(&peers.pair.local).await
    });
    state_is(state, HaveLocalOffer);
}

fn the_given_description_is_set() {
    let (set, offer) = run(async {
        let (peers, offer) = with_offer().await;
        made(
            set_local_description(&peers.pair.local, offer.clone()).await,
            "2-2 setLocalDescription(offer)",
        );
        (pending(&peers.pair.local).await, offer.sdp)
    });
    // An offer that is created once more has another version.
    let origin = |sdp: &str| {
        let line = sdp.lines().find(|line| line.starts_with("o="));
        line.map(str::to_owned)
    };
    same(
        "the line o= of pendingLocalDescription",
        set[0].as_deref().and_then(origin),
        origin(&offer),
    );
}

fn no_local_answer_in_stable() {
    let result = run(async {
        let (_answerer, answer) = with_answer().await;
        let peers = Peers::new().await;
        set_local_description(&peers.pair.local, answer).await
    });
    rejected(result, SetLocalAnswer, Stable);
}

fn no_local_offer_while_an_answer_is_due() {
    let result = run(async {
        let (peers, offer) = have_remote_offer().await;
        set_local_description(&peers.pair.remote, offer).await
    });
    rejected(result, SetLocalOffer, HaveRemoteOffer);
}

fn no_local_answer_to_an_own_offer() {
    let result = run(async {
        let (peers, answer) = with_answer().await;
        set_local_description(&peers.pair.local, answer).await
    });
    rejected(result, SetLocalAnswer, HaveLocalOffer);
}

fn a_local_answer() {
    let state = run(async {
        let (peers, answer) = with_answer().await;
        made(
            set_local_description(&peers.pair.remote, answer).await,
            "2-4 setLocalDescription(answer)",
        );
        SignalingState::of(&peers.pair.remote).await
    });
    state_is(state, Stable);
}

fn a_rollback() {
    let state = run(async {
        let (peers, _) = have_local_offer().await;
        let local = &peers.pair.local;
        made(
            set_local_description(local, peers::rollback()).await,
            "setLocalDescription(rollback)",
        );
        SignalingState::of(local).await
    });
    state_is(state, Stable);
}

fn no_rollback_in_stable() {
    let result = run(async {
        set_local_description(&Peers::new().await.pair.local, peers::rollback()).await
    });
    rejected(result, SetLocalRollback, Stable);
}

fn a_rejection_changes_nothing() {
    let (before, after) = run(async {
        let (peers, offer) = have_remote_offer().await;
        let remote = &peers.pair.remote;
        let before = pending(remote).await;
        let _ = set_local_description(remote, offer).await;
        (before, pending(remote).await)
    });
    same(
        "[pendingLocalDescription, pendingRemoteDescription]",
        after,
        before,
    );
}

/// An offer that webrtc cannot read.
fn nonsense() -> RTCSessionDescription {
    let mut offer = RTCSessionDescription::rollback(None).expect("it needs no text");
    (offer.sdp_type, offer.sdp) = (RTCSdpType::Offer, "no session description".to_owned());
    offer
}

#[track_caller]
fn refused(result: Result<(), NegotiationError>, method: &str) {
    match result {
        Ok(()) => panic!("the call returned Ok"),
        Err(NegotiationError::InvalidState(error)) => panic!("the error is {error}"),
        Err(error @ NegotiationError::Peer(_)) => {
            let text = error.to_string();
            assert!(
                text.starts_with(method),
                "the error is {text:?}, and should begin with {method:?}"
            );
        }
    }
}

fn webrtc_refuses_a_local_description() {
    let result =
        run(async { set_local_description(&Peers::new().await.pair.local, nonsense()).await });
    refused(result, "local.setLocalDescription()");
}

fn a_remote_offer() {
    let state = run(async {
        let (peers, offer) = have_local_offer().await;
        made(
            set_remote_description(&peers.pair.remote, offer).await,
            "2-3 setRemoteDescription(offer)",
        );
        SignalingState::of(&peers.pair.remote).await
    });
    state_is(state, HaveRemoteOffer);
}

fn the_given_remote_description_is_set() {
    let (set, offer) = run(async {
        let (peers, offer) = have_local_offer().await;
        made(
            set_remote_description(&peers.pair.remote, offer.clone()).await,
            "2-3 setRemoteDescription(offer)",
        );
        (pending(&peers.pair.remote).await, offer.sdp)
    });
    same("pendingRemoteDescription", set[1].clone(), Some(offer));
}

fn no_remote_answer_in_stable() {
    let result = run(async {
        let (_answerer, answer) = with_answer().await;
        set_remote_description(&Peers::new().await.pair.local, answer).await
    });
    rejected(result, SetRemoteAnswer, Stable);
}

fn glare() {
    let result = run(async {
        let (peers, offer) = have_local_offer().await;
        let remote = &peers.pair.remote;
        let own = made(create_offer(remote).await, "2-1 createOffer()");
        remote
            .set_local_description(own)
            .await
            .expect("webrtc sets its own offer");
        set_remote_description(remote, offer).await
    });
    rejected(result, SetRemoteOffer, HaveLocalOffer);
}

fn no_remote_answer_while_an_answer_is_due() {
    let result = run(async {
        let (peers, answer) = with_answer().await;
        set_remote_description(&peers.pair.remote, answer).await
    });
    rejected(result, SetRemoteAnswer, HaveRemoteOffer);
}

fn a_second_remote_offer() {
    let result = run(async {
        let (peers, offer) = have_remote_offer().await;
        set_remote_description(&peers.pair.remote, offer).await
    });
    refused(result, "remote.setRemoteDescription()");
}

fn webrtc_refuses_a_remote_description() {
    let result =
        run(async { set_remote_description(&Peers::new().await.pair.remote, nonsense()).await });
    refused(result, "remote.setRemoteDescription()");
}

fn an_answer_has_the_sections() {
    let answer = run(async {
        let (peers, _) = have_remote_offer().await;
        made(
            create_answer(&peers.pair.remote).await,
            "2-4 createAnswer()",
        )
    });
    same("the type", answer.sdp_type, RTCSdpType::Answer);
    assert!(
        answer.sdp.contains("m=video "),
        "the answer has no m=video section"
    );
}

fn an_answer_is_only_created() {
    let state = run(async {
        let (peers, _) = have_remote_offer().await;
        made(
            create_answer(&peers.pair.remote).await,
            "2-4 createAnswer()",
        );
        SignalingState::of(&peers.pair.remote).await
    });
    state_is(state, HaveRemoteOffer);
}

fn no_answer_without_an_offer() {
    let result = run(async { create_answer(&Peers::new().await.pair.remote).await });
    rejected(result, CreateAnswer, Stable);
}

fn no_answer_to_an_own_offer() {
    let result = run(async { create_answer(&have_local_offer().await.0.pair.local).await });
    rejected(result, CreateAnswer, HaveLocalOffer);
}

/// 2-1 to 2-5, and the calls with the states after them.
async fn negotiate(peers: &Peers) -> Vec<String> {
    let (negotiator, pair) = (TracingNegotiator::default(), &peers.pair);
    let offer = Negotiator::offer(&negotiator, &pair.local).await;
    let offer = offer.unwrap_or_else(|error| panic!("2-1, 2-2: {error}"));
    let answer = negotiator.receive(&pair.remote, offer).await;
    let answer = answer.unwrap_or_else(|error| panic!("2-3, 2-4: {error}"));
    let answer = answer.unwrap_or_else(|| panic!("2-4: the offer was not answered"));
    let set = negotiator.receive(&pair.local, answer).await;
    set.unwrap_or_else(|error| panic!("2-5: {error}"));
    let steps = negotiator.steps().into_iter();
    steps
        .map(|it| format!("{} {} => {}", it.peer, it.call.number(), it.state))
        .collect()
}

const NEGOTIATION: [&str; 6] = [
    "local 2-1 => stable",
    "local 2-2 => have-local-offer",
    "remote 2-3 => have-remote-offer",
    "remote 2-4 => have-remote-offer",
    "remote 2-4 => stable",
    "local 2-5 => stable",
];

fn a_negotiation() {
    let calls = run(async { negotiate(&Peers::new().await).await });
    same(
        "the list of calls",
        calls,
        NEGOTIATION.map(str::to_owned).to_vec(),
    );
}

fn a_second_negotiation() {
    let calls = run(async {
        let peers = Peers::new().await;
        negotiate(&peers).await;
        negotiate(&peers).await
    });
    same(
        "the list of calls",
        calls,
        NEGOTIATION.map(str::to_owned).to_vec(),
    );
}
