//! Files that play, and files that are damaged.

use std::io::Cursor;

use super::*;

/// Header, then for each frame a `FRAME` line and 16x16 pixels of one brightness.
fn file_with(header: &str, frames: &[u8]) -> Vec<u8> {
    let mut bytes = header.as_bytes().to_vec();
    for luma in frames {
        bytes.extend_from_slice(b"FRAME\n");
        bytes.extend_from_slice(&[*luma; 384]);
    }
    bytes
}

fn file(frames: &[u8]) -> Vec<u8> {
    file_with("YUV4MPEG2 W16 H16 F30:1 C420\n", frames)
}

fn open(bytes: Vec<u8>) -> Result<Y4mFile, GetUserMediaError> {
    let constraints = MediaStreamConstraints::default();
    Y4mFile::from_reader(
        "a.y4m".to_owned(),
        Box::new(Cursor::new(bytes)),
        &constraints,
    )
}

fn rejection(bytes: Vec<u8>) -> String {
    let error = open(bytes).err().expect("this file cannot be played");
    let (message, hint) = error.to_string().split_once(": make").map_or_else(
        || panic!("no hint in: {error}"),
        |(message, hint)| (message.to_owned(), hint.to_owned()),
    );
    assert!(hint.contains("ffmpeg"), "the hint is a command: {hint}");
    message
}

/// The brightness of the next frames, without waiting for their time.
fn play(file: &mut Y4mFile, frames: usize) -> Vec<u8> {
    (0..frames)
        .map(|_| file.next_in_file().expect("the file plays").y()[0])
        .collect()
}

#[test]
fn a_file_is_named_by_its_path() {
    let file = open(file(&[20])).expect("the file is whole");
    assert_eq!(file.label(), "a.y4m");
}

/// A file on a disk that breaks where the file would end.
struct BrokenDisk(Cursor<Vec<u8>>);

impl Read for BrokenDisk {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("the disk is broken")),
            bytes => Ok(bytes),
        }
    }
}

impl Seek for BrokenDisk {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_disk_that_breaks_within_a_frame_is_reported_with_the_text_of_the_system() {
    let bytes = file(&[20])[..200].to_vec();
    let disk = BufReader::new(BrokenDisk(Cursor::new(bytes)));
    let constraints = MediaStreamConstraints::default();
    let opened = Y4mFile::from_reader("a.y4m".to_owned(), Box::new(disk), &constraints);
    let error = opened.err().expect("it broke").to_string();
    assert!(
        error.starts_with("NotReadableError: a.y4m: the disk is broken"),
        "{error}"
    );
}

#[test]
fn rubbish_without_a_line_feed_at_the_end_is_no_truncated_frame() {
    let mut bytes = file(&[20]);
    bytes.extend_from_slice(b"RUBBISH");
    let mut file = open(bytes).expect("the first frame is whole");
    file.next_frame().expect("the first frame is whole");
    let error = file.next_frame().expect_err("rubbish").to_string();
    assert!(error.contains("no FRAME line"), "{error}");
}

#[test]
fn a_file_repeats_for_ever() {
    let mut file = open(file(&[20, 30, 40])).expect("the file is whole");
    assert_eq!(play(&mut file, 7), [20, 30, 40, 20, 30, 40, 20]);
    assert!(!file.has_warned);
}

#[test]
fn a_truncated_file_plays_to_its_last_whole_frame() {
    let whole = file(&[20, 30]);
    for cut in whole.len() + 1..whole.len() + 6 + 384 {
        let mut bytes = file(&[20, 30, 40]);
        bytes.truncate(cut);
        let mut file = open(bytes).expect("two frames are whole");
        assert_eq!(
            play(&mut file, 4),
            [20, 30, 20, 30],
            "cut after {cut} bytes"
        );
        assert!(file.has_warned, "cut after {cut} bytes");
    }
}

#[test]
fn damaged_files_are_rejected_with_one_line() {
    insta::assert_snapshot!(rejection(vec![]), @"NotReadableError: a.y4m: it is empty");
    insta::assert_snapshot!(rejection(b"YUV4MPEG2 W16 H1".to_vec()), @"NotReadableError: a.y4m: it ends in its first line");
    insta::assert_snapshot!(rejection(vec![0; 10_000]), @"NotReadableError: a.y4m: it does not begin with YUV4MPEG2");
    insta::assert_snapshot!(rejection(b"hello\n".to_vec()), @"NotReadableError: a.y4m: it does not begin with YUV4MPEG2");
    insta::assert_snapshot!(rejection(file(&[])), @"NotReadableError: a.y4m: it has no frame");
    insta::assert_snapshot!(rejection(file(&[9])[..200].to_vec()), @"NotReadableError: a.y4m: it ends within its first frame");
    insta::assert_snapshot!(rejection(file_with("YUV4MPEG2 W16 H16\nFROME\n", &[])), @"NotReadableError: a.y4m: no FRAME line where a frame should begin");
    insta::assert_snapshot!(rejection(file_with("YUV4MPEG2 W16 H16 C444\n", &[])), @"NotReadableError: a.y4m: it has the colour layout 444, and only 8-bit 4:2:0 can be played");
    insta::assert_snapshot!(rejection(file_with("YUV4MPEG2 W641 H480\n", &[])), @"NotReadableError: a.y4m: it has a size that cannot be used: 641x480 is not even: H.264 halves the colour planes, so use 640x480");
}

#[test]
fn a_frame_line_may_have_parameters() {
    let mut bytes = b"YUV4MPEG2 W16 H16\nFRAME Ip XA=1\n".to_vec();
    bytes.extend_from_slice(&[50; 384]);
    assert_eq!(play(&mut open(bytes).expect("it is whole"), 2), [50, 50]);
}

#[test]
fn rubbish_between_two_frames_ends_the_track() {
    let mut bytes = file(&[20]);
    bytes.extend_from_slice(b"RUBBISH\n");
    let mut file = open(bytes).expect("the first frame is whole");
    file.next_frame().expect("the first frame is whole");
    insta::assert_snapshot!(
        file.next_frame().expect_err("rubbish"),
        @r#"NotReadableError: "a.y4m" stopped delivering: no FRAME line where a frame should begin"#
    );
}

#[test]
fn a_file_has_only_its_own_size_and_rate() {
    let with = |size: Option<&str>, frame_rate| MediaStreamConstraints {
        resolution: size.map(|size| size.parse().expect("the tests use valid sizes")),
        frame_rate,
        ..MediaStreamConstraints::default()
    };
    let open = |constraints| {
        let input = Box::new(Cursor::new(file(&[20])));
        Y4mFile::from_reader("a.y4m".to_owned(), input, &constraints)
            .map(|file| file.settings().resolution.to_string())
            .map_err(|error| error.to_string())
    };
    assert_eq!(open(with(Some("16x16"), Some(30))), Ok("16x16".to_owned()));
    insta::assert_snapshot!(
        open(with(Some("640x480"), None)).expect_err("another size"),
        @"OverconstrainedError: a.y4m cannot deliver the size 640x480: it has 16x16 at 30; leave out --size and --fps"
    );
    insta::assert_snapshot!(
        open(with(None, Some(25))).expect_err("another rate"),
        @"OverconstrainedError: a.y4m cannot deliver 25 frames a second: it has 16x16 at 30; leave out --size and --fps"
    );
}

#[test]
fn a_file_that_is_not_there_is_not_found() {
    let error = Y4mFile::open(Path::new("no-such.y4m"), &MediaStreamConstraints::default());
    insta::assert_snapshot!(
        error.err().expect("there is no such file"),
        @"NotFoundError: no file no-such.y4m: check the path, or use --source pattern"
    );
}

#[test]
fn a_file_that_may_not_be_read_is_not_allowed() {
    let denied = io::Error::from(ErrorKind::PermissionDenied);
    insta::assert_snapshot!(
        open_error("a.y4m", &denied),
        @"NotAllowedError: a.y4m may not be opened: give yourself the right to read the file"
    );
}

#[test]
fn a_folder_is_no_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let error = Y4mFile::open(&folder, &MediaStreamConstraints::default());
    let message = error.err().expect("a folder cannot be played").to_string();
    assert!(message.contains("it is a folder"), "{message}");
}

#[test]
fn a_file_that_shrinks_while_it_plays_ends_the_track() {
    let mut file = open(file(&[20])).expect("the file is whole");
    file.input = Box::new(Cursor::new(Vec::new()));
    let error = file.next_in_file().expect_err("nothing is left");
    assert_eq!(error.to_string(), "it has no whole frame any more");
}
