//! `--source`: the names of the sources, and how constraints print.

use step_01_capture::{MediaStreamConstraints, Resolution, SourceChoice};

/// What every failure of this file says.
const LOOK: &str = "see step-01-capture/src/media_stream_constraints.rs";

#[test]
fn every_source_has_a_word_and_prints_as_it() {
    for (word, choice) in [
        ("auto", SourceChoice::Auto),
        ("camera", SourceChoice::Camera(None)),
        ("camera:2", SourceChoice::Camera(Some(2))),
        ("pattern", SourceChoice::Pattern),
        ("talks/one.Y4M", SourceChoice::File("talks/one.Y4M".into())),
    ] {
        assert_eq!(word.parse(), Ok(choice.clone()), "{LOOK}");
        assert_eq!(choice.to_string(), word, "{LOOK}");
    }
}

#[test]
fn any_other_word_is_answered_with_those_that_there_are() {
    for word in ["camera:", "camera:x", "photo.jpg", ""] {
        let error = word
            .parse::<SourceChoice>()
            .err()
            .map(|error| error.to_string());
        let expected = format!(
            "{word:?} is no source: write auto, camera, camera:N, pattern or the path of a .y4m file"
        );
        assert_eq!(error, Some(expected), "{LOOK}");
    }
}

#[test]
fn only_constraints_that_were_given_are_printed() {
    let mut constraints = MediaStreamConstraints::default();
    assert_eq!(constraints.to_string(), "video from auto", "{LOOK}");
    constraints.source = SourceChoice::Camera(Some(1));
    constraints.resolution = Some(Resolution::VGA);
    constraints.frame_rate = Some(15);
    let expected = "video from camera:1, 640x480, 15 frames a second";
    assert_eq!(constraints.to_string(), expected, "{LOOK}");
}
