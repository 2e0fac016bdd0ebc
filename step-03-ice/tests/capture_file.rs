//! The file of `--pcap`: whole or not at all.

use std::path::PathBuf;

use step_03_ice::capture::capture_file::CaptureFile;

/// The file to open when a test of this file fails.
const LOOK: &str = "see step-03-ice/src/capture/capture_file.rs";

fn path(name: &str) -> PathBuf {
    let name = format!("step-03-ice-{name}-{}.pcapng", std::process::id());
    std::env::temp_dir().join(name)
}

#[test]
fn a_folder_that_is_not_there_is_an_error_before_the_call() {
    let nowhere = std::env::temp_dir().join("no such folder/call.pcapng");
    let error = CaptureFile::create(&nowhere).err().expect("no such folder");
    let error = error.to_string();
    let says_which = error.contains("no such folder/call.pcapng");
    assert!(
        says_which && error.contains("choose a folder"),
        "{error}; {LOOK}"
    );
}

#[test]
fn the_file_has_its_name_when_it_is_whole() {
    let path = path("whole");
    let capture = CaptureFile::create(&path).expect("the folder for temporary files is there");
    let (from, to) = (([127, 0, 0, 1], 1).into(), ([127, 0, 0, 1], 2).into());
    let packets = capture.packets();
    packets.sent(std::time::SystemTime::now(), from, to, b"STUN");
    assert!(!path.exists(), "it is written beside; {LOOK}");
    capture.finish().expect("there is room for it");
    let written = std::fs::read(&path).expect("the file is there");
    let _ = std::fs::remove_file(&path);
    assert_eq!(
        written[..4],
        [0x0a, 0x0d, 0x0d, 0x0a],
        "a section header; {LOOK}"
    );
    assert!(written.windows(4).any(|four| four == b"STUN"), "{LOOK}");
    packets.sent(std::time::SystemTime::now(), from, to, b"late");
    assert!(!path.exists(), "what comes later is ignored; {LOOK}");
}

#[test]
fn a_program_that_ends_before_the_call_leaves_no_file() {
    let path = path("left");
    let beside = || {
        let folder = path.parent().and_then(|folder| folder.read_dir().ok());
        let names = folder
            .into_iter()
            .flatten()
            .flatten()
            .map(|it| it.file_name());
        let start = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        names
            .filter(|name| name.to_string_lossy().starts_with(&start))
            .count()
    };
    let capture = CaptureFile::create(&path).expect("the folder for temporary files is there");
    assert_eq!(beside(), 1, "it is written beside; {LOOK}");
    drop(capture);
    assert_eq!(beside(), 0, "nobody finished it; {LOOK}");
}
