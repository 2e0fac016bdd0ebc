//! What a call measured.

pub mod call_stats;
pub mod capture_log;
pub mod freezes;
pub mod latency;
pub mod plots;
pub mod report;
pub mod rtp_stream_stats;
pub mod wall_clock;
