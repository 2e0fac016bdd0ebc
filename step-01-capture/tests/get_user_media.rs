//! 1-2: `getUserMedia()` returns a live track or an error. The track is one m= section of a session description.

mod rule;

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rule::Rules;
use step_01_capture::{
    GetUserMediaError, MediaStream, MediaStreamConstraints, MediaStreamTrackState, SourceChoice,
    Timeline, get_user_media, media_section,
};

const RULES: Rules = Rules::kept_in(rule::lesson_file!("step-01-capture/src/", "user_media.rs"));

/// What every failure of this file says: the number of the note, and where to look.
const LOOK: &str = rule::lesson_file!(
    "1-2 getUserMedia(), see step-01-capture/src/",
    "user_media.rs"
);
const SECTION: &str = rule::lesson_file!("see step-01-capture/src/", "media_description.rs");

fn constraints(
    source: SourceChoice,
    size: Option<&str>,
    frame_rate: Option<u32>,
) -> MediaStreamConstraints {
    MediaStreamConstraints {
        source,
        resolution: size.map(|size| size.parse().expect("the tests write valid sizes")),
        frame_rate,
    }
}

fn open(constraints: &MediaStreamConstraints, timeline: &Timeline) -> Opened {
    let stream = get_user_media(constraints, timeline);
    Opened(Some(
        stream.unwrap_or_else(|error| panic!("{LOOK}: {error}")),
    ))
}

/// A stream that is stopped with its test. A capture that cannot be stopped fails the test, and does not hang it.
struct Opened(Option<MediaStream>);

impl std::ops::Deref for Opened {
    type Target = MediaStream;

    fn deref(&self) -> &MediaStream {
        self.0.as_ref().expect("it is there until it is stopped")
    }
}

impl Opened {
    fn stop(&mut self) {
        let Some(mut stream) = self.0.take() else {
            return;
        };
        let (stopped, done) = mpsc::channel();
        thread::spawn(move || {
            stream.video_track_mut().stop();
            drop(stream);
            let _ = stopped.send(());
        });
        let done = done.recv_timeout(Duration::from_secs(10));
        assert!(
            done.is_ok() || thread::panicking(),
            "{LOOK}: MediaStreamTrack.stop() ends the capture, and this one goes on"
        );
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The error as text. There was no live track then.
fn rejection(constraints: &MediaStreamConstraints) -> String {
    let timeline = Timeline::new();
    let error = match get_user_media(constraints, &timeline) {
        Ok(_) => panic!("{LOOK}: {constraints:?} should be rejected with one of W3C's errors"),
        Err(error) => error,
    };
    assert_eq!(
        timeline.to_string(),
        "",
        "{LOOK}: W3C rejects the promise, so no MediaStreamTrack may become live"
    );
    error.to_string()
}

/// A file for one test, which is gone when the test is.
struct Y4m(PathBuf);

impl Y4m {
    fn with(test: &str, bytes: &[u8]) -> Self {
        let name = format!("step-01-{}-{test}.y4m", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).expect("the folder for temporary files can be written to");
        Self(path)
    }

    fn choice(&self) -> SourceChoice {
        SourceChoice::File(self.0.clone())
    }

    /// Replaces the path, which differs from machine to machine.
    fn without_path(&self, text: &str) -> String {
        text.replace(&self.0.display().to_string(), "[file].y4m")
    }
}

impl Drop for Y4m {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn one_frame() -> Vec<u8> {
    let mut bytes = b"YUV4MPEG2 W16 H16 F25:1 C420\nFRAME\n".to_vec();
    bytes.extend_from_slice(&[90; 384]);
    bytes
}

#[test]
fn a_stream_has_one_live_video_track_with_the_settings_asked_for() {
    let timeline = Timeline::new();
    let stream = open(
        &constraints(SourceChoice::Pattern, Some("320x240"), Some(15)),
        &timeline,
    );
    let track = stream.video_track();
    assert_eq!(
        track.ready_state(),
        MediaStreamTrackState::Live,
        "{LOOK}: a track of getUserMedia() begins with readyState live"
    );
    assert_eq!(
        track.settings().resolution.to_string(),
        "320x240",
        "{LOOK}: getSettings()"
    );
    assert_eq!(track.settings().frame_rate, 15, "{LOOK}: getSettings()");
    assert_eq!(
        (stream.id(), track.id(), track.label()),
        ("stream0", "video0", "test pattern"),
        "{LOOK}: MediaStream.id, MediaStreamTrack.id, MediaStreamTrack.label"
    );
}

#[test]
fn a_track_is_live_until_it_is_stopped_and_never_again() {
    let _rule =
        RULES.rule("1-2: readyState is live until stop(), and then ended for ever (W3C mediacapture-streams §4.3)");
    let timeline = Timeline::new();
    let mut stream = open(&constraints(SourceChoice::Pattern, None, None), &timeline);
    stream.stop();
    insta::assert_snapshot!(timeline, @"local  track: live => ended");
}

#[test]
fn a_capture_describes_its_track_its_direction_its_rate_and_its_size() {
    let _rule = RULES
        .rule("1-2: the track is one m=video section, with its rate and size (RFC 8866, RFC 6236)");
    let stream = open(
        &constraints(SourceChoice::Pattern, Some("320x240"), Some(15)),
        &Timeline::new(),
    );
    let description = media_section(&stream);
    assert!(
        !description.contains('\r'),
        "1-2: every line ends with a line feed alone, without a carriage return before it, {SECTION}: {description:?}"
    );
    assert!(
        description.ends_with('\n'),
        "1-2: the last line ends with a line feed too, {SECTION}: {description:?}"
    );
    insta::assert_snapshot!(description, @r"
    m=video 9 UDP/TLS/RTP/SAVPF *
    a=msid:stream0 video0
    a=sendonly
    a=framerate:15
    a=imageattr:* send [x=320,y=240]
    ");
    assert!(
        description.contains(&format!(
            "a=msid:{} {}\n",
            stream.id(),
            stream.video_track().id()
        )),
        "1-2: a=msid names the MediaStream and its track (RFC 8830 §2), \
         {SECTION}: {description}"
    );
}

#[test]
fn a_file_gives_its_own_size_and_rate() {
    let _rule = RULES.rule(
        "1-2: the settings of a track are those of its source (W3C mediacapture-streams §4.3.7)",
    );
    let file = Y4m::with("plays", &one_frame());
    let stream = open(&constraints(file.choice(), None, None), &Timeline::new());
    insta::assert_snapshot!(media_section(&stream), @r"
    m=video 9 UDP/TLS/RTP/SAVPF *
    a=msid:stream0 video0
    a=sendonly
    a=framerate:25
    a=imageattr:* send [x=16,y=16]
    ");
    assert_eq!(
        file.without_path(stream.video_track().label()),
        "[file].y4m",
        "{LOOK}: the label of a file is its path"
    );
}

#[test]
fn what_does_not_exist_is_not_found() {
    let _rule = RULES.rule("1-2: getUserMedia() rejects with NotFoundError, and says what to do");
    let camera = constraints(SourceChoice::Camera(Some(4_000_000)), None, None);
    let error = rejection(&camera);
    assert!(
        error.starts_with("NotFoundError: no camera"),
        "{LOOK}: W3C's NotFoundError for a deviceId that no camera has, not {error}"
    );
    let file = constraints(SourceChoice::File("no-such.y4m".into()), None, None);
    insta::assert_snapshot!(rejection(&file), @"NotFoundError: no file no-such.y4m: check the path, or use --source pattern");
}

#[test]
fn what_is_there_and_does_not_deliver_is_not_readable() {
    let _rule =
        RULES.rule("1-2: getUserMedia() rejects with NotReadableError, and says what to do");
    let empty = Y4m::with("empty", b"");
    insta::assert_snapshot!(empty.without_path(&rejection(&constraints(empty.choice(), None, None))), @"NotReadableError: [file].y4m: it is empty: make a new file with `ffmpeg -i VIDEO -vf scale=640:480 -r 30 -pix_fmt yuv420p -strict -1 new.y4m`");
    let folder = constraints(SourceChoice::File(std::env::temp_dir()), None, None);
    let error = rejection(&folder).replace(&std::env::temp_dir().display().to_string(), "[folder]");
    insta::assert_snapshot!(error, @"NotReadableError: [folder]: it is a folder: make a new file with `ffmpeg -i VIDEO -vf scale=640:480 -r 30 -pix_fmt yuv420p -strict -1 new.y4m`");
}

#[test]
fn what_cannot_be_done_as_asked_is_overconstrained() {
    let _rule =
        RULES.rule("1-2: getUserMedia() rejects with OverconstrainedError, and says what there is");
    let file = Y4m::with("other-size", &one_frame());
    let size = rejection(&constraints(file.choice(), Some("640x480"), None));
    insta::assert_snapshot!(file.without_path(&size), @"OverconstrainedError: [file].y4m cannot deliver the size 640x480: it has 16x16 at 25; leave out --size and --fps");
    let rate = rejection(&constraints(file.choice(), None, Some(30)));
    insta::assert_snapshot!(file.without_path(&rate), @"OverconstrainedError: [file].y4m cannot deliver 30 frames a second: it has 16x16 at 25; leave out --size and --fps");
    insta::assert_snapshot!(rejection(&constraints(SourceChoice::Pattern, None, Some(0))), @"OverconstrainedError: the source pattern cannot deliver 0 frames a second: it has 1 to 120");
    insta::assert_snapshot!(rejection(&constraints(SourceChoice::Auto, None, Some(121))), @"OverconstrainedError: the source auto cannot deliver 121 frames a second: it has 1 to 120");
}

#[test]
fn the_rates_at_both_ends_of_the_range_are_granted() {
    for rate in [1, 120] {
        let stream = open(
            &constraints(SourceChoice::Pattern, Some("16x16"), Some(rate)),
            &Timeline::new(),
        );
        assert_eq!(
            stream.video_track().settings().frame_rate,
            rate,
            "{LOOK}: frameRate"
        );
    }
}

#[test]
fn what_the_system_forbids_is_not_allowed() {
    let _rule = RULES.rule("1-2: getUserMedia() rejects with NotAllowedError, and says what to do");
    let error = GetUserMediaError::NotAllowed {
        what: "camera 0 (Integrated Camera)".to_owned(),
        hint: "join the group video".to_owned(),
    };
    insta::assert_snapshot!(error, @"NotAllowedError: camera 0 (Integrated Camera) may not be opened: join the group video");
}

#[test]
fn auto_always_gives_a_live_track() {
    let stream = open(
        &constraints(SourceChoice::Auto, None, None),
        &Timeline::new(),
    );
    assert_eq!(
        stream.video_track().ready_state(),
        MediaStreamTrackState::Live,
        "{LOOK}: without a camera the test pattern takes its place"
    );
}
