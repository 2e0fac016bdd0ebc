//! A Y4M file: pictures without compression, one after the other, repeated for ever.
//!
//! The format is one text line for the file, then for each picture the line `FRAME` and its planes Y, U and V.
//! `ffmpeg` writes it.

mod header;

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Instant;

use crate::source::pacer::Pacer;
use crate::source::y4m::header::Y4mHeader;
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
    /// Where the first picture begins, to go back to.
    first_frame: u64,
    /// Whole pictures read since the first: one, at least, or the file would be played in a tight circle.
    frames_in_this_round: u64,
    told_of_truncation: bool,
    pacer: Pacer,
}

/// What the reader found where a picture should begin.
enum Picture {
    Whole(VideoFrame),
    End,
    /// The file ends in the middle of a picture.
    Truncated,
}

impl Y4mFile {
    /// Opens a file and checks that it has at least one whole picture.
    ///
    /// # Errors
    /// NotFoundError, NotAllowedError, NotReadableError (empty, no Y4M, no whole picture, or a layout that cannot be
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
        let broken = |cause: &dyn std::fmt::Display| not_readable(&label, &cause.to_string());
        let line = match read_line(&mut input).map_err(|error| broken(&error))? {
            Line::Text(line) => line,
            Line::End => return Err(broken(&"it is empty")),
            Line::Cut(start) if start.starts_with(b"YUV4MPEG2") => {
                return Err(broken(&"it ends in its first line"));
            }
            Line::Cut(_) => return Err(broken(&"it does not begin with YUV4MPEG2")),
        };
        let header = Y4mHeader::parse(&line).map_err(|error| broken(&format!("it {error}")))?;
        let first_frame = input.stream_position().map_err(|error| broken(&error))?;
        let settings = MediaTrackSettings {
            resolution: header.resolution,
            frame_rate: header.frame_rate,
        };
        check_constraints(&label, settings, constraints)?;
        let mut file = Self {
            settings,
            input,
            first_frame,
            frames_in_this_round: 0,
            told_of_truncation: false,
            pacer: Pacer::new(header.frame_rate),
            label: label.clone(),
        };
        match file.read_picture().map_err(|error| broken(&error))? {
            Picture::Whole(_) => file.rewind().map_err(|error| broken(&error))?,
            Picture::End => return Err(broken(&"it has no picture")),
            Picture::Truncated => return Err(broken(&"it ends within its first picture")),
        }
        Ok(file)
    }

    fn read_picture(&mut self) -> io::Result<Picture> {
        match read_line(&mut self.input)? {
            Line::End => return Ok(Picture::End),
            Line::Cut(start) if b"FRAME".starts_with(&start[..start.len().min(5)]) => {
                return Ok(Picture::Truncated);
            }
            // `FRAME` may have parameters of its own; none of them matters here.
            Line::Text(line) if line.split(|byte| *byte == b' ').next() == Some(b"FRAME") => {}
            Line::Text(_) | Line::Cut(_) => {
                let message = "no FRAME line where a picture should begin";
                return Err(io::Error::new(ErrorKind::InvalidData, message));
            }
        }
        let mut frame = VideoFrame::black(self.settings.resolution);
        match self.input.read_exact(frame.as_bytes_mut()) {
            Ok(()) => Ok(Picture::Whole(frame)),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(Picture::Truncated),
            Err(error) => Err(error),
        }
    }

    fn rewind(&mut self) -> io::Result<()> {
        self.frames_in_this_round = 0;
        self.input.seek(SeekFrom::Start(self.first_frame))?;
        Ok(())
    }

    /// The next picture, from the beginning again after the last whole one.
    fn next_picture(&mut self) -> io::Result<VideoFrame> {
        loop {
            match self.read_picture()? {
                Picture::Whole(frame) => {
                    self.frames_in_this_round += 1;
                    return Ok(frame);
                }
                // The file had a picture when it was opened: somebody has cut it since.
                _ if self.frames_in_this_round == 0 => {
                    let message = "it has no whole picture any more";
                    return Err(io::Error::new(ErrorKind::UnexpectedEof, message));
                }
                Picture::End => self.rewind()?,
                Picture::Truncated => {
                    self.tell_of_truncation();
                    self.rewind()?;
                }
            }
        }
    }

    fn tell_of_truncation(&mut self) {
        if !std::mem::replace(&mut self.told_of_truncation, true) {
            let (label, whole) = (&self.label, self.frames_in_this_round);
            tracing::warn!(
                peer = "local",
                "{label}: the last picture is cut off; the {whole} before it are repeated"
            );
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

    fn next_frame(&mut self) -> Result<VideoFrame, SourceError> {
        let number = self.pacer.wait();
        let mut frame = self.next_picture().map_err(|error| SourceError::Failed {
            label: self.label.clone(),
            cause: error.to_string(),
        })?;
        frame.number = number;
        frame.captured_at = Instant::now();
        Ok(frame)
    }
}

enum Line {
    /// Without the line feed.
    Text(Vec<u8>),
    /// The file ends, or goes on for too long, without a line feed.
    Cut(Vec<u8>),
    End,
}

fn read_line(input: &mut dyn ReadSeek) -> io::Result<Line> {
    let mut line = Vec::new();
    input.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    Ok(match line.pop() {
        None => Line::End,
        Some(b'\n') => Line::Text(line),
        Some(byte) => {
            line.push(byte);
            Line::Cut(line)
        }
    })
}

fn check_constraints(
    label: &str,
    settings: MediaTrackSettings,
    constraints: &MediaStreamConstraints,
) -> Result<(), GetUserMediaError> {
    let MediaTrackSettings {
        resolution,
        frame_rate,
    } = settings;
    let wish = match (constraints.resolution, constraints.frame_rate) {
        (Some(size), _) if size != resolution => format!("the size {size}"),
        (_, Some(rate)) if rate != frame_rate => format!("{rate} frames a second"),
        _ => return Ok(()),
    };
    Err(GetUserMediaError::Overconstrained {
        what: label.to_owned(),
        wish,
        capabilities: format!("{resolution} at {frame_rate}; leave out --size and --fps"),
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
