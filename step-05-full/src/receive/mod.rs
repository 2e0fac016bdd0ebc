//! From the network to the remote video.

pub mod assembler_event;
pub mod bitstream;
pub mod decoder;
pub mod decoder_thread;
pub mod frame_assembler;
pub mod h264_payload;
mod held_packet;
pub mod jitter_buffer;
pub(crate) mod missing_packets;
pub mod repair_timing;
pub mod sequence_number;
pub mod video_receiver;
