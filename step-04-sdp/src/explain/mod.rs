//! A session description, told line by line in plain words.

mod codec;
mod cross_check;
mod dtls;
mod explanation;
mod h264;
mod header_extension;
mod ice;
mod identity;
mod line_explanation;
mod media;
mod rtp;
mod section;
mod session;
pub mod session_description;
mod wrap;

pub use explanation::{ExplainedLine, Explanation};

use crate::explain::session_description::{Line, ParseError, SessionDescription};
use line_explanation::LineExplanation;
use section::Section;

/// Explains `sdp`: what each line says, who put it there, what the other side does with it, and what does not
/// fit together.
///
/// # Errors
/// [`ParseError`] when `sdp` is no session description.
pub fn explain(sdp: &str) -> Result<Explanation, ParseError> {
    let sdp = printable(sdp);
    let description = SessionDescription::parse(&sdp)?;
    let sections = Section::all(&description);
    let mut explanation = Explanation::default();
    explanation.begin("Session".to_owned());
    for line in &description.session {
        explanation.add(line, explain_line(line, &Section::default()));
    }
    for (index, (media, section)) in description.media.iter().zip(&sections).enumerate() {
        explanation.begin(format!("Section {index}: {}", section.kind));
        for line in &media.lines {
            explanation.add(line, explain_line(line, section));
        }
    }
    explanation.notes = cross_check::notes(&description);
    Ok(explanation)
}

/// A description comes from outside and goes to a terminal, which must not take it for commands.
fn printable(sdp: &str) -> String {
    let harmless = |c: char| !c.is_control() || matches!(c, '\n' | '\r');
    sdp.replace("\r\n", "\n")
        .chars()
        .map(|c| {
            if harmless(c) && c != '\r' {
                c
            } else {
                '\u{fffd}'
            }
        })
        .collect()
}

fn explain_line(line: &Line<'_>, section: &Section<'_>) -> LineExplanation {
    let explained = match line.attribute() {
        None if line.kind() == 'm' => media::media_line(line.value(), section),
        None => session::explain(line.kind(), line.value(), section),
        Some((name, value)) => None
            .or_else(|| media::explain(name, value, section))
            .or_else(|| ice::explain(name, value))
            .or_else(|| dtls::explain(name, value))
            .or_else(|| codec::explain(name, value, section))
            .or_else(|| rtp::explain(name, value, section))
            .or_else(|| header_extension::explain(name, value))
            .or_else(|| identity::explain(name, value)),
    };
    explained.unwrap_or_else(line_explanation::unknown)
}
