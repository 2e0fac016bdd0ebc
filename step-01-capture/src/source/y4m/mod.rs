//! A Y4M file: frames without compression, one after the other, repeated for ever.
//!
//! The format is one text line for the file, then for each frame the line `FRAME` and its planes Y, U and V.
//! `ffmpeg` writes it.

mod header;

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::source::pacer::Pacer;
use crate::user_media_error::GetUserMediaError;
use crate::video_source::{MediaTrackSettings, SourceError, VideoSource};
use crate::{MediaStreamConstraints, VideoFrame};

/// A line of text in a Y4M file is short. What has no line feed in so many bytes is something else.
const LONGEST_LINE: u64 = 4096;

/// Anything that a Y4M can be read from; the tests read from memory.
trait ReadSeek: BufRead + Seek + Send {}
impl<T: BufRead + Seek + Send> ReadSeek for T {}

/// A file that plays again and again.
pub struct Y4mFile {
    label: String,
    settings: MediaTrackSettings,
    input: Box<dyn ReadSeek>,
    /// Where the first frame begins, to go back to.
    first_frame: u64,
    /// Whole frames read since the first: one, at least, or the file would be read in an endless loop.
    frames_in_this_round: u64,
    /// The file ends in the middle of a frame.
    is_truncated: bool,
    has_warned: bool,
    pacer: Pacer,
}

impl Y4mFile {
    /// Opens a file and checks that it has at least one whole frame.
    ///
    /// # Errors
    /// NotFoundError, NotAllowedError, NotReadableError (empty, no Y4M, no whole frame, or a layout that cannot be
    /// played), OverconstrainedError (another size or rate than the file's was asked for).
    pub fn open(
        path: &Path,
        constraints: &MediaStreamConstraints,
    ) -> Result<Self, GetUserMediaError> {
        let label = path.display().to_string();
        let file = File::open(path).map_err(|error| open_error(&label, &error))?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(not_readable(&label, "it is a folder"));
        }
        Self::from_reader(label, Box::new(BufReader::new(file)), constraints)
    }

    fn from_reader(
        label: String,
        mut input: Box<dyn ReadSeek>,
        constraints: &MediaStreamConstraints,
    ) -> Result<Self, GetUserMediaError> {
        let io_error = |error: io::Error| not_readable(&label, &error.to_string());
        let (line, is_whole) = read_line(&mut input).map_err(io_error)?;
        if line.is_empty() && !is_whole {
            return Err(not_readable(&label, "it is empty"));
        }
        if line.starts_with(b"YUV4MPEG2") && !is_whole {
            return Err(not_readable(&label, "it ends in its first line"));
        }
        let settings =
            header::parse(&line).map_err(|error| not_readable(&label, &format!("it {error}")))?;
        check_constraints(&label, settings, constraints)?;
        let mut file = Self {
            settings,
            first_frame: input.stream_position().map_err(io_error)?,
            input,
            frames_in_this_round: 0,
            is_truncated: false,
            has_warned: false,
            pacer: Pacer::new(settings.frame_rate),
            label: label.clone(),
        };
        if file.read_frame().map_err(io_error)?.is_none() {
            let cause = match file.is_truncated {
                true => "it ends within its first frame",
                false => "it has no frame",
            };
            return Err(not_readable(&label, cause));
        }
        file.rewind().map_err(io_error)?;
        Ok(file)
    }

    /// The next frame; none at the end of the file, and none where it is cut off.
    fn read_frame(&mut self) -> io::Result<Option<VideoFrame>> {
        let (line, is_whole) = read_line(&mut self.input)?;
        if line.is_empty() && !is_whole {
            return Ok(None);
        }
        if !is_whole && b"FRAME".starts_with(&line[..line.len().min(5)]) {
            self.is_truncated = true;
            return Ok(None);
        }
        // `FRAME` may have parameters of its own; none of them matters here.
        if !is_whole || line.split(|byte| *byte == b' ').next() != Some(b"FRAME") {
            let message = "no FRAME line where a frame should begin";
            return Err(io::Error::new(ErrorKind::InvalidData, message));
        }
        let mut frame = VideoFrame::black(self.settings.resolution);
        match self.input.read_exact(frame.as_bytes_mut()) {
            Ok(()) => Ok(Some(frame)),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                self.is_truncated = true;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn rewind(&mut self) -> io::Result<()> {
        self.frames_in_this_round = 0;
        self.input.seek(SeekFrom::Start(self.first_frame))?;
        Ok(())
    }

    /// The next frame, from the beginning again after the last whole one.
    fn next_in_file(&mut self) -> io::Result<VideoFrame> {
        loop {
            if let Some(frame) = self.read_frame()? {
                self.frames_in_this_round += 1;
                return Ok(frame);
            }
            let whole = self.frames_in_this_round;
            if whole == 0 {
                // The file had a frame when it was opened: it was cut since.
                let message = "it has no whole frame any more";
                return Err(io::Error::new(ErrorKind::UnexpectedEof, message));
            }
            if self.is_truncated && !self.has_warned {
                self.has_warned = true;
                let text = format!("the last frame is cut off; the {whole} before it are repeated");
                tracing::warn!(peer = "local", "{}: {text}", self.label);
            }
            self.rewind()?;
        }
    }
}

impl VideoSource for Y4mFile {
    fn label(&self) -> &str {
        &self.label
    }

    fn settings(&self) -> MediaTrackSettings {
        self.settings
    }

    fn next_frame(&mut self) -> Result<Arc<VideoFrame>, SourceError> {
        let number = self.pacer.wait();
        let mut frame = self.next_in_file().map_err(|error| SourceError::Failed {
            label: self.label.clone(),
            cause: error.to_string(),
        })?;
        frame.number = number;
        frame.captured_at = Instant::now();
        Ok(Arc::new(frame))
    }
}

/// A line without its line feed. False when the file ends, or goes on for too long, without one.
fn read_line(input: &mut dyn ReadSeek) -> io::Result<(Vec<u8>, bool)> {
    let mut line = Vec::new();
    input.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    let is_whole = line.pop_if(|last| *last == b'\n').is_some();
    Ok((line, is_whole))
}

fn check_constraints(
    label: &str,
    settings: MediaTrackSettings,
    constraints: &MediaStreamConstraints,
) -> Result<(), GetUserMediaError> {
    let (size, frame_rate) = (settings.resolution, settings.frame_rate);
    let constraint = match (constraints.resolution, constraints.frame_rate) {
        (Some(wanted), _) if wanted != size => format!("the size {wanted}"),
        (_, Some(wanted)) if wanted != frame_rate => format!("{wanted} frames a second"),
        _ => return Ok(()),
    };
    Err(GetUserMediaError::Overconstrained {
        what: label.to_owned(),
        constraint,
        capabilities: format!("{size} at {frame_rate}; leave out --size and --fps"),
    })
}

fn open_error(label: &str, error: &io::Error) -> GetUserMediaError {
    match error.kind() {
        ErrorKind::NotFound => GetUserMediaError::NotFound {
            what: format!("no file {label}"),
            hint: "check the path, or use --source pattern".to_owned(),
        },
        ErrorKind::PermissionDenied => GetUserMediaError::NotAllowed {
            what: label.to_owned(),
            hint: "give yourself the right to read the file".to_owned(),
        },
        _ => not_readable(label, &error.to_string()),
    }
}

fn not_readable(label: &str, cause: &str) -> GetUserMediaError {
    GetUserMediaError::NotReadable {
        what: label.to_owned(),
        cause: cause.to_owned(),
        hint: "make a new file with `ffmpeg -i VIDEO -vf scale=640:480 -r 30 -pix_fmt yuv420p \
                  -strict -1 new.y4m`"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests;
