//! The lines of a session description, sorted into sections (RFC 8866 §5).

/// The longest text that is read, in bytes. Real descriptions have a few kilobytes.
pub const MAX_LENGTH: usize = 256 * 1024;

/// One line, `<type>=<value>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Counted from 1, as editors do.
    pub number: usize,
    /// The whole line without its end.
    pub text: &'a str,
}

impl<'a> Line<'a> {
    /// The letter before the `=`.
    pub fn kind(&self) -> char {
        self.text.chars().next().unwrap_or_default()
    }

    /// What follows the `=`.
    pub fn value(&self) -> &'a str {
        self.text.get(2..).unwrap_or_default()
    }

    /// Name and value of an `a=` line; a property such as `a=sendrecv` has the value "" (RFC 8866 §5.13).
    pub fn attribute(&self) -> Option<(&'a str, &'a str)> {
        let attribute = self.text.strip_prefix("a=")?;
        Some(attribute.split_once(':').unwrap_or((attribute, "")))
    }
}

/// The values of an attribute in some lines, in order.
pub(super) fn values<'a>(lines: &[Line<'a>], name: &str) -> impl Iterator<Item = &'a str> {
    let attributes = lines.iter().filter_map(Line::attribute);
    attributes.filter_map(move |(attribute, value)| (attribute == name).then_some(value))
}

/// An `m=` line and what belongs to it, up to the next one (RFC 8866 §5.14).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaSection<'a> {
    /// The lines; the `m=` line is the first.
    pub lines: Vec<Line<'a>>,
}

/// A session description: the lines for the whole session, then one section for each medium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionDescription<'a> {
    /// The lines before the first `m=`.
    pub session: Vec<Line<'a>>,
    /// The sections, in order: an answer must keep the order (RFC 9429 §5.3.1).
    pub media: Vec<MediaSection<'a>>,
}

/// Why a text is no session description.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// There is no line at all.
    #[error("the description is empty: expected v=0 as its first line")]
    Empty,
    /// Longer than [`MAX_LENGTH`].
    #[error("the text is longer than 256 KiB: a session description has a few kilobytes")]
    TooLong,
    /// It begins like JSON.
    #[error("this begins like JSON, but is none: {0}: copy pc.localDescription again")]
    Json(String),
    /// JSON of something else.
    #[error(
        "the JSON has no string \"sdp\": copy pc.localDescription, {{\"type\": ..., \"sdp\": ...}}"
    )]
    NoSdp,
    /// A line that does not belong at its place.
    #[error("line {number}: expected {expected}, found {found:?}")]
    Line {
        /// The line's number, from 1.
        number: usize,
        /// What should have been there.
        expected: &'static str,
        /// What is there, at most 60 characters of it.
        found: String,
    },
}

impl<'a> SessionDescription<'a> {
    /// Reads a description. Lines may end in CRLF or LF; empty lines and blanks around a line are allowed.
    ///
    /// # Errors
    /// [`ParseError`] for the first line that is not `<type>=<value>`, or when `v=` is not the first.
    pub fn parse(text: &'a str) -> Result<Self, ParseError> {
        if text.len() > MAX_LENGTH {
            return Err(ParseError::TooLong);
        }
        let lines = text.lines().enumerate().map(|(index, line)| Line {
            number: index + 1,
            text: line.trim(),
        });
        let mut description = Self {
            session: Vec::new(),
            media: Vec::new(),
        };
        for line in lines.filter(|line| !line.text.is_empty()) {
            description.add(line)?;
        }
        match description.session.is_empty() {
            true => Err(ParseError::Empty),
            false => Ok(description),
        }
    }

    fn add(&mut self, line: Line<'a>) -> Result<(), ParseError> {
        let refuse = |expected| {
            Err(ParseError::Line {
                number: line.number,
                expected,
                found: line.text.chars().take(60).collect(),
            })
        };
        // "exactly one case-significant character", and no blank on either side of the "=" (RFC 8866 §5).
        match line.text.as_bytes() {
            [b'a'..=b'z', b'=', ..] => {}
            _ => return refuse("<type>=<value>, where <type> is one small letter"),
        }
        match line.kind() {
            kind if self.session.is_empty() && kind != 'v' => {
                return refuse("v=0 as the first line");
            }
            'v' if !self.session.is_empty() => {
                return refuse("no second v= line (are these two descriptions?)");
            }
            'm' => self.media.push(MediaSection { lines: vec![line] }),
            _ => match self.media.last_mut() {
                Some(section) => section.lines.push(line),
                None => self.session.push(line),
            },
        }
        Ok(())
    }
}
