//! What step 01 prints on standard output.

use std::fmt::{self, Display};

use crate::{CameraDescription, MediaStream};

/// A heading with its lines indented below it.
pub struct Section<'a> {
    heading: &'a str,
    lines: String,
}

impl<'a> Section<'a> {
    /// A section of whatever prints as lines.
    pub fn new(heading: &'a str, lines: impl Display) -> Self {
        Self {
            heading,
            lines: lines.to_string(),
        }
    }
}

impl Display for Section<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.heading)?;
        for line in self.lines.lines() {
            writeln!(f, "  {line}")?;
        }
        Ok(())
    }
}

/// The track that `getUserMedia()` returned: what a browser shows for `console.log(stream.getVideoTracks()[0])`.
pub fn describe_track(stream: &MediaStream) -> String {
    let track = stream.video_track();
    let settings = track.settings();
    let (resolution, rate) = (settings.resolution, settings.frame_rate);
    format!(
        "label     {}\nid        {} in stream {}\nsettings  {resolution}, {rate} frames a second",
        track.label(),
        track.id(),
        stream.id(),
    )
}

/// One line for each camera.
pub fn describe_cameras(cameras: &[CameraDescription]) -> String {
    if cameras.is_empty() {
        return "no camera found: plug one in, or use --source pattern".to_owned();
    }
    let lines: Vec<String> = cameras.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_indents_its_lines() {
        let section = Section::new("Timeline", "local  track: live => ended\n");
        insta::assert_snapshot!(section, @r"
        Timeline
          local  track: live => ended
        ");
    }

    #[test]
    fn each_camera_is_a_line_and_without_any_there_is_a_hint() {
        let camera = |number| CameraDescription {
            number,
            label: "Cam".to_owned(),
            modes: Ok(Vec::new()),
        };
        insta::assert_snapshot!(describe_cameras(&[camera(0), camera(2)]), @r"
        camera:0 Cam: 
        camera:2 Cam:
        ");
        insta::assert_snapshot!(describe_cameras(&[]), @"no camera found: plug one in, or use --source pattern");
    }
}
