//! 100 calls in a row leave nothing behind. In a file of its own, because it counts what the whole process has.
#![cfg(target_os = "linux")]

mod stage;

use std::time::{Duration, Instant};

use stage::{quick_camera, until};
use step_01_capture::Timeline;
use step_01_capture::latest_frame::latest_frame;
use step_02_peer::PeerConfig;
use step_05_full::call::{Call, LocalVideo};

/// The main thread, the test's, and two of the network.
const THREADS: usize = 4;

/// How often in a row nothing may have changed before that is believed.
const EXTRA_POLLS: u32 = 20;

/// What the process has now, as the kernel counts it (`man 5 proc`).
#[derive(Debug, Clone, Copy, PartialEq)]
struct Holdings {
    threads: usize,
    files: usize,
    resident_kb: u64,
}

impl Holdings {
    fn now() -> Self {
        let count = |folder| std::fs::read_dir(folder).map_or(0, Iterator::count);
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let resident = status.lines().find(|line| line.starts_with("VmRSS:"));
        let resident = resident.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        Self {
            threads: count("/proc/self/task"),
            files: count("/proc/self/fd"),
            resident_kb: resident.unwrap_or_default(),
        }
    }

    /// What the process has when what is about to end has ended: no more threads than `at_most`, and nothing that
    /// changes any more.
    async fn settled(at_most: usize) -> Self {
        let begun = Instant::now();
        let (mut last, mut unchanged) = (Self::now(), 0);
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let now = Self::now();
            let same = (now.threads, now.files) == (last.threads, last.files);
            unchanged = if same { unchanged + 1 } else { 0 };
            let settled = unchanged >= EXTRA_POLLS && now.threads <= at_most;
            if settled || begun.elapsed() > Duration::from_secs(10) {
                return now;
            }
            last = now;
        }
    }
}

async fn calls(count: u32) {
    let timeline = Timeline::new();
    let stream = quick_camera(&timeline);
    for ssrc in 0..count {
        let (frames, _remote) = latest_frame();
        let timeline = Timeline::new();
        let video = LocalVideo::new(&stream, 1000 + ssrc);
        let call = Call::start(video, PeerConfig::loopback(), &timeline, frames).await;
        let call = call.unwrap_or_else(|error| panic!("call {ssrc} of {count}: {error}"));
        until(&call, "a decoded frame", |stats| stats.frames.decoded > 0).await;
        let (stats, ended) = call.hang_up().await;
        ended.unwrap_or_else(|error| panic!("call {ssrc} of {count}: {error}"));
        assert_eq!(
            stats.frames.sent, stats.frames.decoded,
            "call {ssrc}: hangupAction() waits for what was sent; see step-05-full/src/actions.rs"
        );
    }
}

#[test]
fn a_hundred_calls_leave_no_thread_no_socket_and_no_memory_behind() {
    let network = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        // Threads that may block are kept for the next one; here they have to end, so that they are not taken for ours.
        .thread_keep_alive(Duration::from_millis(1))
        .enable_all()
        .build()
        .expect("a runtime for the test");
    network.block_on(async {
        // What is made once and kept, such as the allocator's arenas, is made now.
        calls(10).await;
        let mut held = vec![Holdings::settled(THREADS).await];
        for _ in 0..5 {
            calls(20).await;
            held.push(Holdings::settled(held[0].threads).await);
        }
        for later in &held {
            assert_eq!(later.threads, held[0].threads, "threads: {held:?}");
            assert_eq!(later.files, held[0].files, "sockets: {held:?}");
        }
        // The allocator takes and gives back some megabytes now and then; what is left behind is there every time.
        let growths = held
            .windows(2)
            .map(|pair| pair[1].resident_kb.saturating_sub(pair[0].resident_kb));
        let least = growths.min().unwrap_or_default();
        assert!(
            least < 1000,
            "every call leaves {} kB behind: {held:?}",
            least / 20
        );
    });
}
