//! MJPEG: a JPEG file for each frame.

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::ConversionError;
use crate::VideoFrame;

/// Decodes to full-range Y, Cb, Cr without a detour over RGB, then halves the colour and narrows the range.
///
/// Strict, so that a frame damaged on its way gives an error. A lenient decoder would fill the rest with grey.
pub(super) fn convert(bytes: &[u8], frame: &mut VideoFrame) -> Result<(), ConversionError> {
    let (width, height) = (frame.resolution().width(), frame.resolution().height());
    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(ColorSpace::YCbCr)
        .set_strict_mode(true)
        .set_max_width(width)
        .set_max_height(height);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let damaged =
        |error: zune_jpeg::errors::DecodeErrors| ConversionError::Jpeg(format!("{error:?}"));
    decoder.decode_headers().map_err(damaged)?;
    let size = decoder.dimensions().unwrap_or_default();
    if size != (width, height) {
        return Err(ConversionError::JpegSize(size.0, size.1));
    }
    let pixels = decoder.decode().map_err(damaged)?;
    if pixels.len() != width * height * 3 {
        return Err(ConversionError::Jpeg("not three colours".to_owned()));
    }
    write(&pixels, width, frame);
    Ok(())
}

/// `pixels` is Y, Cb, Cr for every pixel.
fn write(pixels: &[u8], width: usize, frame: &mut VideoFrame) {
    let narrow_luma = range_table(16, 219);
    let narrow_chroma = range_table(16, 224);
    let planes = frame.planes_mut();
    let luma = planes.y.chunks_exact_mut(width * 2);
    let chroma = planes
        .u
        .chunks_exact_mut(width / 2)
        .zip(planes.v.chunks_exact_mut(width / 2));
    for ((two_rows, luma), (u, v)) in pixels.chunks_exact(width * 6).zip(luma).zip(chroma) {
        for (pixel, y) in two_rows.chunks_exact(3).zip(luma) {
            *y = narrow_luma[usize::from(pixel[0])];
        }
        let (upper, lower) = two_rows.split_at(width * 3);
        let pairs = upper.chunks_exact(6).zip(lower.chunks_exact(6));
        for ((a, b), (u, v)) in pairs.zip(u.iter_mut().zip(v)) {
            let mean = |i| {
                let four = [a[i], a[i + 3], b[i], b[i + 3]].map(usize::from);
                four.iter().sum::<usize>() / 4
            };
            (*u, *v) = (narrow_chroma[mean(1)], narrow_chroma[mean(2)]);
        }
    }
}

/// Maps 0..=255 to `low..=low + span` (JFIF uses the full range, video the limited one).
fn range_table(low: usize, span: usize) -> [u8; 256] {
    std::array::from_fn(|full| (low + (full * span + 127) / 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Resolution;

    /// 32x16 pixels, the left half red and the right half blue.
    const RED_AND_BLUE: &[u8] = include_bytes!("red_and_blue.jpg");

    fn frame() -> VideoFrame {
        VideoFrame::black(Resolution::new(32, 16).expect("32x16 is a size"))
    }

    fn near(found: u8, expected: u8) -> bool {
        found.abs_diff(expected) <= 3
    }

    #[test]
    fn a_jpeg_becomes_limited_range() {
        let mut frame = frame();
        convert(RED_AND_BLUE, &mut frame).expect("the file is whole");
        for (x, [y, u, v]) in [(4, [82, 90, 240]), (28, [41, 240, 110])] {
            let found = [
                frame.y()[8 * 32 + x],
                frame.u()[4 * 16 + x / 2],
                frame.v()[4 * 16 + x / 2],
            ];
            let close = near(found[0], y) && near(found[1], u) && near(found[2], v);
            assert!(close, "column {x}: {found:?} is far from {:?}", [y, u, v]);
        }
    }

    #[test]
    fn the_full_range_of_a_jpeg_is_spread_over_the_limited_range_of_video() {
        for (low, span) in [(16, 219), (16, 224)] {
            for (full, found) in range_table(low, span).into_iter().enumerate() {
                let exact = low as f64 + full as f64 * span as f64 / 255.0;
                assert_eq!(f64::from(found), exact.round(), "{full} of 0 to 255");
            }
        }
    }

    #[test]
    fn brightness_stays_in_its_pixel_and_colour_is_the_mean_of_four() {
        let pixel = |x: usize, y: usize| [x * 8, y * 16, 255 - x * y / 2].map(|part| part as u8);
        let pixels = (0..16).flat_map(|y| (0..32).flat_map(move |x| pixel(x, y)));
        let mut frame = frame();
        write(&pixels.collect::<Vec<u8>>(), 32, &mut frame);
        let (luma, chroma) = (range_table(16, 219), range_table(16, 224));
        for (x, y) in (0..16).flat_map(|y| (0..32).map(move |x| (x, y))) {
            let expected = luma[usize::from(pixel(x, y)[0])];
            assert_eq!(frame.y()[y * 32 + x], expected, "Y of pixel {x}, {y}");
        }
        for (x, y) in (0..8).flat_map(|y| (0..16).map(move |x| (x, y))) {
            let four =
                [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| pixel(x * 2 + dx, y * 2 + dy));
            let mean = |i: usize| four.iter().map(|p| usize::from(p[i])).sum::<usize>() / 4;
            let found = (frame.u()[y * 16 + x], frame.v()[y * 16 + x]);
            assert_eq!(
                found,
                (chroma[mean(1)], chroma[mean(2)]),
                "U and V of block {x}, {y}"
            );
        }
    }

    #[test]
    fn bytes_after_the_end_of_the_jpeg_are_ignored() {
        let mut longer = frame();
        convert(&[RED_AND_BLUE, &[0; 4096]].concat(), &mut longer).expect("the file is whole");
        let mut exact = frame();
        convert(RED_AND_BLUE, &mut exact).expect("the file is whole");
        assert_eq!(longer.as_bytes_mut(), exact.as_bytes_mut());
    }

    #[test]
    fn a_jpeg_of_another_size_is_no_frame() {
        let mut vga = VideoFrame::black(Resolution::VGA);
        assert_eq!(
            convert(RED_AND_BLUE, &mut vga),
            Err(ConversionError::JpegSize(32, 16))
        );
    }

    #[test]
    fn a_jpeg_cut_off_in_its_headers_is_no_frame() {
        let scan = RED_AND_BLUE.windows(2).position(|two| two == [0xff, 0xda]);
        for length in 0..scan.expect("a JPEG has a scan") {
            let error = convert(&RED_AND_BLUE[..length], &mut frame());
            error.expect_err(&format!("{length} bytes are not enough"));
        }
    }

    #[test]
    fn no_damaged_byte_makes_the_decoder_panic() {
        for damaged in 0..RED_AND_BLUE.len() {
            for value in [0x00, 0x7f, 0xff] {
                let mut bytes = RED_AND_BLUE.to_vec();
                bytes[damaged] = value;
                let mut frame = frame();
                let untouched = frame.clone();
                if convert(&bytes, &mut frame).is_err() {
                    assert_eq!(frame, untouched, "byte {damaged}: half a frame was written");
                }
            }
        }
    }
}
