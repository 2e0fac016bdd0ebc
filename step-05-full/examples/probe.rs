//! probe
use std::time::*;
use step_01_capture::latest_frame::latest_frame;
use step_01_capture::*;
use step_02_peer::*;
use step_05_full::call::*;
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    trace::init(
        std::env::var("V").map(|v| v.parse().unwrap()).unwrap_or(0),
        &console::Console::new(),
    );
    let n: usize = std::env::args()
        .nth(1)
        .and_then(|s| s.parse().ok())
        .unwrap_or(1);
    let ms: u64 = std::env::args()
        .nth(2)
        .and_then(|s| s.parse().ok())
        .unwrap_or(500);
    let t = Timeline::new();
    let s = get_user_media(
        &MediaStreamConstraints {
            source: SourceChoice::Pattern,
            ..Default::default()
        },
        &t,
    )
    .unwrap();
    for i in 0..n {
        let (w, mut r) = latest_frame();
        let t = Timeline::new();
        let c = Call::start(
            LocalVideo::new(&s, 1000 + i as u32),
            PeerConfig::loopback(),
            &t,
            w,
        )
        .await
        .unwrap();
        tokio::time::sleep(Duration::from_millis(ms)).await;
        let (st, res) = c.hang_up().await;
        println!(
            "{i} {:?} {:?} {:?} pli {} {:?}",
            st.setup,
            st.first_remote_frame,
            st.frames,
            st.key_frame_requests,
            res.is_ok()
        );
        let _ = r.next(Duration::ZERO);
    }
    println!(
        "threads {} fds {} rss {}",
        std::fs::read_dir("/proc/self/task").unwrap().count(),
        std::fs::read_dir("/proc/self/fd").unwrap().count(),
        std::fs::read_to_string("/proc/self/status")
            .unwrap()
            .lines()
            .find(|l| l.starts_with("VmRSS"))
            .unwrap()
    );
}
