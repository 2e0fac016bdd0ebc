//! A process that decodes what a stranger sends.
//!
//! The decoder is C++: [`bitstream`](crate::receive::bitstream) keeps everything from it that is known to break it, and what
//! is not known must break nothing else. So the video of another program is decoded in a process of its own, which has
//! nothing to lose: it opens no file and no socket, takes a bounded amount of memory and processor time, and ends when its
//! parent does.
//!
//! # Layout
//!
//! - [`parent`] starts the process, and starts it again when it has ended.
//! - [`child`] is what runs in it, within its `limits` and its `sandbox`. Between both go `reply`s and access units.

pub mod child;
mod limits;
pub mod parent;
mod reply;
mod sandbox;
