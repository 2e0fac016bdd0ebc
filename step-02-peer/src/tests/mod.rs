//! Tests of modules whose files the exercise replaces.

mod event_forwarder;
