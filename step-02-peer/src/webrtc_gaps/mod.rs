//! What this tutorial needs and webrtc 0.21 leaves to the application.

pub(crate) mod audio_codec;
pub mod bandwidth;
pub mod ice_error_reporter;
pub mod inactive_audio;
pub mod key_frame_requests;
pub mod media_tap;
pub mod prompt_timers;
pub mod receiving_socket;
pub(crate) mod repeated_handshake;
pub(crate) mod retransmission_limit;
pub mod runtime_layer;
