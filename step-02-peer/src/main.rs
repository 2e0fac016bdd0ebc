//! x
use step_01_capture::*;
use step_02_peer::*;
#[tokio::main]
async fn main() {
    let t = Timeline::new();
    let s = get_user_media(&Default::default(), &t).unwrap();
    let l = lesson::Lesson::run(&s, PeerConfig::loopback(), 1, t)
        .await
        .unwrap();
    println!("{}", Redaction::new().sdp(&l.offer_after));
    println!("{} {}", l.negotiation_needed, l.timeline);
}
