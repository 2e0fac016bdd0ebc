//! The first line of a Y4M file.

use crate::Resolution;
use crate::resolution::ResolutionError;

/// What the first line says: `YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420jpeg`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Y4mHeader {
    pub(crate) resolution: Resolution,
    /// Frames a second, rounded to a whole number.
    pub(crate) frame_rate: u32,
}

/// Why the first line cannot be used. The texts complete "the file ...".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Y4mHeaderError {
    #[error("does not begin with YUV4MPEG2")]
    NotY4m,
    #[error("has no width or no height in its first line")]
    NoSize,
    #[error("has a size that cannot be used: {0}")]
    Size(ResolutionError),
    #[error("has the frame rate {0}, and only whole rates from 1 to 120 can be played")]
    FrameRate(String),
    #[error("has the colour layout {0}, and only 8-bit 4:2:0 can be played")]
    Chroma(String),
    #[error("is interlaced, and only whole pictures can be played")]
    Interlaced,
}

impl Y4mHeader {
    /// Reads the first line, without its line feed. Parameters may come in any order; `A` (the shape of a pixel) and `X`
    /// (remarks) are ignored.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, Y4mHeaderError> {
        // Only a remark may hold anything but ASCII, and remarks are ignored.
        let line = String::from_utf8_lossy(line);
        let mut words = line.split_ascii_whitespace();
        if words.next() != Some("YUV4MPEG2") {
            return Err(Y4mHeaderError::NotY4m);
        }
        let (mut width, mut height, mut frame_rate) = (None, None, 30);
        for word in words {
            // A word is not empty and its first character may be longer than one byte.
            let Some((tag, value)) = word.split_at_checked(1) else {
                continue;
            };
            match tag {
                "W" => width = value.parse().ok(),
                "H" => height = value.parse().ok(),
                "F" => frame_rate = parse_rate(value)?,
                "I" => check_interlacing(value)?,
                "C" => check_chroma(value)?,
                _ => {}
            }
        }
        let (Some(width), Some(height)) = (width, height) else {
            return Err(Y4mHeaderError::NoSize);
        };
        Ok(Self {
            resolution: Resolution::new(width, height).map_err(Y4mHeaderError::Size)?,
            frame_rate,
        })
    }
}

/// `30000:1001` is 29.97 and becomes 30. `0:0` means unknown, which is played at 30 too.
fn parse_rate(value: &str) -> Result<u32, Y4mHeaderError> {
    let rate = match value.split_once(':') {
        Some(("0", "0")) => return Ok(30),
        Some((count, seconds)) => count.parse::<u64>().ok().zip(seconds.parse::<u64>().ok()),
        None => None,
    };
    rate.filter(|(count, seconds)| *seconds > 0 && *count < u64::from(u32::MAX))
        .map(|(count, seconds)| count / seconds + u64::from(count % seconds * 2 >= seconds))
        .and_then(|rate| u32::try_from(rate).ok())
        .filter(|rate| (1..=120).contains(rate))
        .ok_or_else(|| Y4mHeaderError::FrameRate(value.to_owned()))
}

/// The four names of 8-bit 4:2:0 differ in where a colour sample sits between its pixels, by less than half a pixel.
fn check_chroma(value: &str) -> Result<(), Y4mHeaderError> {
    match value {
        "420" | "420jpeg" | "420mpeg2" | "420paldv" => Ok(()),
        other => Err(Y4mHeaderError::Chroma(other.to_owned())),
    }
}

fn check_interlacing(value: &str) -> Result<(), Y4mHeaderError> {
    match value {
        "p" | "?" => Ok(()),
        _ => Err(Y4mHeaderError::Interlaced),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Y4mHeader, String> {
        Y4mHeader::parse(line.as_bytes()).map_err(|error| error.to_string())
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
    fn what_cannot_be_played_is_said_in_one_line() {
        let error = |line: &str| parse(line).expect_err(line);
        insta::assert_snapshot!(error("RIFF"), @"does not begin with YUV4MPEG2");
        insta::assert_snapshot!(error("YUV4MPEG2X W16 H16"), @"does not begin with YUV4MPEG2");
        insta::assert_snapshot!(error("YUV4MPEG2 W16"), @"has no width or no height in its first line");
        insta::assert_snapshot!(error("YUV4MPEG2 Wx H16"), @"has no width or no height in its first line");
        insta::assert_snapshot!(error("YUV4MPEG2 W641 H480"), @"has a size that cannot be used: 641x480 is not even: H.264 halves the colour planes, so use 640x480");
        insta::assert_snapshot!(error("YUV4MPEG2 W8 H8"), @"has a size that cannot be used: 8x8 is out of range: both sides must lie between 16 and 4096");
        insta::assert_snapshot!(error("YUV4MPEG2 W16 H16 It"), @"is interlaced, and only whole pictures can be played");
    }

    #[test]
    fn letters_outside_of_ascii_do_no_harm() {
        Y4mHeader::parse(b"YUV4MPEG2 \xc3\xa9 W16 H16 \xff\xfe").expect("they are ignored");
    }
}
