//! Step 05: the whole call, from the camera to the window of the other peer.
//!
//! `cargo run -p step-05-full`

pub mod access_unit;
#[cfg_attr(feature = "exercise", path = "exercise.rs")]
pub mod actions;
pub mod app;
pub mod app_window;
pub mod assembler_event;
pub mod buttons;
pub mod call;
pub mod call_media;
pub mod call_stats;
pub mod call_summary;
pub mod capture_log;
pub mod decoder;
pub mod decoder_thread;
pub mod encoder;
pub mod encoder_thread;
pub mod frame_assembler;
pub mod h264_packetizer;
pub mod h264_payload;
mod held_packet;
pub mod http;
pub mod lab;
pub mod latency;
pub mod lossy_network;
pub mod report;
pub mod run;
pub mod sequence_number;
pub mod video_receiver;
pub mod video_sender;
pub mod wire;
