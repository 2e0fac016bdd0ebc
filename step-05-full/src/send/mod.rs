//! From the local track to the network.

pub mod encoder;
pub mod encoder_thread;
#[cfg_attr(feature = "exercise", path = "../exercise/h264_packetizer.rs")]
pub mod h264_packetizer;
pub mod pacer;
pub mod scaling_encoder;
pub mod video_sender;
