//! x

pub mod access_unit;
pub mod assembler_event;
pub mod capture_log;
pub mod decoder;
pub mod decoder_thread;
pub mod encoder;
pub mod encoder_thread;
pub mod frame_assembler;
pub mod h264_packetizer;
pub mod h264_payload;
mod held_packet;
pub mod latency;
pub mod sequence_number;
