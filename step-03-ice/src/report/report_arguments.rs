//! The options of the report.

use std::path::PathBuf;

use crate::report::page::Language;
use crate::report::report_file::{ReportError, ReportFile};

/// Where a report goes, if one is wanted. Put it into a step's own arguments with `#[command(flatten)]`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ReportArguments {
    /// Write what happened: a page to look at if FILE ends in .html, else its data as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,

    /// The language of that page [default: that of the system, if it is one of them]
    #[arg(long, value_name = "LANGUAGE", value_enum)]
    pub language: Option<Language>,
}

impl ReportArguments {
    /// Checks that the report can be written, if there is to be one. Call it at the start of the program.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn create(&self) -> Result<Option<ReportFile>, ReportError> {
        let of_system = || Language::of_environment(|name| std::env::var(name).ok());
        let language = self.language.unwrap_or_else(of_system);
        let path = self.report.as_deref();
        path.map(|path| ReportFile::create(path, language))
            .transpose()
    }
}
