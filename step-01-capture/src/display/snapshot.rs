//! A frame as a PNG file.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::VideoFrame;
use crate::display::rgb;

/// Why no PNG was written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {cause}: choose a path that you may write to", path.display())]
pub struct SnapshotError {
    path: PathBuf,
    cause: png::EncodingError,
}

/// Writes the frame as an 8-bit RGB PNG, replacing the file if there is one.
///
/// # Errors
/// [`SnapshotError`] has the path and the error of the system.
pub fn write_png(frame: &VideoFrame, path: &Path) -> Result<(), SnapshotError> {
    let file = File::create(path).map_err(png::EncodingError::from);
    let written = file.and_then(|file| encode(frame, BufWriter::new(file)));
    written.map_err(|cause| SnapshotError {
        path: path.to_owned(),
        cause,
    })
}

fn encode(frame: &VideoFrame, mut file: impl Write) -> Result<(), png::EncodingError> {
    let (width, height) = (frame.resolution().width(), frame.resolution().height());
    let mut pixels = vec![0_u32; width * height];
    rgb::write_0rgb(frame, &mut pixels, width);
    let rgb = |pixel: u32| pixel.to_be_bytes().into_iter().skip(1);
    let bytes: Vec<u8> = pixels.into_iter().flat_map(rgb).collect();
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

        let mut reader = png::Decoder::new(std::io::Cursor::new(file))
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
