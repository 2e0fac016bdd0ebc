//! Cameras that fail in every way that a camera can.

use std::sync::mpsc::{Sender, TryRecvError, channel};

use super::*;
use crate::Resolution;

/// The tests that expect a frame wait for it as long as it takes, but not for ever.
const LONG: Duration = Duration::from_secs(10);

/// Delivers what the test sends; blocks when there is nothing, as a real driver does.
struct FakeCamera {
    deliveries: Receiver<Result<Delivery, SourceError>>,
    /// Disconnected when the device is closed.
    _closed: Sender<()>,
}

impl Device for FakeCamera {
    fn next_frame(&mut self) -> Result<Delivery, SourceError> {
        let unplugged = |_| {
            Err(SourceError::Unplugged {
                label: "fake".to_owned(),
            })
        };
        self.deliveries.recv().unwrap_or_else(unplugged)
    }
}

/// Fields are dropped in order: without its sender the device fails, and the thread ends at once.
struct Bench {
    deliver: Sender<Result<Delivery, SourceError>>,
    camera: Camera,
    device_closed: Receiver<()>,
}

fn bench() -> Bench {
    let (deliver, deliveries) = channel();
    let (closed, device_closed) = channel();
    let camera = spawn(move || FakeCamera {
        deliveries,
        _closed: closed,
    });
    Bench {
        camera,
        deliver,
        device_closed,
    }
}

fn spawn<D: Device + 'static>(device: impl FnOnce() -> D + Send + 'static) -> Camera {
    let settings = MediaTrackSettings {
        resolution: Resolution::VGA,
        frame_rate: 30,
    };
    let open = move || -> Result<OpenDevice, _> { Ok((Box::new(device()), settings)) };
    Camera::spawn("fake".to_owned(), open).expect("it opens")
}

fn frame() -> Result<Delivery, SourceError> {
    Ok(Delivery::Frame(VideoFrame::black(Resolution::VGA)))
}

#[test]
fn a_damaged_frame_is_skipped_and_leaves_a_gap_in_the_numbers() {
    let bench = bench();
    for delivery in [Ok(Delivery::Damaged("half a JPEG".to_owned())), frame()] {
        bench.deliver.send(delivery).expect("the device listens");
    }
    let next = bench.camera.wait_for_frame(LONG);
    let number = next.expect("the second frame is whole").number;
    assert_eq!(number, 1, "number 0 was damaged");
}

#[test]
fn a_frame_comes_out_as_it_was_captured_without_a_copy() {
    let bench = bench();
    let captured = VideoFrame::black(Resolution::VGA);
    let pixels = captured.y().as_ptr();
    let delivery = Ok(Delivery::Frame(captured));
    bench.deliver.send(delivery).expect("the device listens");
    let frame = bench.camera.wait_for_frame(LONG).expect("it was sent");
    assert_eq!(frame.y().as_ptr(), pixels, "the same memory");
    assert_eq!(Arc::strong_count(&frame), 1, "nobody else keeps it");
}

#[test]
fn a_camera_that_is_unplugged_reports_it() {
    let bench = bench();
    let unplugged = SourceError::Unplugged {
        label: "fake".to_owned(),
    };
    let delivery = Err(unplugged.clone());
    bench.deliver.send(delivery).expect("the device listens");
    assert_eq!(bench.camera.wait_for_frame(LONG).err(), Some(unplugged));
}

#[test]
fn a_camera_that_delivers_nothing_is_silent() {
    let bench = bench();
    let next = bench.camera.wait_for_frame(Duration::ZERO);
    let error = next.expect_err("nothing came");
    assert!(matches!(error, SourceError::Silent { .. }), "{error}");
}

#[test]
fn closing_waits_until_the_device_is_closed_and_leaves_out_frames_that_nobody_read() {
    let mut bench = bench();
    for _ in 0..5 {
        bench.deliver.send(frame()).expect("the device listens");
    }
    drop(bench.deliver);
    bench.camera.close(LONG);
    let closed = bench.device_closed.try_recv();
    assert_eq!(closed, Err(TryRecvError::Disconnected), "it is closed");
}

#[test]
fn closing_a_stuck_camera_returns_and_leaves_the_thread_behind() {
    let mut bench = bench();
    bench.camera.close(Duration::ZERO);
    let still_open = bench.device_closed.try_recv();
    assert_eq!(still_open, Err(TryRecvError::Empty), "the driver is stuck");
    drop(bench.deliver);
    assert!(
        bench.device_closed.recv_timeout(LONG).is_err(),
        "the thread ends when the driver returns"
    );
}

#[test]
fn a_driver_that_panics_is_an_error_and_no_hang() {
    struct Panicking;
    impl Device for Panicking {
        fn next_frame(&mut self) -> Result<Delivery, SourceError> {
            panic!("as a driver's library might; this text in the output is expected")
        }
    }
    let camera = spawn(|| Panicking);
    insta::assert_snapshot!(
        camera.wait_for_frame(LONG).expect_err("it panicked"),
        @r#"NotReadableError: "fake" stopped delivering: its driver panicked"#
    );
}

#[test]
fn a_device_that_does_not_open_returns_its_error() {
    let busy = GetUserMediaError::NotReadable {
        what: "fake".to_owned(),
        cause: "busy".to_owned(),
        hint: "wait".to_owned(),
    };
    let expected = busy.clone();
    let opened = Camera::spawn("fake".to_owned(), move || Err(busy));
    assert_eq!(opened.err(), Some(expected));
}
