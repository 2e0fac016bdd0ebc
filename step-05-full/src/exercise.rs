//! The exercise: what Call and Hang Up do, and what happens in between. Write these three functions, and the tests of the
//! stage pass.
#![allow(
    unused_variables,
    unused_mut,
    reason = "the functions are yours to write"
)]

use std::sync::Arc;

use step_01_capture::Timeline;
use step_02_peer::{OutgoingVideo, PeerConfig};
use step_03_ice::{ConnectedPair, Observed};
use webrtc::rtp_transceiver::RtpSender;

use crate::call::CallError;
use crate::call_media::CallMedia;

/// 1-1 to 2-5: the codelab's `callAction()`. Makes both peers with `config`, gives the local one the track to send
/// (`addTrack()`, 1-2), and lets them connect: candidates (1-3 to 1-5) and descriptions (2-1 to 2-5) go their way
/// from then on by themselves.
///
/// Returns the pair on its way, and the sender that `addTrack()` gave: it will know which payload type was negotiated.
///
/// # Errors
/// [`CallError::Peer`] when a peer cannot be made.
pub async fn call_action(
    video: &OutgoingVideo,
    config: PeerConfig,
    timeline: &Timeline,
) -> Result<(ConnectedPair, Arc<dyn RtpSender>), CallError> {
    todo!(
        "1-1 new_observed_pair() makes both peers; 1-2 add_track() on the local one; then ConnectedPair::connect() with step 04's TracingNegotiator: \
         see step-03-ice/src/connected_pair.rs"
    )
}

/// After 2-5: what the events of the peers ask for. Media begins to flow when **both** peers are `connected`; the codelab's
/// `gotRemoteMediaStream()` is the remote peer's event `track`; and a connection that has `failed` is told.
///
/// The peer that ends the DTLS handshake first must not send before the other one has its keys: what comes too early
/// cannot be decrypted, and the key frame would be lost. (Between machines, where nobody sees both ends, a PLI repairs that
/// a round trip later.)
///
/// # Errors
/// [`CallError`] when the video cannot be sent or shown, or the connection failed.
pub async fn handle_event(observed: Observed, media: &mut CallMedia) -> Result<(), CallError> {
    todo!(
        "match the peer's name and the event: ConnectionState(Connected), Track(track) of \"remote\", \
         ConnectionState(Failed): see step-05-full/src/call_media.rs for what media can do"
    )
}

/// The codelab's `hangupAction()`, from the source to the screen: sends no more, lets what was sent arrive and be decoded,
/// receives no more, and closes both peers. The local video runs on: it belongs to the page, not to the call.
///
/// # Errors
/// Why the call never came about, or a peer could not be closed in order.
pub async fn hangup_action(pair: ConnectedPair, mut media: CallMedia) -> Result<(), CallError> {
    todo!(
        "stop_sending() tells how many pictures to wait for; close both peers whatever failed before: see \
         step-05-full/src/call_media.rs"
    )
}
