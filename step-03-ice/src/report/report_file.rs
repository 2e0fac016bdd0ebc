//! The file of `--report`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::report::page::{Language, Supplement, page};

/// Where the report will be written. The report of an earlier run stays until the new one is whole: the new one is written
/// to a file beside it, which then takes its name.
#[derive(Debug)]
pub struct ReportFile {
    path: PathBuf,
    language: Language,
    supplement: Supplement,
}

/// The report cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the report {} cannot be written: {cause}: choose a folder that is there, that has room, and that you may write to", .path.display())]
pub struct ReportError {
    path: PathBuf,
    cause: io::Error,
}

impl ReportFile {
    /// Checks that the report can be written. Call it at the start of the program: at the end of a long call it would be too
    /// late to choose another folder.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn create(path: &Path, language: Language) -> Result<Self, ReportError> {
        let path = path.to_owned();
        let file = Self {
            path,
            language,
            supplement: Supplement::default(),
        };
        file.check().map_err(|cause| file.error(cause))?;
        Ok(file)
    }

    /// Adds to the page, if it becomes one.
    #[must_use]
    pub fn with(self, supplement: Supplement) -> Self {
        Self { supplement, ..self }
    }

    fn check(&self) -> io::Result<()> {
        match OpenOptions::new().write(true).open(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ if self.is_device() => return Ok(()),
            _ => {}
        }
        let (_, unfinished) = self.target_and_unfinished();
        File::create(&unfinished)?;
        fs::remove_file(unfinished)
    }

    /// Writes the report: a page if the name of the file ends in `.html`, else JSON.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn write(self, report: &impl Serialize) -> Result<(), ReportError> {
        let text = match self.path.extension().is_some_and(|it| it == "html") {
            true => page(report, self.language, self.supplement),
            false => serde_json::to_string_pretty(report).map(|text| text + "\n"),
        };
        let written = text.map_err(io::Error::other);
        let written = written.and_then(|text| self.replace(&text));
        written.map_err(|cause| self.error(cause))
    }

    fn replace(&self, text: &str) -> io::Result<()> {
        if self.is_device() {
            return fs::write(&self.path, text);
        }
        let (target, unfinished) = self.target_and_unfinished();
        let written = File::create(&unfinished).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            // Some file systems report only now that the disk is full.
            file.sync_all()
        });
        let replaced = written.and_then(|()| fs::rename(&unfinished, target));
        if replaced.is_err() {
            let _ = fs::remove_file(unfinished);
        }
        replaced
    }

    /// A device or a pipe, such as `/dev/stdout`, is written to and not replaced.
    fn is_device(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|old| !old.is_file())
    }

    /// The file to replace, with links followed, and the one beside it that is written first.
    fn target_and_unfinished(&self) -> (PathBuf, PathBuf) {
        let target = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let mut unfinished = target.clone().into_os_string();
        // Two programs may have the same report.
        unfinished.push(format!(".{}", std::process::id()));
        (target, unfinished.into())
    }

    fn error(&self, cause: io::Error) -> ReportError {
        let path = self.path.clone();
        ReportError { path, cause }
    }
}
