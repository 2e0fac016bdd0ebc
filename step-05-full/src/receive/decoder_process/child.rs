//! The program as the child: it decodes what its parent sends, and does nothing else.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use crate::receive::bitstream::access_unit_check::CheckedAccessUnit;
use crate::receive::decoder_process::{limits, reply, sandbox};
use crate::receive::frame_decoder::FrameDecoder;
use crate::receive::openh264_decoder::OpenH264Decoder;

/// The only argument of the child. `--help` does not list it: it is for the parent.
pub const ARGUMENT: &str = "--decode-access-units";

/// Whether this process was started as the child.
pub fn is_child() -> bool {
    std::env::args_os()
        .nth(1)
        .is_some_and(|argument| argument == ARGUMENT)
}

/// Decodes from stdin to stdout, until stdin ends: then the parent needs it no more, or has ended itself.
pub fn run() -> ExitCode {
    match decode(&mut io::stdin().lock(), &mut io::stdout().lock()) {
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

fn decode(input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let mut decoder = OpenH264Decoder::new().map_err(io::Error::other)?;
    let limited = limits::limit_memory_and_files();
    let confined = sandbox::enter() && limited;
    output.write_all(&[u8::from(confined)])?;
    output.flush()?;
    loop {
        let mut head = [0; 5];
        input.read_exact(&mut head)?;
        let [begins_sequence, length @ ..] = head;
        let mut data = vec![0; u32::from_le_bytes(length) as usize];
        input.read_exact(&mut data)?;
        let access_unit = CheckedAccessUnit {
            begins_sequence: begins_sequence != 0,
            data,
        };
        limits::limit_processor_time();
        let mut decoded = decoder.decode(&access_unit);
        output.write_all(&reply::write(&decoded))?;
        if let Ok(frame) = &mut decoded {
            output.write_all(frame.as_bytes_mut())?;
        }
        output.flush()?;
    }
}
