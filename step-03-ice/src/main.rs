//! x
use std::time::*;
use step_01_capture::*;
use step_02_peer::*;
use step_03_ice::*;
#[tokio::main]
async fn main() {
    let n: usize = std::env::args()
        .nth(1)
        .and_then(|s| s.parse().ok())
        .unwrap_or(1);
    let s = get_user_media(&Default::default(), &Timeline::new()).unwrap();
    for i in 0..n {
        let t = Timeline::new();
        let cfg = if n == 1 {
            PeerConfig::every_interface()
        } else {
            PeerConfig::loopback()
        };
        let (l, le) = Peer::new("local", cfg.clone(), &t).await.unwrap();
        let (r, re) = Peer::new("remote", cfg.clone(), &t).await.unwrap();
        let v = OutgoingVideo::new(&s, VideoCodec::H264, 1234);
        l.add_track(&v).await.unwrap();
        let (a, b) = signaling_channel();
        let (tx, mut rx) = tokio::sync::mpsc::channel(100);
        let la = Session::new(l.clone(), le, a);
        let rb = Session::new(r.clone(), re, b);
        let t0 = Instant::now();
        la.call().await.unwrap();
        tokio::spawn(la.run(tx.clone()));
        tokio::spawn(rb.run(tx));
        let mut c = 0;
        while let Ok(Some((p, e))) = tokio::time::timeout(Duration::from_secs(5), rx.recv()).await {
            match e {
                PeerEvent::ConnectionState(s) => {
                    if n == 1 {
                        println!("{} {s} {:?}", p.name(), t0.elapsed());
                    }
                    if s.to_string() == "connected" {
                        c += 1;
                        if c == 2 {
                            break;
                        }
                    }
                }
                PeerEvent::IceCandidate(c) if n == 1 => {
                    if let Ok(SignalingMessage::Candidate(m)) = candidate_message(&c) {
                        println!("{}", m.candidate.parse::<CandidateInfo>().unwrap())
                    }
                }
                _ => {}
            }
        }
        println!("{i} connected {:?}", t0.elapsed());
        if n == 1 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let st = l
                .connection()
                .get_stats(Instant::now(), webrtc::peer_connection::StatsSelector::None)
                .await;
            for e in st.iter() {
                println!("{e:?}");
            }
            println!("{}", t);
        }
        l.close().await.unwrap();
        r.close().await.unwrap();
    }
}
