//! `--explain`: every line of a session description in plain words.

mod codec;
mod copied_text;
mod cross_check;
mod dtls;
mod explained_line;
mod explanation;
mod feedback;
mod h264;
mod header_extension;
mod ice;
mod identity;
mod media;
mod section;
pub mod session_description;
mod session_line;
mod simple_line;
mod wrapped_text;

pub use copied_text::{ReadError, read_file};
pub use explained_line::ExplainedLine;
pub use explanation::Explanation;

use crate::explain::session_description::{Line, ParseError, SessionDescription};
use copied_text::CopiedText;
use section::Section;

/// Explains `text`, which is SDP or JSON with SDP in it: what each line says, who wrote it, what the other peer does with
/// it, and which lines do not fit together.
///
/// # Errors
/// [`ParseError`] when `text` is no session description.
pub fn explain(text: &str) -> Result<Explanation, ParseError> {
    let text = CopiedText::read(text)?;
    let description = SessionDescription::parse(&text.sdp)?;
    let mut contexts = Section::all(&description, text.is_answer).into_iter();
    let session = contexts.next().unwrap_or_default();
    let mut explanation = Explanation::default();
    explanation.begin("Session".to_owned());
    for line in &description.session {
        explanation.add(line, explain_line(line, &session));
    }
    for (index, (media, section)) in description.media.iter().zip(contexts).enumerate() {
        explanation.begin(format!("Section {index}: {}", section.kind));
        for line in &media.lines {
            explanation.add(line, explain_line(line, &section));
        }
    }
    explanation.notes = cross_check::notes(&description);
    Ok(explanation)
}

/// The explanation of `text` for a page that wraps lines itself. A text that is no session description stays, with the reason.
pub fn explanation_or_text(text: &str) -> String {
    match explain(text) {
        Ok(explanation) => format!("{explanation:#}"),
        Err(error) => format!("{error}\n\n{text}"),
    }
}

fn explain_line(line: &Line<'_>, section: &Section<'_>) -> ExplainedLine {
    // `a=mid:0` is `mid`, `v=0` is `v=`.
    let name_and_value = (line.text.get(..2).unwrap_or_default(), line.value());
    let (name, value) = line.attribute().unwrap_or(name_and_value);
    match name {
        "m=" => media::media_line(value, section),
        "o=" => session_line::origin(value),
        "c=" => session_line::connection(value),
        "b=" => session_line::bandwidth(value, section),
        "group" => media::group(value, section),
        "ice-options" => ice::options(value),
        "candidate" => ice::candidate(value),
        "fingerprint" => dtls::fingerprint(value),
        "setup" => dtls::setup(value),
        "rtpmap" => codec::rtpmap(value, section),
        "fmtp" => codec::fmtp(value, section),
        "rtcp-fb" => feedback::feedback(value, section),
        "extmap" => header_extension::extension(value, section),
        "msid" => identity::msid(value),
        "ssrc" => identity::ssrc(value),
        "ssrc-group" => identity::ssrc_group(value),
        "rid" => identity::rid(value, section),
        _ => simple_line::explain(name, value, section).unwrap_or_else(explained_line::unknown),
    }
}
