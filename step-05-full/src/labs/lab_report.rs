//! What a lab shows.

use std::fmt;

use step_01_capture::program::report::Section;

/// What a lab has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabReport {
    /// The counts, one line each.
    pub seen: String,
    /// Why it was so, in two or three sentences; empty as long as the reader is to find out.
    pub explanation: &'static str,
}

impl LabReport {
    pub(super) fn new(seen: String, explanation: &'static str) -> Self {
        Self { seen, explanation }
    }
}

impl fmt::Display for LabReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Section::new("What was seen", &self.seen))?;
        match self.explanation {
            "" => Ok(()),
            explanation => write!(f, "\n{}", Section::new("Why", explanation)),
        }
    }
}
