//! The configuration of a peer (W3C webrtc-pc §4.2 `RTCConfiguration`, and what a browser decides by itself).

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use webrtc::peer_connection::{RTCIceServer, RTCIceTransportPolicy};
use webrtc::runtime::Runtime;

use crate::video_codec::VideoCodec;
use crate::webrtc_gaps::bandwidth::Bandwidth;
use crate::webrtc_gaps::media_tap::MediaTap;

/// The configuration of one [`Peer`](crate::Peer).
#[derive(Clone)]
pub struct PeerConfig {
    /// The local addresses to open sockets on: one host candidate for each. Port 0 takes a free one;
    /// the address `0.0.0.0` stands for every interface except loopback.
    pub addresses: Vec<SocketAddr>,
    /// STUN and TURN servers (W3C webrtc-pc §4.2.2). The codelab has none, and neither has the default.
    pub ice_servers: Vec<RTCIceServer>,
    /// Whether candidates other than relayed ones may be used (W3C webrtc-pc §4.2.3).
    pub ice_transport_policy: RTCIceTransportPolicy,
    /// The video codecs that this peer offers and accepts, the preferred one first.
    pub video_codecs: Vec<VideoCodec>,
    /// Estimates the bandwidth to the other peer; keep a clone to read it. None in steps 02 to 04, which send no video.
    pub bandwidth: Option<Bandwidth>,
    /// ICE credentials that are not random, so that a test sees the same description twice.
    pub identity: Option<PeerIdentity>,
    /// How soon ICE gives up; none for webrtc's own 5 s and 25 s.
    pub ice_timeouts: Option<IceTimeouts>,
    /// The clock and the sockets; none for tokio's. Tests give a virtual clock.
    pub runtime: Option<Arc<dyn Runtime>>,
    /// Whether the timers of `runtime` are shortened until the connection is set up
    /// ([`PromptTimers`](crate::PromptTimers)). A virtual clock must not be asked for a hundred short sleeps. Without a
    /// `runtime`, they are always shortened.
    pub prompt: bool,
    /// Where the datagrams of this peer are captured; none for nowhere. Step 03 does it.
    pub capture: Option<Arc<dyn PacketCapture>>,
    /// Sees the media of this peer in the clear.
    pub media_tap: Option<Arc<dyn MediaTap>>,
}

/// Takes packets for a file. It must not block.
pub trait PacketCapture: Send + Sync + 'static {
    /// A peer of this program has opened a socket.
    fn opened(&self, socket: SocketAddr);
    /// The contents of a UDP packet that such a socket sent.
    fn sent(&self, at: SystemTime, from: SocketAddr, to: SocketAddr, contents: &[u8]);
    /// The contents of a UDP packet that such a socket received.
    fn received(&self, at: SystemTime, from: SocketAddr, to: SocketAddr, contents: &[u8]);
}

/// How long ICE waits for answers before its state changes (RFC 7675 §5.1: consent expires after 30 s).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IceTimeouts {
    /// From the last answer to `disconnected`.
    pub disconnected: Duration,
    /// From `disconnected` to `failed`; from `checking` to `failed` it is both together.
    pub failed: Duration,
    /// Between two checks of the chosen pair.
    pub keep_alive: Duration,
}

/// The ICE credentials of a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerIdentity {
    /// `a=ice-ufrag`, at least 4 characters (RFC 8839 §5.4).
    pub ice_ufrag: String,
    /// `a=ice-pwd`, at least 22 characters (RFC 8839 §5.4).
    pub ice_pwd: String,
}

impl PeerConfig {
    /// For two peers in one machine: a socket on loopback and no other, so that the call needs no network and never
    /// leaves the machine.
    pub fn loopback() -> Self {
        Self::on(vec![(Ipv4Addr::LOCALHOST, 0).into()])
    }

    /// For a call to another machine: a socket on every interface, and on loopback too.
    pub fn every_interface() -> Self {
        Self::on(vec![
            (Ipv4Addr::LOCALHOST, 0).into(),
            (Ipv4Addr::UNSPECIFIED, 0).into(),
        ])
    }

    fn on(addresses: Vec<SocketAddr>) -> Self {
        Self {
            addresses,
            ice_servers: Vec::new(),
            ice_transport_policy: RTCIceTransportPolicy::All,
            video_codecs: vec![VideoCodec::H264],
            bandwidth: None,
            identity: None,
            ice_timeouts: None,
            runtime: None,
            prompt: false,
            capture: None,
            media_tap: None,
        }
    }
}
