//! The forms in which a description can be copied out of a browser: SDP, JSON, or a string with escaped line ends.

use std::fs::File;
use std::io::{self, Read, stdin};
use std::path::Path;

use serde_json::Value;

use super::session_description::{MAX_LENGTH, ParseError};

/// The file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot read {path}: {source}: check the path, or give the description on standard input with --explain -"
)]
pub struct ReadError {
    path: String,
    source: io::Error,
}

/// Reads a file, or standard input for `-`. A file that is too long or has no end is read no further than
/// [`explain`](super::explain) accepts.
///
/// # Errors
/// [`ReadError`]
pub fn read_file(path: &Path) -> Result<String, ReadError> {
    let mut bytes = Vec::new();
    let limit = MAX_LENGTH as u64 + 1;
    let read = match path.to_str() {
        Some("-") => stdin().lock().take(limit).read_to_end(&mut bytes),
        _ => File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)),
    };
    let path = path.display().to_string();
    read.map_err(|source| ReadError { path, source })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A description as SDP, and whether it is an answer, if the text says so.
pub(super) struct CopiedText {
    pub(super) sdp: String,
    pub(super) is_answer: Option<bool>,
}

impl CopiedText {
    /// Reads SDP, `{"type":"offer","sdp":"v=0\r\n..."}`, `"v=0\r\n..."`, or the last without its quotes.
    pub(super) fn read(text: &str) -> Result<Self, ParseError> {
        if text.len() > MAX_LENGTH {
            return Err(ParseError::TooLong);
        }
        let first_line = text.trim_start().lines().next().unwrap_or_default();
        let (sdp, is_answer) = match first_line.chars().next() {
            Some('{' | '"') => from_json(text)?,
            _ if first_line.contains(r"\n") => (without_escapes(text), None),
            _ => (text.to_owned(), None),
        };
        let sdp = printable(&sdp);
        Ok(Self { sdp, is_answer })
    }
}

fn from_json(text: &str) -> Result<(String, Option<bool>), ParseError> {
    let json = serde_json::from_str(text).map_err(|error| ParseError::Json(error.to_string()))?;
    if let Value::String(sdp) = json {
        return Ok((sdp, None));
    }
    let sdp = json["sdp"].as_str().ok_or(ParseError::NoSdp)?;
    let is_answer = match json["type"].as_str() {
        Some("offer") => Some(false),
        Some("answer" | "pranswer") => Some(true),
        _ => None,
    };
    Ok((sdp.to_owned(), is_answer))
}

fn without_escapes(text: &str) -> String {
    let text = text.trim().trim_matches(['\'', '`']);
    text.replace(r"\r", "").replace(r"\n", "\n")
}

/// A description comes from outside and goes to a terminal, which must not take it for commands.
fn printable(sdp: &str) -> String {
    let is_command = |c: char| c.is_control() && c != '\n';
    sdp.replace("\r\n", "\n").replace(is_command, "\u{fffd}")
}
