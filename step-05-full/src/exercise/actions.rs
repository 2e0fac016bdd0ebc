//! The exercise: what Call and Hang Up do, and what happens in between. Write the three functions of `src/actions.rs`.
#![allow(unused, reason = "the bodies are yours to write")]

use std::sync::Arc;

use step_01_capture::Timeline;
use step_02_peer::{OutgoingVideo, PeerConfig, PeerEvent};
use step_03_ice::{ConnectedPair, Observed, new_observed_pair};
use step_04_sdp::TracingNegotiator;
use webrtc::peer_connection::RTCPeerConnectionState::{Connected, Failed};
use webrtc::rtp_transceiver::RtpSender;

use crate::call_error::CallError;
use crate::call_media::CallMedia;

/// 1-1 to 2-5: the codelab's `callAction()`. Makes both peers with `config`, adds the track of `video` to the local one
/// (`addTrack()`, 1-2), and connects them: from then on the peers exchange candidates (1-3 to 1-5) and descriptions (2-1 to
/// 2-5).
///
/// Returns the pair that is being connected, and the sender that `addTrack()` returned: it knows the negotiated payload
/// type.
///
/// # Errors
/// [`CallError::Peer`] when a peer cannot be made.
pub async fn call_action(
    video: &OutgoingVideo,
    config: PeerConfig,
    timeline: &Timeline,
) -> Result<(ConnectedPair, Arc<dyn RtpSender>), CallError> {
    todo!(
        "1-1 make both peers, 1-2 add the track to the local one, then connect them with step 04's TracingNegotiator; see \
         step-03-ice/src/connected_pair.rs"
    )
}

/// After 2-5: reacts to the events of the peers. The local video is sent when **both** peers are `connected`. The event
/// `track` of the remote peer is the codelab's `gotRemoteMediaStream()`. A connection that has `failed` is an error.
///
/// The peer that ends the DTLS handshake first must not send before the other one has its keys: what arrives before cannot
/// be decrypted, and the key frame would be lost. (Two peers on two machines cannot know this of each other. There a PLI
/// brings the next key frame, one round trip later.)
///
/// # Errors
/// [`CallError`] when the video cannot be sent or shown, or the connection failed.
pub async fn handle_event(observed: Observed, media: &mut CallMedia) -> Result<(), CallError> {
    todo!(
        "2-5 send when both peers are Connected, show the Track of \"remote\", return an error when a peer has Failed; see \
         step-05-full/src/call_media.rs"
    )
}

/// The codelab's `hangupAction()`, from the source to the display: stops sending, waits until the frames that were sent are
/// decoded, stops receiving, and closes both peers. The local video goes on: it belongs to the page, not to the call.
///
/// # Errors
/// Why the call was not made, or why a peer could not be closed.
pub async fn hangup_action(pair: ConnectedPair, mut media: CallMedia) -> Result<(), CallError> {
    todo!(
        "2-5 stop sending, wait, stop receiving, and close both peers whatever failed before; see \
         step-05-full/src/call_media.rs"
    )
}
