//! The file of `--report`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

/// Where the report will be written. The report of an earlier run stays until the new one is whole: the new one is written
/// to a file beside it, which then takes its name.
#[derive(Debug)]
pub struct ReportFile(PathBuf);

/// The report cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the report {} cannot be written: {cause}: choose a folder that is there and that you may write to", .path.display())]
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
    pub fn create(path: &Path) -> Result<Self, ReportError> {
        let file = Self(path.to_owned());
        file.check().map_err(|cause| file.error(cause))?;
        Ok(file)
    }

    fn check(&self) -> io::Result<()> {
        match OpenOptions::new().write(true).open(&self.0) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ if self.is_device() => return Ok(()),
            _ => {}
        }
        let (_, unfinished) = self.target_and_unfinished();
        File::create(&unfinished)?;
        fs::remove_file(unfinished)
    }

    /// Writes the report as JSON.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn write(self, report: &impl Serialize) -> Result<(), ReportError> {
        let text = serde_json::to_string_pretty(report).map_err(io::Error::other);
        let written = text.and_then(|text| self.replace(&format!("{text}\n")));
        written.map_err(|cause| self.error(cause))
    }

    fn replace(&self, text: &str) -> io::Result<()> {
        if self.is_device() {
            return fs::write(&self.0, text);
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
        fs::metadata(&self.0).is_ok_and(|old| !old.is_file())
    }

    /// The file to replace, with links followed, and the one beside it that is written first.
    fn target_and_unfinished(&self) -> (PathBuf, PathBuf) {
        let target = fs::canonicalize(&self.0).unwrap_or_else(|_| self.0.clone());
        let mut unfinished = target.clone().into_os_string();
        // Two programs may have the same report.
        unfinished.push(format!(".{}", std::process::id()));
        (target, unfinished.into())
    }

    fn error(&self, cause: io::Error) -> ReportError {
        let path = self.0.clone();
        ReportError { path, cause }
    }
}
