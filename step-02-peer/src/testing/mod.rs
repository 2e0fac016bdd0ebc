//! For the tests of all steps.

pub mod redaction;
