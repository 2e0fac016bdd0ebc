//! The owner of the child.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Once};
use std::time::Instant;

use parking_lot::Mutex;
use step_01_capture::VideoFrame;

use crate::receive::bitstream::access_unit_check::CheckedAccessUnit;
use crate::receive::bitstream::stream_limits::StreamLimits;
use crate::receive::decoder_process::{child, reply};
use crate::receive::frame_decoder::{DecodeError, FrameDecoder};

/// How often the child is started again.
const MOST_RESTARTS: u32 = 3;

/// Pixels in a macroblock.
const MACROBLOCK: usize = 256;

/// The largest that Linux gives to everyone.
#[cfg(target_os = "linux")]
const PIPE_SIZE: usize = 1 << 20;

/// Decodes in a child process, which ends with it.
pub struct DecoderProcess {
    program: PathBuf,
    largest_frame: usize,
    child: RunningChild,
    pipes: Option<(ChildStdin, ChildStdout)>,
    deaths: u32,
}

/// Ends the child from any thread, for instance from one that waits for the thread that waits for the child.
#[derive(Clone, Default)]
pub struct RunningChild(Arc<Mutex<Option<Child>>>);

impl RunningChild {
    /// Ends the child, if it runs, and says how it has ended.
    pub fn end(&self) -> Option<String> {
        let mut child = self.0.lock().take()?;
        // It may have ended by itself.
        let _ = child.kill();
        child.wait().map(|status| status.to_string()).ok()
    }
}

impl DecoderProcess {
    /// Decodes a stream within `limits` in a process of `program`, which must call [`child::run`] when it
    /// [is the child](child::is_child).
    pub fn new(program: PathBuf, limits: StreamLimits) -> Self {
        Self {
            program,
            largest_frame: limits.frame_size as usize * MACROBLOCK,
            child: RunningChild::default(),
            pipes: None,
            deaths: 0,
        }
    }

    /// The child, for those that want to end it.
    pub fn child(&self) -> RunningChild {
        self.child.clone()
    }

    fn start(&mut self) -> io::Result<&mut (ChildStdin, ChildStdout)> {
        let mut command = Command::new(&self.program);
        command.arg(child::ARGUMENT).stderr(Stdio::null());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // Ctrl-C is for the parent alone, which shows what is on its way before it ends the child.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        *self.child.0.lock() = Some(child);
        let (input, mut output) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
        // A whole frame fits in, so that child and parent do not wait for each other again and again.
        #[cfg(target_os = "linux")]
        let _ = rustix::pipe::fcntl_setpipe_size(&output, PIPE_SIZE);
        let mut confined = [0];
        output.read_exact(&mut confined)?;
        if confined == [0] {
            static ONCE: Once = Once::new();
            ONCE.call_once(|| {
                tracing::warn!(
                    peer = "remote",
                    "the process that decodes is not wholly confined: this system cannot do it"
                );
            });
        }
        Ok(self.pipes.insert((input, output)))
    }

    fn exchange(
        &mut self,
        access_unit: &CheckedAccessUnit,
    ) -> io::Result<Result<VideoFrame, DecodeError>> {
        let largest_frame = self.largest_frame;
        let (input, output) = match &mut self.pipes {
            Some(pipes) => pipes,
            None => self.start()?,
        };
        let length = access_unit.data.len() as u32;
        let [a, b, c, d] = length.to_le_bytes();
        input.write_all(&[access_unit.begins_sequence.into(), a, b, c, d])?;
        input.write_all(&access_unit.data)?;
        let mut reply = [0; reply::LENGTH];
        output.read_exact(&mut reply)?;
        let resolution = match reply::read(reply) {
            Ok(resolution) => resolution,
            Err(error) => return Ok(Err(error)),
        };
        // The child is not trusted more than the sender.
        if resolution.pixels() > largest_frame {
            return Err(io::Error::other("it sent a frame that is too large"));
        }
        let mut frame = VideoFrame::black(resolution);
        output.read_exact(frame.as_bytes_mut())?;
        frame.captured_at = Instant::now();
        Ok(Ok(frame))
    }

    fn lost(&mut self, error: &io::Error) -> DecodeError {
        self.pipes = None;
        let cause = self.child.end().unwrap_or_else(|| error.to_string());
        self.deaths += 1;
        let count = self.deaths;
        match count > MOST_RESTARTS {
            true => DecodeError::NoProcess { count, cause },
            false => DecodeError::ProcessEnded { cause },
        }
    }
}

impl FrameDecoder for DecoderProcess {
    fn prepare(&mut self) {
        if let Err(error) = self.start() {
            let lost = self.lost(&error);
            tracing::debug!(peer = "remote", "{lost}");
        }
    }

    fn decode(&mut self, access_unit: &CheckedAccessUnit) -> Result<VideoFrame, DecodeError> {
        let exchanged = self.exchange(access_unit);
        exchanged.unwrap_or_else(|error| Err(self.lost(&error)))
    }
}

impl Drop for DecoderProcess {
    fn drop(&mut self) {
        self.child.end();
    }
}
