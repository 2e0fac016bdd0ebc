//! A lesson inside a program.

pub mod local_video;
