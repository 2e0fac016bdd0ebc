//! The first line of a Y4M file.

use crate::Resolution;
use crate::media_stream_constraints::FRAME_RATES;
use crate::video_source::MediaTrackSettings;

/// Reads the first line, without its line feed, as in `YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420jpeg`. Parameters may come
/// in any order; `A` (the shape of a pixel) and `X` (comments) are ignored. The frame rate is rounded to a whole number.
///
/// # Errors
/// A text that completes "the file ...".
pub(super) fn parse(line: &[u8]) -> Result<MediaTrackSettings, String> {
    // Only a comment may contain anything but ASCII, and comments are ignored.
    let line = String::from_utf8_lossy(line);
    let mut words = line.split_ascii_whitespace();
    if words.next() != Some("YUV4MPEG2") {
        return Err("does not begin with YUV4MPEG2".to_owned());
    }
    let (mut width, mut height, mut frame_rate) = (None, None, 30);
    // A word may begin with a character that is longer than one byte.
    for (tag, value) in words.filter_map(|word| word.split_at_checked(1)) {
        match (tag, value) {
            ("W", _) => width = value.parse().ok(),
            ("H", _) => height = value.parse().ok(),
            ("F", _) => frame_rate = parse_rate(value)?,
            ("I", "p" | "?") => {}
            ("I", _) => {
                return Err("is interlaced, and only whole frames can be played".to_owned());
            }
            // They differ in where a colour sample is between its pixels, by less than half a pixel.
            ("C", "420" | "420jpeg" | "420mpeg2" | "420paldv") => {}
            ("C", _) => {
                let only = "and only 8-bit 4:2:0 can be played";
                return Err(format!("has the colour layout {value}, {only}"));
            }
            _ => {}
        }
    }
    let size = width.zip(height);
    let (width, height) = size.ok_or("has no width or no height in its first line")?;
    let resolution = Resolution::new(width, height)
        .map_err(|error| format!("has a size that cannot be used: {error}"))?;
    Ok(MediaTrackSettings {
        resolution,
        frame_rate,
    })
}

/// `30000:1001` is 29.97 and becomes 30. `0:0` means unknown, which is played at 30 too.
fn parse_rate(value: &str) -> Result<u32, String> {
    if value == "0:0" {
        return Ok(30);
    }
    let parts = value.split_once(':');
    let parts = parts.and_then(|(n, d)| Some((n.parse::<u32>().ok()?, d.parse::<u32>().ok()?)));
    let rate = parts.map(|(n, d)| (f64::from(n) / f64::from(d)).round() as u32);
    rate.filter(|rate| FRAME_RATES.contains(rate))
        .ok_or_else(|| {
            format!("has the frame rate {value}, and only whole rates from 1 to 120 can be played")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<MediaTrackSettings, String> {
        super::parse(line.as_bytes())
    }

    #[test]
    fn the_parameters_may_come_in_any_order() {
        let header = parse("YUV4MPEG2 C420jpeg XCOLORRANGE=LIMITED A1:1 Ip F25:1 H240 W320");
        let header = header.expect("this is what ffmpeg writes, in another order");
        assert_eq!(header.resolution.to_string(), "320x240");
        assert_eq!(header.frame_rate, 25);
    }

    #[test]
    fn a_rate_is_rounded_to_a_whole_number() {
        let rate = |f: &str| parse(&format!("YUV4MPEG2 W16 H16 F{f}")).map(|h| h.frame_rate);
        assert_eq!(rate("30000:1001"), Ok(30));
        assert_eq!(rate("15:2"), Ok(8));
        assert_eq!(rate("0:0"), Ok(30));
        assert_eq!(rate("24000:1001"), Ok(24));
        for wrong in [
            "0:1",
            "1:0",
            "1:4",
            "121:1",
            "30",
            "",
            ":",
            "-1:1",
            "99999999999:1",
        ] {
            let error = rate(wrong).expect_err(wrong);
            assert!(error.contains("whole rates from 1 to 120"), "{error}");
        }
    }

    #[test]
    fn a_file_without_a_rate_plays_at_30() {
        assert_eq!(parse("YUV4MPEG2 W16 H16").map(|h| h.frame_rate), Ok(30));
    }

    #[test]
    fn every_name_of_8_bit_420_is_accepted_and_nothing_else() {
        for name in ["420", "420jpeg", "420mpeg2", "420paldv"] {
            parse(&format!("YUV4MPEG2 W16 H16 C{name}")).expect(name);
        }
        for name in ["422", "444", "mono", "420p10", "411", ""] {
            let error = parse(&format!("YUV4MPEG2 W16 H16 C{name}")).expect_err(name);
            assert!(error.contains("only 8-bit 4:2:0"), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_played_has_an_error_in_one_line() {
        let error = |line: &str| parse(line).expect_err(line);
        insta::assert_snapshot!(error("RIFF"), @"does not begin with YUV4MPEG2");
        insta::assert_snapshot!(error("YUV4MPEG2X W16 H16"), @"does not begin with YUV4MPEG2");
        insta::assert_snapshot!(error("YUV4MPEG2 W16"), @"has no width or no height in its first line");
        insta::assert_snapshot!(error("YUV4MPEG2 Wx H16"), @"has no width or no height in its first line");
        insta::assert_snapshot!(error("YUV4MPEG2 W641 H480"), @"has a size that cannot be used: 641x480 is not even: H.264 halves the colour planes, so use 640x480");
        insta::assert_snapshot!(error("YUV4MPEG2 W8 H8"), @"has a size that cannot be used: 8x8 is out of range: both sides must lie between 16 and 4096");
        insta::assert_snapshot!(error("YUV4MPEG2 W16 H16 It"), @"is interlaced, and only whole frames can be played");
    }

    #[test]
    fn characters_outside_of_ascii_are_ignored() {
        super::parse(b"YUV4MPEG2 \xc3\xa9 W16 H16 \xff\xfe").expect("they are ignored");
    }
}
