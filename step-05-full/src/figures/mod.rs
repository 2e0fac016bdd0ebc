//! What a call measured.

pub mod call_stats;
pub mod call_summary;
pub mod capture_log;
pub mod freezes;
pub mod latency;
pub mod report;
