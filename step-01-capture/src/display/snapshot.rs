//! A frame as a PNG file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::VideoFrame;
use crate::display::rgb;

/// Why no picture was written.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file cannot be created or written.
    #[error("cannot write {}: {cause}: choose a path that you may write to", path.display())]
    File {
        /// The file that was to be written.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The PNG encoder refused the picture.
    #[error("cannot write {}: {cause}", path.display())]
    Encoding {
        /// The file that was to be written.
        path: PathBuf,
        /// What the encoder said.
        cause: png::EncodingError,
    },
}

/// Writes the frame as an 8-bit RGB PNG, replacing the file if there is one.
///
/// # Errors
/// [`SnapshotError`] names the file and what the system said.
pub fn write_png(frame: &VideoFrame, path: &Path) -> Result<(), SnapshotError> {
    let file = File::create(path).map_err(|cause| SnapshotError::File {
        path: path.to_owned(),
        cause,
    })?;
    encode(frame, BufWriter::new(file)).map_err(|cause| match cause {
        png::EncodingError::IoError(cause) => SnapshotError::File {
            path: path.to_owned(),
            cause,
        },
        cause => SnapshotError::Encoding {
            path: path.to_owned(),
            cause,
        },
    })
}

fn encode(frame: &VideoFrame, mut file: impl Write) -> Result<(), png::EncodingError> {
    let (width, height) = (frame.resolution().width(), frame.resolution().height());
    let mut pixels = vec![0; width * height];
    rgb::write_0rgb(frame, &mut pixels, width);
    let bytes: Vec<u8> = pixels
        .iter()
        .flat_map(|pixel| [(pixel >> 16) as u8, (pixel >> 8) as u8, *pixel as u8])
        .collect();
    // A side is 4096 pixels at most, so it fits into 32 bits.
    let mut encoder = png::Encoder::new(&mut file, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&bytes)?;
    writer.finish()?;
    Ok(file.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Resolution;

    #[test]
    fn a_snapshot_has_the_size_and_the_colours_of_the_frame() {
        let mut frame = VideoFrame::black(Resolution::new(32, 16).expect("32x16 is a size"));
        frame.planes_mut().y[..32].fill(235);
        let mut file = Vec::new();
        encode(&frame, &mut file).expect("memory can be written");

        let mut reader = png::Decoder::new(io::Cursor::new(file))
            .read_info()
            .expect("it is a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("it is small")];
        let info = reader.next_frame(&mut pixels).expect("it is whole");
        assert_eq!((info.width, info.height), (32, 16));
        assert_eq!(pixels[..96], [255; 96], "the first row is white");
        assert_eq!(pixels[96..], [0; 96 * 15], "the rest is black");
    }

    #[test]
    fn a_folder_that_does_not_exist_is_named_in_the_error() {
        let frame = VideoFrame::black(Resolution::VGA);
        let error = write_png(&frame, Path::new("no-such-folder/a.png")).expect_err("no folder");
        let message = error.to_string();
        assert!(
            message.starts_with("cannot write no-such-folder/a.png: "),
            "{message}"
        );
    }
}
