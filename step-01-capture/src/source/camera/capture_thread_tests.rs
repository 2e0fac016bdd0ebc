//! Cameras that fail in every way that a camera can.

use super::*;
use crate::Resolution;

/// The tests that expect a picture wait for it as long as it takes, but not for ever.
const LONG: Duration = Duration::from_secs(10);

/// Delivers what the test sends; blocks when there is nothing, as a real driver does.
struct FakeCamera {
    pictures: Receiver<Result<Picture, SourceError>>,
    /// Tells the test that the device was closed.
    _closed: Sender<()>,
}

impl Device for FakeCamera {
    fn next_picture(&mut self) -> Result<Picture, SourceError> {
        let gone = |_| {
            Err(SourceError::Unplugged {
                label: "fake".to_owned(),
            })
        };
        self.pictures.recv().unwrap_or_else(gone)
    }
}

/// Fields are dropped in order: without its sender the device fails, and the thread ends at once.
struct Bench {
    deliver: Sender<Result<Picture, SourceError>>,
    thread: CaptureThread,
    device_closed: Receiver<()>,
}

fn bench() -> Bench {
    let (deliver, pictures) = mpsc::channel();
    let (closed, device_closed) = mpsc::channel();
    let open = move || -> Result<(Box<dyn Device>, _), _> {
        let device = FakeCamera {
            pictures,
            _closed: closed,
        };
        Ok((Box::new(device), settings()))
    };
    let (thread, _) = CaptureThread::spawn("fake".to_owned(), open).expect("it opens");
    Bench {
        thread,
        deliver,
        device_closed,
    }
}

fn settings() -> MediaTrackSettings {
    MediaTrackSettings {
        resolution: Resolution::VGA,
        frame_rate: 30,
    }
}

fn whole() -> Result<Picture, SourceError> {
    Ok(Picture::Whole(VideoFrame::black(Resolution::VGA)))
}

#[test]
fn a_damaged_picture_is_skipped_and_leaves_a_gap_in_the_numbers() {
    let mut bench = bench();
    for picture in [Ok(Picture::Damaged("half a JPEG".to_owned())), whole()] {
        bench.deliver.send(picture).expect("the device listens");
    }
    let frame = bench
        .thread
        .next_frame(LONG)
        .expect("the second picture is whole");
    assert_eq!(frame.number, 1, "number 0 was damaged");
}

#[test]
fn a_slow_reader_gets_the_newest_picture() {
    let mut bench = bench();
    for _ in 0..5 {
        bench.deliver.send(whole()).expect("the device listens");
    }
    // The device is closed only after everything before was read.
    drop(bench.deliver);
    assert!(bench.device_closed.recv_timeout(LONG).is_err());
    assert_eq!(
        bench.thread.next_frame(LONG).map(|frame| frame.number),
        Ok(4)
    );
    let error = bench.thread.next_frame(LONG).expect_err("nothing is left");
    assert!(matches!(error, SourceError::Unplugged { .. }), "{error}");
}

#[test]
fn a_camera_that_is_unplugged_says_so() {
    let mut bench = bench();
    let unplugged = SourceError::Unplugged {
        label: "fake".to_owned(),
    };
    bench
        .deliver
        .send(Err(unplugged.clone()))
        .expect("the device listens");
    assert_eq!(bench.thread.next_frame(LONG).err(), Some(unplugged));
}

#[test]
fn a_camera_that_delivers_nothing_is_silent() {
    let mut bench = bench();
    let error = bench
        .thread
        .next_frame(Duration::ZERO)
        .expect_err("nothing came");
    assert!(matches!(error, SourceError::Silent { .. }), "{error}");
    drop(bench.deliver);
}

#[test]
fn closing_waits_until_the_device_is_closed() {
    let Bench {
        mut thread,
        deliver,
        device_closed,
    } = bench();
    deliver.send(whole()).expect("the device listens");
    drop(deliver);
    thread.close(LONG);
    let closed = device_closed.try_recv();
    assert_eq!(
        closed,
        Err(mpsc::TryRecvError::Disconnected),
        "it was joined"
    );
}

#[test]
fn closing_a_stuck_camera_returns_and_leaves_the_thread_behind() {
    let Bench {
        mut thread,
        deliver,
        device_closed,
    } = bench();
    thread.close(Duration::ZERO);
    let still_open = device_closed.try_recv();
    assert_eq!(
        still_open,
        Err(mpsc::TryRecvError::Empty),
        "the driver is stuck"
    );
    drop(deliver);
    assert!(
        device_closed.recv_timeout(LONG).is_err(),
        "a sign of life ends it"
    );
}

#[test]
fn a_driver_that_panics_is_an_error_and_no_hang() {
    struct Panicking;
    impl Device for Panicking {
        fn next_picture(&mut self) -> Result<Picture, SourceError> {
            panic!("as a driver's library might; this text in the output is expected")
        }
    }
    let open = || -> Result<(Box<dyn Device>, _), _> { Ok((Box::new(Panicking), settings())) };
    let (mut thread, _) = CaptureThread::spawn("fake".to_owned(), open).expect("it opens");
    insta::assert_snapshot!(
        thread.next_frame(LONG).expect_err("it panicked"),
        @r#"NotReadableError: "fake" stopped delivering: its driver gave up"#
    );
}

#[test]
fn a_device_that_does_not_open_hands_on_its_error() {
    let busy = GetUserMediaError::NotReadable {
        what: "fake".to_owned(),
        cause: "busy".to_owned(),
        hint: "wait".to_owned(),
    };
    let expected = busy.clone();
    let opened = CaptureThread::spawn("fake".to_owned(), move || Err(busy));
    assert_eq!(opened.err(), Some(expected));
}
