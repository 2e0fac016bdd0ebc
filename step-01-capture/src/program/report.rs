//! What step 01 prints on standard output.

use std::fmt::{self, Display};

use crate::{CameraDescription, MediaDescription, MediaStream, MediaStreamConstraints};

/// A heading with its lines set in below it.
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

    /// The track that `getUserMedia()` gave: what a browser shows for `console.log(stream.getVideoTracks()[0])`.
    pub fn track(stream: &MediaStream) -> Self {
        let track = stream.video_track();
        let settings = track.settings();
        let (resolution, rate) = (settings.resolution, settings.frame_rate);
        let lines = format!(
            "label     {}\nid        {} in stream {}\nsettings  {resolution}, {rate} frames a second",
            track.label(),
            track.id(),
            stream.id(),
        );
        Self::new("Track", lines)
    }

    /// What the track will add to the session description.
    pub fn media_description(stream: &MediaStream) -> Self {
        let description = MediaDescription::of(stream);
        Self::new("What it will add to the session description", description)
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

/// One line for each camera.
pub fn cameras(cameras: &[CameraDescription]) -> String {
    if cameras.is_empty() {
        return "no camera found: plug one in, or use --source pattern".to_owned();
    }
    let lines: Vec<String> = cameras.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// The wishes in plain words, for the trace line of `getUserMedia()`.
pub fn describe_constraints(constraints: &MediaStreamConstraints) -> String {
    let size = constraints.resolution.map(|size| format!(", {size}"));
    let rate = constraints
        .frame_rate
        .map(|rate| format!(", {rate} frames a second"));
    format!(
        "video from {}{}{}",
        constraints.source,
        size.unwrap_or_default(),
        rate.unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Resolution, SourceChoice};

    #[test]
    fn a_section_sets_its_lines_in() {
        let section = Section::new("Timeline", "local  track: live => ended\n");
        insta::assert_snapshot!(section, @r"
        Timeline
          local  track: live => ended
        ");
    }

    #[test]
    fn each_camera_is_a_line_and_none_is_told_with_a_way_out() {
        let camera = |number| CameraDescription {
            number,
            label: "Cam".to_owned(),
            modes: Ok(Vec::new()),
        };
        insta::assert_snapshot!(cameras(&[camera(0), camera(2)]), @r"
        camera:0 Cam: 
        camera:2 Cam:
        ");
        insta::assert_snapshot!(cameras(&[]), @"no camera found: plug one in, or use --source pattern");
    }

    #[test]
    fn only_what_was_wished_for_is_told() {
        let mut constraints = MediaStreamConstraints::default();
        assert_eq!(describe_constraints(&constraints), "video from auto");
        constraints.source = SourceChoice::Camera(Some(1));
        constraints.resolution = Some(Resolution::VGA);
        constraints.frame_rate = Some(15);
        let told = describe_constraints(&constraints);
        assert_eq!(told, "video from camera:1, 640x480, 15 frames a second");
    }
}
