//! A call with another program: signaling over HTTP.
//!
//! With WHIP (RFC 9725) a client sends video to a server, with WHEP (draft-ietf-wish-whep) it receives video. Both need
//! one `POST` with the offer, whose response is the answer. The [`Session`](step_03_ice::Session) of step 03 needs a
//! channel between two peers; here a web server replaces it.
//!
//! # Layout
//!
//! - [`broadcast`]: the options `--serve`, `--publish` and `--watch`; [`two_videos`] shows the videos.
//! - The server: [`server`] listens and checks who may use it ([`address`], `origin`, [`bearer_token`]),
//!   `connections` accepts connections. `requests` answers the requests to an [`endpoint`] with the shared
//!   `server_state`, or with a [`rejection`]; `page` and `latest_frame` are for browsers.
//! - The sessions of the server: `sessions` owns them, `http_session` is one.
//! - The client: [`client_session`] is a session, [`http_client`] sends its requests.
//! - Both sides: `peer_session` is a peer with its video, which is [`session_media`]: [`outgoing_media`] or
//!   [`incoming_media`]. [`session_report`] has its figures, with latencies by [`wall_clock`](crate::figures::wall_clock).
//!   One [`shared_encoder`] encodes what goes out, for each `viewer`.
//! - The texts that travel: [`offer`], `host_candidates`, [`trickle_fragment`], `ice_server_links`.

pub mod broadcast;
pub mod two_videos;

pub mod address;
pub mod bearer_token;
mod connections;
pub mod endpoint;
mod latest_frame;
mod origin;
mod page;
pub mod rejection;
mod requests;
pub mod server;
mod server_state;

mod http_session;
mod sessions;

pub mod client_session;
pub mod http_client;

pub mod incoming_media;
pub mod outgoing_media;
mod peer_session;
pub mod session_media;
pub mod session_report;
pub mod shared_encoder;
mod viewer;

mod host_candidates;
mod ice_server_links;
pub mod offer;
pub mod trickle_fragment;
