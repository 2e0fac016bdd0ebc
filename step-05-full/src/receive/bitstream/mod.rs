//! What an H.264 stream says about itself, read before the decoder sees it.
//!
//! The decoder is a large library in C++ and its input comes from a stranger. So it is given only access units that were
//! read here first: whole, well formed, and within what the session negotiated.

pub mod access_unit_check;
pub mod access_unit_error;
mod bit_reader;
#[cfg(test)]
mod bit_writer;
mod nal_unit;
mod pps;
mod sequence;
mod slice_header;
mod sps;
pub mod stream_limits;
