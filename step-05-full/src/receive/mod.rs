//! From the network to the remote video.

pub mod assembler_event;
pub mod bitstream;
pub mod decoder;
pub mod decoder_config;
pub mod decoder_process;
pub mod decoder_thread;
pub mod frame_assembler;
pub mod frame_decoder;
pub mod h264_payload;
pub mod held_packet;
pub mod jitter_buffer;
pub(crate) mod missing_packets;
pub mod openh264_decoder;
#[cfg_attr(feature = "exercise", path = "../exercise/reorder_buffer.rs")]
pub mod reorder_buffer;
pub mod repair_timing;
pub mod sequence_number;
pub mod video_receiver;
