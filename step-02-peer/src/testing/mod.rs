//! What the tests of all steps need.

pub mod redaction;
