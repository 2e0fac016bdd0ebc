//! A call with another program: signaling over HTTP.
//!
//! WHIP (RFC 9725) brings video to an endpoint, WHEP (draft-ietf-wish-whep) takes it from one. Both are one `POST` with
//! the offer, whose response is the answer; the [`Session`](step_03_ice::Session) of step 03 needed a channel between
//! two peers, here a web server is enough.

pub mod address;
pub mod bearer_token;
pub mod broadcast;
pub mod candidate_lines;
pub mod client_session;
pub mod connections;
pub mod endpoint;
pub mod http_client;
pub mod http_session;
pub mod ice_restart;
pub mod ice_server_links;
pub mod incoming_media;
pub mod latest_frame;
pub mod offer;
pub mod origin;
pub mod outgoing_media;
pub mod page;
pub mod refusal;
pub mod request_body;
pub mod server;
pub mod session_media;
pub mod session_report;
pub mod sessions;
pub mod trickle_fragment;
pub mod two_videos;
pub mod wall_clock;
