//! Step 05: the whole call, from the camera to the window of the other peer.
//!
//! `cargo run -p step-05-full`
//!
//! # Layout
//!
//! The lesson, in reading order:
//!
//! - [`app`]: the codelab's page, two videos and three buttons.
//! - [`actions`]: what Call and Hang Up do, and what happens in between.
//! - [`call`], [`call_media`]: the call, and its video from one peer to the other; its [errors](call_error).
//! - [`bandwidth_estimate`]: how much the line carries.
//! - [`access_unit`]: an encoded frame; [`send`] encodes and sends it, [`receive`] assembles and decodes it.
//!
//! The folders: [`figures`] measures the call, [`window`] draws the page, [`program`] reads the command line, [`labs`] breaks
//! one thing on purpose, and [`http`] calls another program over WHIP and WHEP.

pub mod app;

#[cfg_attr(feature = "exercise", path = "exercise/actions.rs")]
pub mod actions;

pub mod call;
pub mod call_error;
pub mod call_media;

pub mod bandwidth_estimate;

pub mod access_unit;
pub mod send;

pub mod receive;

pub mod figures;

pub mod window;

pub mod program;

pub mod labs;

pub mod http;
