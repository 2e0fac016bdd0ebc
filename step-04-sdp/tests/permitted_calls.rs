//! The state machine of offer and answer (RFC 9429 §3.2), whole: what may be called in which state, and the hint for
//! a call that may not.

use step_04_sdp::{NegotiationCall, SignalingState};
use webrtc::peer_connection::RTCSessionDescription;

const CALLS: [NegotiationCall; 8] = [
    NegotiationCall::CreateOffer,
    NegotiationCall::SetLocalOffer,
    NegotiationCall::SetRemoteOffer,
    NegotiationCall::CreateAnswer,
    NegotiationCall::SetLocalAnswer,
    NegotiationCall::SetRemoteAnswer,
    NegotiationCall::SetLocalRollback,
    NegotiationCall::SetRemoteRollback,
];

const STATES: [SignalingState; 5] = [
    SignalingState::Stable,
    SignalingState::HaveLocalOffer,
    SignalingState::HaveRemoteOffer,
    SignalingState::HaveLocalPranswer,
    SignalingState::HaveRemotePranswer,
];

#[test]
fn each_call_is_permitted_in_its_states_and_rejected_with_a_hint_in_the_others() {
    let mut table = Vec::new();
    for call in CALLS {
        table.push(format!("{} {call}", call.number()));
        for state in STATES {
            table.push(match call.check("local", state) {
                Ok(()) => format!("    {state:<20} permitted"),
                Err(error) => {
                    let error = error.to_string();
                    let hint = error.splitn(3, ": ").nth(2).unwrap_or(&error);
                    format!("    {state:<20} {hint}")
                }
            });
        }
    }
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn the_type_of_a_description_decides_which_call_setting_it_is() {
    let sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n".to_owned();
    let offer = RTCSessionDescription::offer(sdp.clone()).expect("a description");
    let answer = RTCSessionDescription::answer(sdp).expect("a description");
    let rollback = RTCSessionDescription::rollback(None).expect("it needs no text");
    let set = [
        NegotiationCall::set_local(&offer),
        NegotiationCall::set_local(&answer),
        NegotiationCall::set_local(&rollback),
        NegotiationCall::set_remote(&offer),
        NegotiationCall::set_remote(&answer),
        NegotiationCall::set_remote(&rollback),
    ];
    assert_eq!(
        set.map(|call| call.to_string()),
        [
            "setLocalDescription(offer)",
            "setLocalDescription(answer)",
            "setLocalDescription(rollback)",
            "setRemoteDescription(offer)",
            "setRemoteDescription(answer)",
            "setRemoteDescription(rollback)",
        ],
        "W3C webrtc-pc §4.4.1.4; see step-04-sdp/src/negotiation_call.rs"
    );
}
