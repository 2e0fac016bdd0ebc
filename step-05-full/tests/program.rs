//! The program as a reader runs it: one clear line and the right exit status, whatever goes wrong.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rule::Rules;

const RULES: Rules = Rules::kept_in("step-05-full/src/main.rs and run.rs");
const SUMMARY: Rules = Rules::kept_in("step-05-full/src/figures/call_stats.rs");
const SOURCE: Rules = Rules::kept_in("step-01-capture/src/source");
const REPORT: Rules = Rules::kept_in("step-03-ice/src/report/report_file.rs");
const RECEIVER: Rules = Rules::kept_in("step-05-full/src/receive/video_receiver.rs");
const LABS: Rules = Rules::kept_in("step-05-full/src/labs/mod.rs");
const ENCODER: Rules = Rules::kept_in("step-05-full/src/send/encoder.rs and actions.rs");

/// Long enough for frames to arrive on a machine that does much else.
const LONG_ENOUGH: [&str; 4] = ["--source", "pattern", "--seconds", "2"];

/// Runs step 05 without a window for a moment.
fn step(options: &[&str]) -> Output {
    let output = command(options).output();
    output.expect("cargo builds the program before its tests")
}

fn command(options: &[&str]) -> Command {
    let moment: &[&str] = match options.contains(&"--seconds") {
        true => &[],
        false => &["--seconds", "0.3"],
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_step-05-full"));
    command
        .args(["--display", "none"])
        .args(options)
        .args(moment)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null());
    command
}

/// The line of the error, after checking that there is one, and no panic.
fn error_line(output: &Output, status: i32) -> String {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        output.status.code(),
        Some(status),
        "exit status, after:\n{error}"
    );
    assert!(!error.contains("panicked"), "never a panic:\n{error}");
    let lines: Vec<&str> = error
        .lines()
        .filter(|line| line.starts_with("error: "))
        .collect();
    assert_eq!(lines.len(), 1, "one line of error:\n{error}");
    let message = lines[0].trim_start_matches("error: ");
    assert_eq!(
        error.matches(message).count(),
        1,
        "and it is printed once:\n{error}"
    );
    lines[0].to_owned()
}

/// A file of this test, in the folder that cargo has for it.
fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let written = std::fs::File::create(&path).and_then(|mut file| file.write_all(content));
    written.expect("cargo's own folder can be written to");
    path
}

/// The error that a file causes, with the folder left out.
fn refusal_of(name: &str, content: &[u8]) -> String {
    let path = file(name, content);
    let output = step(&["--source", &path.to_string_lossy()]);
    let folder = format!("{}/", env!("CARGO_TARGET_TMPDIR"));
    error_line(&output, 1).replace(&folder, "")
}

#[test]
fn a_call_ends_with_status_0_and_prints_what_it_measured() {
    let _rule = SUMMARY.rule("1-1 to 2-5: a call ends with status 0 and its figures");
    let output = step(&LONG_ENOUGH);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for wanted in [
        "Setup time",
        "first remote frame",
        "frames",
        "latency",
        "bitrate",
        "selected pair",
        "connection: new => connecting => connected => closed",
    ] {
        assert!(
            printed.contains(wanted),
            "{wanted:?} is missing (see step-05-full/src/figures/call_stats.rs):\n{printed}"
        );
    }
    assert!(!printed.contains("never"), "a frame arrived:\n{printed}");
}

#[test]
fn the_trace_is_ours_alone() {
    let _rule =
        ENCODER.rule("2-1: the trace has the numbers of the note, and nothing of the codec");
    let output = step(&["--source", "pattern"]);
    let trace = String::from_utf8_lossy(&output.stderr);
    assert!(
        !trace.contains("OpenH264"),
        "the encoder warns of nothing:\n{trace}"
    );
    assert!(
        trace.contains("2-1 "),
        "the numbers of the note are in the trace:\n{trace}"
    );
}

#[test]
fn a_file_that_is_missing_is_not_found() {
    let _rule =
        SOURCE.rule("1-2: getUserMedia() fails with a NotFoundError (W3C Media Capture §10.1.1)");
    let error = error_line(&step(&["--source", "missing.y4m"]), 1);
    assert!(
        error.starts_with("error: NotFoundError: no file missing.y4m"),
        "{error}"
    );
}

#[test]
fn a_file_that_is_no_video_is_an_error_that_says_what_is_wrong() {
    let _rule = SOURCE
        .rule("1-2: getUserMedia() fails with a NotReadableError (W3C Media Capture §10.1.1)");
    let mut errors = vec![refusal_of("empty.y4m", b"")];
    errors.push(refusal_of("picture.y4m", b"\x89PNG\r\n\x1a\n0000"));
    errors.push(refusal_of(
        "no-frame.y4m",
        b"YUV4MPEG2 W640 H480 F30:1 C420\n",
    ));
    errors.push(refusal_of(
        "half-a-frame.y4m",
        b"YUV4MPEG2 W640 H480 F30:1 C420\nFRAME\n1234",
    ));
    insta::assert_snapshot!(errors.join("\n"), @r"
    error: NotReadableError: empty.y4m: it is empty: make a new file with `ffmpeg -i VIDEO -vf scale=640:480 -r 30 -pix_fmt yuv420p -strict -1 new.y4m`
    error: NotReadableError: picture.y4m: it does not begin with YUV4MPEG2: make a new file with `ffmpeg -i VIDEO -vf scale=640:480 -r 30 -pix_fmt yuv420p -strict -1 new.y4m`
    error: NotReadableError: no-frame.y4m: it has no frame: make a new file with `ffmpeg -i VIDEO -vf scale=640:480 -r 30 -pix_fmt yuv420p -strict -1 new.y4m`
    error: NotReadableError: half-a-frame.y4m: it ends within its first frame: make a new file with `ffmpeg -i VIDEO -vf scale=640:480 -r 30 -pix_fmt yuv420p -strict -1 new.y4m`
    ");
}

#[test]
fn a_file_that_is_truncated_after_a_frame_plays() {
    let _rule = SOURCE.rule("1-2: whole frames of a file are played");
    let mut film = b"YUV4MPEG2 W64 H48 F30:1 C420\n".to_vec();
    for luma in [40, 80, 120] {
        film.extend_from_slice(b"FRAME\n");
        film.extend(vec![luma; 64 * 48 * 3 / 2]);
    }
    film.truncate(film.len() - 1000);
    let path = file("truncated.y4m", &film);
    let output = step(&["--source", &path.to_string_lossy(), "--seconds", "2"]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn wrong_usage_is_status_2() {
    let _rule = RULES.rule("a wrong option is one line of error and status 2");
    for (options, wanted) in [
        (["--size", "641x480"], "641x480 is not even"),
        (["--serve", "8080"], "use 127.0.0.1:8080"),
        (["--fps", "0"], "0 is not in 1..=120"),
        (["--lab", "loss=0"], "write loss=N with N from 1 to 50"),
        (["--lab", "glare"], "is no lab: write list"),
    ] {
        let error = error_line(&step(&options), 2);
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_before_the_call() {
    let _rule = REPORT.rule("a report that cannot be written is an error before getUserMedia()");
    let output = step(&[
        "--source",
        "pattern",
        "--report",
        "no/such/folder/report.json",
    ]);
    let error = error_line(&output, 1);
    assert!(
        error.starts_with("error: the report no/such/folder/report.json cannot be written"),
        "{error}"
    );
    let trace = String::from_utf8_lossy(&output.stderr);
    assert!(
        !trace.contains("getUserMedia"),
        "the source was not even opened:\n{trace}"
    );
}

#[test]
fn a_report_is_written_after_the_call() {
    let _rule = REPORT.rule("1-1 to 2-5: --report writes the figures of the call");
    // Whoever runs these tests twice at once gets two reports.
    let name = format!("report-{}.json", std::process::id());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let path_text = path.to_string_lossy();
    let output = step(&[&LONG_ENOUGH[..], &["--report", &path_text]].concat());
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report = std::fs::read(&path).expect("the report is there");
    std::fs::remove_file(&path).expect("a report that was read can be removed");
    let report: serde_json::Value = serde_json::from_slice(&report).expect("it is JSON");
    let frames = &report["calls"][0]["frames"];
    assert!(frames["decoded"].as_u64() > Some(0), "{frames}");
    assert_eq!(
        frames["sent"], frames["decoded"],
        "hangupAction() waits for what was sent (see step-05-full/src/actions.rs)"
    );
}

/// Runs step 05 with `shell` before it, and a report in the place of an old one. Returns the report as it is then.
#[cfg(unix)]
fn report_after(name: &str, shell: &str) -> (Output, String) {
    let old = file(name, b"the old report");
    let program = env!("CARGO_BIN_EXE_step-05-full");
    let script = format!(
        "{shell}; exec {program} --display none --source pattern --seconds 0.3 --report \"$0\""
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script]).arg(&old);
    let output = command.env_remove("RUST_LOG").output();
    let report = std::fs::read_to_string(&old).unwrap_or_default();
    (output.expect("there is a shell"), report)
}

#[cfg(unix)]
#[test]
fn a_report_that_does_not_fit_on_the_disk_leaves_the_old_one() {
    let _rule = REPORT.rule("the old report stays until the new one is whole");
    // No file may have a single byte, and the signal that would end the program is ignored.
    let (output, report) = report_after("full.json", "trap '' XFSZ; ulimit -f 0");
    let error = error_line(&output, 1);
    assert!(error.contains("cannot be written"), "{error}");
    assert_eq!(report, "the old report");
    let folder = std::fs::read_dir(env!("CARGO_TARGET_TMPDIR")).expect("cargo's own folder");
    let names = folder.flatten().map(|entry| entry.file_name());
    let left: Vec<_> = names
        .filter(|name| name.to_string_lossy().starts_with("full.json."))
        .collect();
    assert!(left.is_empty(), "nothing is left beside it: {left:?}");
}

#[cfg(unix)]
#[test]
fn a_program_that_is_killed_while_it_writes_leaves_the_old_report() {
    let _rule = REPORT.rule("the old report stays until the new one is whole");
    let (output, report) = report_after("killed.json", "ulimit -f 0");
    assert_eq!(output.status.code(), None, "SIGXFSZ has ended it");
    assert_eq!(report, "the old report");
}

#[test]
fn a_call_that_never_connected_ends_with_status_1_and_its_report_says_so() {
    let _rule = RULES.rule("1-5: a call whose time was up before it connected is an error");
    let name = format!("never-connected-{}.json", std::process::id());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let output = step(&[
        "--source",
        "pattern",
        "--policy",
        "relay",
        // Nothing answers there, so there is no candidate.
        "--turn",
        "turn:127.0.0.1:9,user,password",
        "--report",
        &path.to_string_lossy(),
    ]);
    insta::assert_snapshot!(error_line(&output, 1), @"error: the peers did not connect before the time was up: -v shows their candidates and checks, --seconds gives them longer");
    let report = std::fs::read(&path).expect("the report is written all the same");
    std::fs::remove_file(&path).expect("a report that was read can be removed");
    let report: serde_json::Value = serde_json::from_slice(&report).expect("it is JSON");
    insta::assert_snapshot!(report["calls"][0]["failure"], @r#""the call was hung up before the peers were connected""#);
}

#[test]
fn a_receiver_that_joins_does_not_speak_of_losses() {
    let _rule = RECEIVER.rule("a PLI is sent before the first key frame and after a loss");
    let output = step(&["--source", "pattern", "--lab", "no-keyframe", "-v"]);
    let trace = String::from_utf8_lossy(&output.stderr);
    assert!(trace.contains("no key frame yet: PLI"), "{trace}");
    assert!(!trace.contains("lost: PLI"), "{trace}");
}

#[test]
fn a_reader_who_closes_standard_output_ends_the_program_in_order() {
    let _rule = RULES.rule("a closed standard output ends the program with status 0");
    let child = command(&["--source", "pattern"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    let trace = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(0),
        "as after `| head -1`:\n{trace}"
    );
    assert!(!trace.contains("panicked"), "{trace}");
}

#[test]
#[cfg(target_os = "linux")]
fn figures_that_do_not_fit_on_the_disk_are_an_error() {
    let _rule = RULES.rule("a standard output that loses something ends the program with status 1");
    let full_disk = std::fs::File::create("/dev/full").expect("Linux has it");
    let output = command(&["--lab", "list"]).stdout(full_disk).output();
    let line = error_line(&output.expect("the program starts"), 1);
    assert!(
        line.starts_with("error: standard output cannot be written: "),
        "{line}"
    );
}

#[test]
fn the_labs_are_listed() {
    let _rule = LABS.rule("each lab has a name and a line of its own");
    let output = step(&["--lab", "list"]);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(String::from_utf8_lossy(&output.stdout), @r"
    list                     Names the labs
    mystery                  Breaks one of these, and you find out which
    loss=10                  Loses 10 of 100 packets at random, or as many as you write: NACK at work, and from about 30 on PLI too
    burst-loss               Loses 10 of 100 packets, five in a row on average: one NACK asks for several
    bandwidth=300k           Calls over a line of 300 kbit/s, or as many as you write, without and with congestion control
    bandwidth-drop           Calls over a line that falls from 2000 to 300 kbit/s, without and with congestion control
    jitter=80ms              Delays packets by up to 80 ms, or as many as you write, without and with a jitter buffer
    wrong-payload-type       Sends with a payload type that was not negotiated: no error, no frame
    no-keyframe              Loses the first key frame and answers no PLI: packets arrive, and no frame
    ");
}
