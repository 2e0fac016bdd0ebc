//! The exercise: what Call and Hang Up do, and what happens in between. Call and Hang Up are given.
//!
//! `cargo test -p step-05-full --features exercise` names what comes next. Compare with `src/actions.rs` when you are done.
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
    let (pair, _) = new_observed_pair(config.clone(), config, timeline).await?;
    let sender = pair.local.add_track(video).await?;
    let negotiator = Arc::new(TracingNegotiator::default());
    Ok((ConnectedPair::connect(pair, negotiator), sender))
}

/// After 2-5: react to the events of the peers.
///
/// `observed` has the name of the peer, `local` or `remote`, and the event.
///
/// - [`PeerEvent::ConnectionState`] with `Connected`: `media.record_connected(&peer)` says whether **both** are connected now.
///   Then `media.send_local_video()`, which is async.
/// - [`PeerEvent::Track`] of the remote peer is the codelab's `gotRemoteMediaStream()`: `media.show_remote_video(track)`. A track
///   of the local peer is nobody's.
/// - A connection that has `Failed` is [`CallError::Failed`] with the name of the peer. `disconnected` is not: it may come back.
/// - All other events need nothing.
///
/// The peer that ends the DTLS handshake first must not send before the other one has its keys: what arrives before cannot
/// be decrypted, and the key frame would be lost. (Two peers on two machines cannot know this of each other. There a PLI
/// brings the next key frame, one round trip later.)
///
/// # Errors
/// [`CallError`] when the video cannot be sent or shown, or the connection failed.
pub async fn handle_event(observed: Observed, media: &mut CallMedia) -> Result<(), CallError> {
    todo!(
        "2-5 send when both peers are connected, show the remote track, return an error when a peer has failed; see \
         step-05-full/src/exercise/actions.rs"
    )
}

/// The codelab's `hangupAction()`, from the source to the display: stops sending, waits until the frames that were sent are
/// decoded, stops receiving, and closes both peers. The local video goes on: it belongs to the page, not to the call.
///
/// # Errors
/// Why the call was not made, or why a peer could not be closed.
pub async fn hangup_action(pair: ConnectedPair, mut media: CallMedia) -> Result<(), CallError> {
    let sent = media.stop_sending().await;
    media
        .wait_until_decoded(sent.as_ref().copied().unwrap_or_default())
        .await;
    media.stop_receiving().await;
    let closed = pair.close().await.map_err(CallError::from);
    sent.map(|_| ()).and(closed)
}
