//! Keeps the book true to the code: fills its excerpts in, and reports where a page differs.
//!
//! `cargo run -p docs` fills in, `cargo test -p docs` checks. How to mark a block: `docs/README.md`.

mod book;
mod citation;
mod command;
mod excerpt;
mod exercise;
mod failure;
mod filter;
mod item;
mod link;
mod marker;
mod message;
mod outcome;
mod page;
mod reader;
mod translation;

pub use book::{Book, Report};
pub use citation::{Citation, Section, Sections};
pub use command::Commands;
pub use exercise::next_function;
pub use failure::Failure;
pub use outcome::{End, Outcome};
