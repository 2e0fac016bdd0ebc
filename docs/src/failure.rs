//! What is wrong, and where.

use std::fmt;
use std::path::PathBuf;

/// One place where a page and the project disagree. Prints as `page:line: what`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    /// The page, from the root of the repository.
    pub page: PathBuf,
    /// The line in the page, from 1.
    pub line: usize,
    /// What is wrong, and what to do next.
    pub what: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let page = self.page.display().to_string().replace('\\', "/");
        write!(f, "{page}:{}: {}", self.line, self.what)
    }
}
