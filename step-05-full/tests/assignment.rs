//! The exercise of step 05: from an access unit to RTP packets and back, and when media may flow. Run it alone with
//! `cargo test -p step-05-full --features exercise --test assignment`.

mod moving_frames;
mod reordering;
mod stage;
#[path = "../../step-01-capture/tests/task/mod.rs"]
mod task;

use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use moving_frames::{frame, size, stream};
use rtc::rtp::Packet;
use rtc::rtp::codec::h264::H264Packet;
use rtc::rtp::packetizer::Depacketizer;
use rtc::shared::marshal::MarshalSize;
use stage::quick_camera;
use step_01_capture::latest_frame::{LatestFrameWriter, latest_frame};
use step_01_capture::{
    LatestFrame, MediaStream, MediaStreamTrackState, NextFrame, Timeline, VideoFrame,
};
use step_02_peer::{
    CONNECTION, Peer, PeerConfig, PeerEvent, PeerPair, RuntimeLayer, tokio_runtime,
};
use step_03_ice::{ConnectedPair, Observed};
use step_04_sdp::TracingNegotiator;
use step_05_full::access_unit::AccessUnit;
use step_05_full::actions::{call_action, handle_event, hangup_action};
use step_05_full::call::LocalVideo;
use step_05_full::call_error::CallError;
use step_05_full::call_media::{CallMedia, CallProgress};
use step_05_full::figures::call_stats::CallStats;
use step_05_full::labs::line::LineSettings;
use step_05_full::labs::lossy_network::LossyNetwork;
use step_05_full::send::encoder::EncoderConfig;
use step_05_full::send::encoder_thread::EncoderThread;
use step_05_full::send::h264_packetizer::{H264Packetizer, MTU, RtpStreamStart};
use step_05_full::send::video_sender::SendVideoError;
use task::{Assignment, Task, same};
use tokio::time::timeout;
use webrtc::media_stream::track_remote::TrackRemote;
use webrtc::peer_connection::RTCPeerConnectionState::{self, Connected, Failed};
use webrtc::rtp_transceiver::RtpSender;

fn main() -> ExitCode {
    Assignment {
        step: "step-05-full",
        folder: env!("CARGO_MANIFEST_DIR"),
        exercise: cfg!(feature = "exercise"),
        limit: Duration::from_secs(15),
        tasks: &TASKS,
    }
    .run()
}

const TASKS: [Task; 7] = [
    Task {
        number: "2-5",
        function: "H264Packetizer::timestamp",
        file: "send/h264_packetizer.rs",
        given: true,
        learnt: "An RTP timestamp is the instant at which a frame was captured, on a clock of 90 kHz that begins at random and \
                 wraps. It is no counter, so a skipped frame leaves its time and the receiver shows the next one when it is due.",
        question: "A frame is larger than a packet. How does the receiver know where one frame ends and the next begins?",
        tests: &[
            (
                "the first frame has the timestamp at which the stream begins (RFC 3550 §5.1)",
                the_first_timestamp,
            ),
            (
                "40 ms later the timestamp is 3600 ticks higher: the clock has 90 kHz (RFC 6184 §8.2.1)",
                ninety_kilohertz,
            ),
            (
                "the time counts from the first frame, not from the frame before",
                the_time_counts_from_the_first_frame,
            ),
            (
                "a fraction of a millisecond counts: 33 333 µs are 2999 ticks",
                fractions_count,
            ),
            (
                "skipped frames leave their time: the timestamp is no counter of frames",
                skipped_frames_leave_their_time,
            ),
            (
                "the timestamp wraps at 2^32, as it is meant to (RFC 3550 §5.1)",
                the_timestamp_wraps,
            ),
            ("after a day the timestamp is still right", a_day),
            (
                "a frame from before the first one has the first one's timestamp, and nothing panics",
                a_frame_from_before,
            ),
        ],
    },
    Task {
        number: "2-5",
        function: "H264Packetizer::packetize",
        file: "send/h264_packetizer.rs",
        given: false,
        learnt: "All packets of a frame carry its timestamp, and the marker bit ends it. The sequence number grows with every packet, \
                 so a receiver sees what is missing and can put the rest in order.",
        question: "The second of three packets has not come, and the third has its marker bit. What may the receiver do now?",
        tests: &[
            (
                "every packet has version 2, the payload type and the SSRC of the stream (RFC 3550 §5.1)",
                the_header,
            ),
            (
                "the first packet has the sequence number at which the stream begins",
                the_first_number,
            ),
            (
                "the sequence number grows by one with each packet, also from one access unit to the next (RFC 3550 §5.1)",
                the_numbers_grow,
            ),
            ("after 65535 comes 0 (RFC 3550 §5.1)", the_numbers_wrap),
            (
                "all packets of an access unit have its timestamp (RFC 6184 §5.1)",
                one_timestamp,
            ),
            (
                "the marker bit is on the last packet of an access unit and on no other (RFC 6184 §5.1)",
                the_marker,
            ),
            (
                "no packet is larger than the MTU of 1200 bytes, header included, and large NAL units fill it",
                the_mtu,
            ),
            (
                "a receiver puts the packets together to the same access units",
                the_packets_give_the_frames,
            ),
            (
                "an access unit without a NAL unit needs no packet",
                nothing_needs_no_packet,
            ),
        ],
    },
    Task {
        number: "2-5",
        function: "ReorderBuffer::pop_access_unit",
        file: "receive/reorder_buffer.rs",
        given: false,
        learnt: "UDP keeps no order, so the receiver restores it: sequence numbers say what is missing, the marker bit where a frame \
                 ends. What has come waits for what has not, and no frame waits for the next one.",
        question: "The packet that is missing never comes. Every frame refers to the one before: which frame can be shown next?",
        tests: &[
            (
                "without packets there is no access unit",
                reordering::nothing_comes_out_of_nothing,
            ),
            (
                "the marker bit ends an access unit: its packets come out with it, and not before (RFC 6184 §5.1)",
                reordering::the_marker_ends_it,
            ),
            (
                "an access unit is returned once: the next one begins behind it",
                reordering::once,
            ),
            (
                "sequence numbers restore the order, whichever packet comes first (RFC 3550 §5.1)",
                reordering::in_the_order_of_their_numbers,
            ),
            (
                "one access unit at a time is returned, the oldest first",
                reordering::one_at_a_time,
            ),
            (
                "while a packet is missing, neither its access unit nor a later one is returned",
                reordering::a_gap_holds_all_back,
            ),
            (
                "a packet with another timestamp ends the access unit before it (RFC 6184 §5.1)",
                reordering::a_new_timestamp_ends_it,
            ),
            (
                "padding has no timestamp: it ends no access unit, and is returned with the one that it is in",
                reordering::padding_ends_nothing,
            ),
        ],
    },
    Task {
        number: "2-5",
        function: "ReorderBuffer::skip_to_key_frame",
        file: "receive/reorder_buffer.rs",
        given: false,
        learnt: "After a loss every frame lacks what it refers to, up to the next key frame: a receiver drops them all and asks with \
                 a PLI. So one lost packet can cost as many frames as there are in a round trip, and the picture stands still.",
        question: "The first packet of the call carries a piece of the first key frame. What if it arrives before the keys of DTLS?",
        tests: &[
            (
                "without a key frame, what is before `from` is given up, the rest is held, and false is returned",
                reordering::without_a_key_frame,
            ),
            (
                "what was given up is not wanted any more, and `from` is",
                reordering::what_is_given_up_is_not_wanted,
            ),
            (
                "everything before the key frame is given up, and true is returned",
                reordering::to_the_key_frame,
            ),
            (
                "a key frame that begins at `from` counts",
                reordering::a_key_frame_at_the_place_itself,
            ),
            (
                "a key frame from before `from` does not count: it is not whole",
                reordering::an_earlier_key_frame_does_not_count,
            ),
            (
                "of two key frames the first is next: nothing that can be decoded is given up",
                reordering::the_first_of_two_key_frames,
            ),
            (
                "a key frame that has begun is enough: the rest of it may still come",
                reordering::a_key_frame_that_has_begun,
            ),
            (
                "on a line that loses and reorders, decoding goes on with the next key frame (RFC 4585 §6.3.1)",
                reordering::a_bad_line,
            ),
        ],
    },
    Task {
        number: "1-1",
        function: "call_action",
        file: "actions.rs",
        given: true,
        learnt: "The four stages are three lines now: two peers, a track, and a negotiation.",
        question: "The first packet of the call carries a piece of the first key frame. What if it arrives before the keys of DTLS?",
        tests: &[
            (
                "both peers are made with the configuration (1-1): an address of nobody is CallError::Peer",
                call_uses_the_configuration,
            ),
            (
                "addTrack() adds the video to the local peer (1-2), and its sender is returned",
                call_adds_the_track,
            ),
            (
                "offer, answer and candidates connect the peers (1-3 to 2-5)",
                call_connects,
            ),
        ],
    },
    Task {
        number: "2-5",
        function: "handle_event",
        file: "actions.rs",
        given: false,
        learnt: "Media flows when both ends have their keys, not when one of them is ready: connectionState, not signalingState, says \
                 when. The remote video begins with the event track, and failed is the only state that ends a call.",
        question: "Someone hangs up. Frames are in the encoder, on the line and in the decoder: what has to end first?",
        tests: &[
            (
                "nothing is sent while only the local peer is connected: the other one has no keys yet",
                not_with_local_alone,
            ),
            (
                "nothing is sent while only the remote peer is connected",
                not_with_remote_alone,
            ),
            ("the same peer connected twice is one peer", one_peer_twice),
            (
                "the local video is sent when both peers are connected, whichever comes last",
                sent_when_both_are_connected,
            ),
            (
                "other states send nothing and are no error: disconnected may come back (W3C webrtc-pc §4.3.3)",
                other_states_do_nothing,
            ),
            ("other events are no error", other_events_do_nothing),
            (
                "connectionState failed is CallError::Failed, with the name of the peer (W3C webrtc-pc §4.3.3)",
                failed_is_an_error,
            ),
            (
                "a video that cannot be sent is an error: CallError::Send, as send_local_video() returns it",
                cannot_send,
            ),
            (
                "the track of the remote peer is shown: its frames are decoded",
                the_remote_track_is_shown,
            ),
            (
                "a track of the local peer is not shown",
                a_local_track_is_not_shown,
            ),
            (
                "with all events handled, the call has no loss: no frame is dropped and no key frame is asked for",
                a_call_without_loss,
            ),
        ],
    },
    Task {
        number: "2-5",
        function: "hangup_action",
        file: "actions.rs",
        given: true,
        learnt: "A pipeline is stopped from its source: what was sent is decoded before the receiver ends, and the peers are closed last. \
                 An error on the way is returned, but it closes nothing less.",
        question: "The other peer is a browser on another machine now: which of these steps can no longer be done here?",
        tests: &[
            ("both peers are closed when it returns", both_are_closed),
            (
                "what was sent is decoded: stop sending, wait for as many frames, then stop receiving and close",
                what_was_sent_is_decoded,
            ),
            (
                "a frame that is on its way is decoded as well: the peers are closed last",
                a_frame_on_its_way_is_decoded,
            ),
            (
                "the channel of the remote frames ends: receiving was stopped",
                the_remote_frames_end,
            ),
            (
                "the local video goes on (W3C Media Capture §4.3.1): its track is live, and delivers",
                the_local_video_goes_on,
            ),
            (
                "a call that is not connected yet can be hung up: both peers are closed",
                before_the_connection,
            ),
            (
                "an encoder that failed is the error that is returned, CallError::Send",
                a_failed_encoder_is_returned,
            ),
            (
                "both peers are closed although the encoder had failed",
                a_failed_encoder_closes_both,
            ),
            (
                "the reason why the call was not made is returned, CallError::Session",
                a_session_that_could_not_begin,
            ),
            (
                "both peers are closed although the call was not made",
                a_call_that_was_not_made_closes_both,
            ),
        ],
    },
];

fn packetizer(sequence_number: u16, timestamp: u32) -> H264Packetizer {
    H264Packetizer::new(
        102,
        0x5eed,
        RtpStreamStart {
            sequence_number,
            timestamp,
        },
    )
}

/// The timestamps of frames that are captured so long after a beginning, in a stream that begins at 1000.
fn timestamps(after: &[Duration]) -> Vec<u32> {
    let (mut packetizer, beginning) = (packetizer(0, 1000), Instant::now());
    after
        .iter()
        .map(|after| packetizer.timestamp(beginning + *after))
        .collect()
}

fn millis(values: &[u64]) -> Vec<Duration> {
    values.iter().copied().map(Duration::from_millis).collect()
}

fn the_first_timestamp() {
    same(
        "the timestamp of the first frame",
        packetizer(0, 1000).timestamp(Instant::now()),
        1000,
    );
    same(
        "the timestamp of the first frame",
        packetizer(0, u32::MAX).timestamp(Instant::now()),
        u32::MAX,
    );
}

fn ninety_kilohertz() {
    same(
        "the timestamps at 0 and 40 ms",
        timestamps(&millis(&[0, 40])),
        vec![1000, 4600],
    );
}

fn the_time_counts_from_the_first_frame() {
    same(
        "the timestamps at 0, 40 and 80 ms",
        timestamps(&millis(&[0, 40, 80])),
        vec![1000, 4600, 8200],
    );
    same(
        "the timestamps at 5 and 45 ms",
        timestamps(&millis(&[5, 45])),
        vec![1000, 4600],
    );
}

fn fractions_count() {
    let third = Duration::from_micros(33_333);
    same(
        "the timestamps at 0, 33 333 and 66 666 µs",
        timestamps(&[Duration::ZERO, third, 2 * third]),
        vec![1000, 3999, 6999],
    );
}

fn skipped_frames_leave_their_time() {
    same(
        "the timestamps at 0, 40 and 1040 ms",
        timestamps(&millis(&[0, 40, 1040])),
        vec![1000, 4600, 94_600],
    );
}

fn the_timestamp_wraps() {
    let (mut packetizer, beginning) = (packetizer(0, u32::MAX - 99), Instant::now());
    packetizer.timestamp(beginning);
    let wrapped = packetizer.timestamp(beginning + Duration::from_millis(40));
    same("the timestamp 3600 ticks after 2^32 - 100", wrapped, 3500);
}

fn a_day() {
    let later = Duration::from_secs(24 * 3600) + Duration::from_micros(33_333);
    // 7 776 002 999 ticks are one wrap and 3 481 035 703 ticks.
    same(
        "the timestamps at 0 and after a day and 33 333 µs",
        timestamps(&[Duration::ZERO, later]),
        vec![1000, 3_481_036_703],
    );
}

fn a_frame_from_before() {
    let (mut packetizer, beginning) = (packetizer(0, 1000), Instant::now());
    let later = beginning + Duration::from_millis(40);
    packetizer.timestamp(later);
    same(
        "the timestamp of an earlier frame",
        packetizer.timestamp(beginning),
        1000,
    );
}

/// Three frames of 640x480: the first is a key frame of many packets.
fn frames() -> Vec<AccessUnit> {
    stream(size(640, 480), 3, &[])
}

fn packets_from(sequence_number: u16, frames: &[AccessUnit]) -> Vec<Vec<Packet>> {
    let mut packetizer = packetizer(sequence_number, 1000);
    let packets: Vec<_> = frames
        .iter()
        .map(|frame| packetizer.packetize(frame))
        .collect();
    for (number, packets) in packets.iter().enumerate() {
        assert!(!packets.is_empty(), "access unit {number} has no packet");
    }
    packets
}

fn the_header() {
    for packet in packets_from(0, &frames()).concat() {
        let header = packet.header;
        same(
            "(version, payload type, SSRC)",
            (header.version, header.payload_type, header.ssrc),
            (2, 102, 0x5eed),
        );
    }
}

fn numbers(packets: &[Vec<Packet>]) -> Vec<u16> {
    packets
        .iter()
        .flatten()
        .map(|packet| packet.header.sequence_number)
        .collect()
}

fn the_first_number() {
    let first = numbers(&packets_from(7, &frames())).first().copied();
    same("the first sequence number", first, Some(7));
}

#[track_caller]
fn numbers_follow(first: u16) {
    let numbers = numbers(&packets_from(first, &frames()));
    let expected: Vec<u16> = (0..numbers.len())
        .map(|at| first.wrapping_add(at as u16))
        .collect();
    same(
        "the sequence numbers of three access units",
        numbers,
        expected,
    );
}

fn the_numbers_grow() {
    numbers_follow(7);
}

fn the_numbers_wrap() {
    numbers_follow(65_530);
}

fn one_timestamp() {
    let frames = frames();
    let mut clock = packetizer(0, 1000);
    for (frame, packets) in frames.iter().zip(packets_from(0, &frames)) {
        let expected = clock.timestamp(frame.captured_at);
        for packet in packets {
            same(
                "the timestamp of a packet",
                packet.header.timestamp,
                expected,
            );
        }
    }
}

fn the_marker() {
    for packets in packets_from(0, &frames()) {
        let markers: Vec<bool> = packets.iter().map(|packet| packet.header.marker).collect();
        let expected: Vec<bool> = (1..=markers.len()).map(|at| at == markers.len()).collect();
        same("the marker bits of an access unit", markers, expected);
    }
}

fn the_mtu() {
    let packets = packets_from(0, &frames()).concat();
    let largest = packets.iter().map(MarshalSize::marshal_size).max();
    same("the size of the largest packet", largest, Some(MTU));
}

/// The NAL units of packets, each behind a start code (RFC 6184 §5.6 to §5.8).
fn joined(packets: &[Packet]) -> Vec<u8> {
    let mut depacketizer = H264Packet::default();
    let nal_units = packets.iter().map(|packet| {
        let nal_units = depacketizer.depacketize(&packet.payload);
        nal_units.unwrap_or_else(|error| panic!("a payload is no H.264: {error}"))
    });
    nal_units.collect::<Vec<_>>().concat()
}

fn the_packets_give_the_frames() {
    let frames = frames();
    for (frame, packets) in frames.iter().zip(packets_from(0, &frames)) {
        let joined = joined(&packets);
        same("the size of an access unit", joined.len(), frame.data.len());
        assert!(
            joined == frame.data,
            "the packets of an access unit have other bytes than it has"
        );
    }
}

fn nothing_needs_no_packet() {
    let empty = AccessUnit {
        data: Bytes::new(),
        key_frame: false,
        captured_at: Instant::now(),
        number: 0,
    };
    same(
        "the number of packets",
        packetizer(0, 0).packetize(&empty).len(),
        0,
    );
}

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime for the test").block_on(test)
}

/// A call whose events the test hands over one by one.
struct Bench {
    pair: ConnectedPair,
    media: CallMedia,
    progress: CallProgress,
    remote: LatestFrame,
    timeline: Timeline,
    stream: MediaStream,
    /// Events that `connected()` has seen.
    early: Vec<Observed>,
}

impl Bench {
    async fn new() -> Self {
        let timeline = Timeline::new();
        let stream = quick_camera(&timeline);
        let video = LocalVideo::new(&stream, 1);
        Self::with(video, stream, timeline, PeerConfig::loopback()).await
    }

    async fn with(
        video: LocalVideo,
        stream: MediaStream,
        timeline: Timeline,
        config: PeerConfig,
    ) -> Self {
        let called = call_action(&video.outgoing, config, &timeline).await;
        let (pair, sender) = called.unwrap_or_else(|error| panic!("callAction(): {error}"));
        Self::of(pair, sender, video, stream, timeline)
    }

    /// The same without `call_action()`; `prepare` is called before the peers exchange anything.
    async fn made_of(prepare: impl AsyncFnOnce(&Peer)) -> Self {
        let timeline = Timeline::new();
        let stream = quick_camera(&timeline);
        let video = LocalVideo::new(&stream, 1);
        let peers = PeerPair::new(PeerConfig::loopback(), PeerConfig::loopback(), &timeline).await;
        let peers = peers.expect("two peers on loopback");
        let sender = peers.local.add_track(&video.outgoing).await;
        let sender = sender.expect("a new peer takes a track");
        prepare(&peers.local).await;
        let pair = ConnectedPair::connect(peers, Arc::new(TracingNegotiator::default()));
        Self::of(pair, sender, video, stream, timeline)
    }

    fn of(
        pair: ConnectedPair,
        sender: Arc<dyn RtpSender>,
        video: LocalVideo,
        stream: MediaStream,
        timeline: Timeline,
    ) -> Self {
        let encoder = EncoderThread::start(video.frames, video.encoder_config).expect("an encoder");
        let (progress, (frames, remote)) = (CallProgress::begin(), latest_frame());
        let media = CallMedia::new(progress.clone(), (encoder, sender, video.outgoing), frames);
        Self {
            pair,
            media,
            progress,
            remote,
            timeline,
            stream,
            early: Vec::new(),
        }
    }

    /// Waits until both peers are connected, and handles nothing.
    async fn connected(mut self) -> Self {
        let connected = async {
            let is = |peer| self.timeline.state(peer, CONNECTION).as_deref() == Some("connected");
            while !(is("local") && is("remote")) {
                let event = self.pair.next_event().await;
                self.early.extend(event);
            }
        };
        let connected = timeout(Duration::from_secs(5), connected).await;
        assert!(
            connected.is_ok(),
            "the peers are not connected: {}",
            self.timeline
        );
        self
    }

    async fn handle(&mut self, peer: &str, event: PeerEvent) -> Result<(), CallError> {
        let observed = Observed {
            peer: peer.to_owned(),
            event,
        };
        handle_event(observed, &mut self.media).await
    }

    async fn state(&mut self, peer: &str, state: RTCPeerConnectionState) {
        let handled = self.handle(peer, PeerEvent::ConnectionState(state)).await;
        handled.unwrap_or_else(|error| panic!("connectionState {state} of {peer}: {error}"));
    }

    /// The event `track` of the remote peer, which the first packet fires.
    async fn track(&mut self) -> Arc<dyn TrackRemote> {
        let track = async {
            loop {
                if let Some(Observed {
                    event: PeerEvent::Track(track),
                    ..
                }) = self.pair.next_event().await
                {
                    return track;
                }
            }
        };
        let track = timeout(Duration::from_secs(5), track).await;
        track.unwrap_or_else(|_| panic!("no packet has arrived at the remote peer in 5 s"))
    }

    /// Waits for figures of the call.
    async fn until(&self, wanted: &str, reached: impl Fn(&CallStats) -> bool) {
        let reached = async {
            while !reached(&self.progress.stats()) {
                tokio::task::yield_now().await;
            }
        };
        let reached = timeout(Duration::from_secs(5), reached).await;
        assert!(
            reached.is_ok(),
            "in 5 s there was not {wanted}: {:?}",
            self.progress.stats().frames
        );
    }

    /// Handles all events until so many frames are decoded.
    async fn decoded(&mut self, count: u64) {
        for event in std::mem::take(&mut self.early) {
            self.handle_observed(event).await;
        }
        let decoded = async {
            while self.progress.stats().frames.decoded < count {
                let event = timeout(Duration::from_millis(2), self.pair.next_event()).await;
                if let Ok(Some(event)) = event {
                    let handled = handle_event(event, &mut self.media).await;
                    handled.unwrap_or_else(|error| panic!("handleEvent(): {error}"));
                }
            }
        };
        let decoded = timeout(Duration::from_secs(8), decoded).await;
        assert!(
            decoded.is_ok(),
            "in 8 s there were not {count} decoded frames: {:?}",
            self.progress.stats().frames
        );
    }

    async fn handle_observed(&mut self, event: Observed) {
        let handled = handle_event(event, &mut self.media).await;
        handled.unwrap_or_else(|error| panic!("handleEvent(): {error}"));
    }

    fn is_sent(&self) -> bool {
        self.progress.has_connected()
    }
}

fn call_uses_the_configuration() {
    let error = run(async {
        let timeline = Timeline::new();
        let video = LocalVideo::new(&quick_camera(&timeline), 1);
        // TEST-NET-1, which no machine has (RFC 5737 §3).
        let addresses = vec![([192, 0, 2, 1], 0).into()];
        let config = PeerConfig {
            addresses,
            ..PeerConfig::loopback()
        };
        call_action(&video.outgoing, config, &timeline).await.err()
    });
    let text = error.as_ref().map(ToString::to_string).unwrap_or_default();
    let right = matches!(error, Some(CallError::Peer(_))) && text.contains("192.0.2.1:0");
    assert!(right, "the error is {text:?}");
}

fn call_adds_the_track() {
    let (returned, local, remote) = run(async {
        let timeline = Timeline::new();
        let video = LocalVideo::new(&quick_camera(&timeline), 1);
        let called = call_action(&video.outgoing, PeerConfig::loopback(), &timeline).await;
        let (pair, sender) = called.unwrap_or_else(|error| panic!("callAction(): {error}"));
        let local = pair.local.connection().get_senders().await;
        let local: Vec<_> = local.iter().map(|sender| sender.id()).collect();
        (
            sender.id(),
            local,
            pair.remote.connection().get_senders().await.len(),
        )
    });
    same("the senders of the local peer", local, vec![returned]);
    assert!(remote <= 1, "the remote peer sends {remote} tracks");
}

fn call_connects() {
    let bench = run(async { Bench::new().await.connected().await });
    let states =
        ["local", "remote"].map(|peer| bench.timeline.state(peer, CONNECTION).unwrap_or_default());
    same(
        "the connection states",
        states,
        ["connected", "connected"].map(str::to_owned),
    );
}

/// Whether the video is sent after these peers were reported as connected.
fn sent_after(peers: &[&str]) -> bool {
    run(async {
        let mut bench = Bench::new().await.connected().await;
        for peer in peers {
            bench.state(peer, Connected).await;
        }
        bench.is_sent()
    })
}

fn not_with_local_alone() {
    assert!(
        !sent_after(&["local"]),
        "the local video is sent before the remote peer is connected"
    );
}

fn not_with_remote_alone() {
    assert!(
        !sent_after(&["remote"]),
        "the local video is sent before the local peer is connected"
    );
}

fn one_peer_twice() {
    assert!(
        !sent_after(&["local", "local"]),
        "the local video is sent, and the remote peer was never connected"
    );
    assert!(
        !sent_after(&["remote", "remote"]),
        "the local video is sent, and the local peer was never connected"
    );
}

fn sent_when_both_are_connected() {
    assert!(
        sent_after(&["local", "remote"]),
        "local, then remote were connected, and the local video is not sent"
    );
    assert!(
        sent_after(&["remote", "local"]),
        "remote, then local were connected, and the local video is not sent"
    );
}

fn other_states_do_nothing() {
    use RTCPeerConnectionState::{Closed, Connecting, Disconnected, New};
    let sent = run(async {
        let mut bench = Bench::new().await.connected().await;
        for state in [New, Connecting, Disconnected, Closed] {
            bench.state("local", state).await;
            bench.state("remote", state).await;
        }
        bench.is_sent()
    });
    assert!(!sent, "the local video is sent, and no peer was connected");
}

fn other_events_do_nothing() {
    run(async {
        let mut bench = Bench::new().await.connected().await;
        let handled = bench.handle("local", PeerEvent::NegotiationNeeded).await;
        handled.unwrap_or_else(|error| panic!("negotiationneeded: {error}"));
        for event in std::mem::take(&mut bench.early) {
            if !matches!(
                event.event,
                PeerEvent::ConnectionState(_) | PeerEvent::Track(_)
            ) {
                bench.handle_observed(event).await;
            }
        }
        assert!(
            !bench.is_sent(),
            "the local video is sent, and no peer was reported as connected"
        );
    });
}

fn failed_is_an_error() {
    for peer in ["local", "remote"] {
        let error = run(async {
            Bench::new()
                .await
                .handle(peer, PeerEvent::ConnectionState(Failed))
                .await
                .err()
        });
        match error {
            Some(CallError::Failed { peer: named }) => same("the peer in the error", &*named, peer),
            other => panic!("connectionState failed of {peer} returned {other:?}"),
        }
    }
}

fn cannot_send() {
    let result = run(async {
        let mut bench = Bench::new().await.connected().await;
        let video = LocalVideo::new(&bench.stream, 1);
        // The sender of a peer that is gone: webrtc knows nothing of it any more.
        let (peer, _events) = Peer::new("gone", PeerConfig::loopback(), &Timeline::new())
            .await
            .expect("a peer");
        let sender = peer
            .add_track(&video.outgoing)
            .await
            .expect("a new peer takes a track");
        peer.close().await.expect("a peer can be closed");
        drop(peer);
        let encoder = EncoderThread::start(video.frames, video.encoder_config).expect("an encoder");
        let frames = latest_frame().0;
        bench.media = CallMedia::new(
            CallProgress::begin(),
            (encoder, sender, video.outgoing),
            frames,
        );
        bench.state("local", Connected).await;
        bench
            .handle("remote", PeerEvent::ConnectionState(Connected))
            .await
    });
    let right = matches!(result, Err(CallError::Send(SendVideoError::Sender(_))));
    assert!(
        right,
        "the result is {result:?}, and the peer of the sender is gone"
    );
}

/// Two peers that never exchange a message: the local one is closed.
async fn unconnected() -> Bench {
    let close = async |local: &Peer| local.close().await.expect("a peer can be closed");
    Bench::made_of(close).await
}

async fn sending() -> Bench {
    let mut bench = Bench::new().await.connected().await;
    bench.state("local", Connected).await;
    bench.state("remote", Connected).await;
    bench
}

async fn show(bench: &mut Bench, peer: &str, track: &Arc<dyn TrackRemote>) {
    let shown = bench
        .handle(peer, PeerEvent::Track(Arc::clone(track)))
        .await;
    shown.unwrap_or_else(|error| panic!("track of {peer}: {error}"));
}

fn the_remote_track_is_shown() {
    run(async {
        let mut bench = sending().await;
        let track = bench.track().await;
        show(&mut bench, "remote", &track).await;
        bench
            .until("a decoded frame", |stats| stats.frames.decoded > 0)
            .await;
        bench
            .until("a frame in the channel of the remote frames", |_| {
                bench.remote.peek().is_some()
            })
            .await;
    });
}

fn a_local_track_is_not_shown() {
    run(async {
        let mut bench = sending().await;
        let track = bench.track().await;
        show(&mut bench, "local", &track).await;
        let sent = bench.progress.stats().frames.sent;
        bench
            .until("more sent frames", |stats| stats.frames.sent > sent + 20)
            .await;
        same(
            "how many frames of a local track were decoded",
            bench.progress.stats().frames.decoded,
            0,
        );
        show(&mut bench, "remote", &track).await;
        bench
            .until("a decoded frame of the remote track", |stats| {
                stats.frames.decoded > 0
            })
            .await;
    });
}

fn a_call_without_loss() {
    run(async {
        let mut bench = Bench::new().await;
        bench.decoded(20).await;
        let stats = bench.progress.stats();
        same(
            "(frames dropped, key frames asked for)",
            (stats.frames.dropped, stats.pli_count),
            (0, 0),
        );
    });
}

/// Hangs up, and returns the figures, the states of both peers and the result.
async fn hang_up(bench: Bench) -> (CallStats, [String; 2], Result<(), CallError>) {
    let Bench {
        pair,
        media,
        progress,
        timeline,
        ..
    } = bench;
    let result = hangup_action(pair, media).await;
    let states =
        ["local", "remote"].map(|peer| timeline.state(peer, CONNECTION).unwrap_or_default());
    (progress.stats(), states, result)
}

fn closed() -> [String; 2] {
    ["closed", "closed"].map(str::to_owned)
}

#[track_caller]
fn hung_up(result: Result<(), CallError>) {
    if let Err(error) = result {
        panic!("hangupAction() returned the error: {error}");
    }
}

fn both_are_closed() {
    let (_, states, result) = run(async {
        let mut bench = Bench::new().await;
        bench.decoded(1).await;
        hang_up(bench).await
    });
    hung_up(result);
    same("the connection states", states, closed());
}

fn what_was_sent_is_decoded() {
    for _ in 0..3 {
        let (stats, _, result) = run(async {
            let mut bench = Bench::new().await;
            bench.decoded(10).await;
            hang_up(bench).await
        });
        hung_up(result);
        let frames = stats.frames;
        assert!(
            frames.sent >= 10,
            "only {} frames are in the figures of the sender",
            frames.sent
        );
        same(
            "how many frames were decoded of those that were sent",
            frames.decoded,
            frames.sent,
        );
    }
}

/// Media is on its way for 60 ms. Everything else of the call is as fast as ever.
fn a_long_line() -> PeerConfig {
    let line = LineSettings {
        delay: Duration::from_millis(60),
        ..LineSettings::default()
    };
    PeerConfig {
        runtime: Some(LossyNetwork::new(tokio_runtime(), line).into_runtime()),
        prompt: true,
        ..PeerConfig::loopback()
    }
}

fn a_frame_on_its_way_is_decoded() {
    let (stats, _, result) = run(async {
        let timeline = Timeline::new();
        let stream = quick_camera(&timeline);
        let (writer, frames) = latest_frame();
        let size = size(320, 240);
        let video = LocalVideo {
            frames,
            encoder_config: EncoderConfig::new(size, 30),
            ..LocalVideo::new(&stream, 1)
        };
        put(&writer, frame(size, 0, Instant::now()));
        let mut bench = Bench::with(video, stream, timeline, a_long_line()).await;
        bench.decoded(1).await;
        put(&writer, frame(size, 1, Instant::now()));
        bench
            .until("a second frame on its way", |stats| stats.frames.sent > 1)
            .await;
        hang_up(bench).await
    });
    hung_up(result);
    same("how many of 2 frames were decoded", stats.frames.decoded, 2);
}

fn the_remote_frames_end() {
    run(async {
        let mut bench = Bench::new().await;
        bench.decoded(1).await;
        let mut remote = bench.remote.clone();
        // As the owner of a call does, who asks for its figures.
        let _progress = bench.progress.clone();
        hung_up(hang_up(bench).await.2);
        let ended =
            (0..1000).any(|_| matches!(remote.next(Duration::from_millis(1)), NextFrame::Ended));
        assert!(ended, "the channel of the remote frames is still open");
    });
}

fn the_local_video_goes_on() {
    run(async {
        let mut bench = Bench::new().await;
        bench.decoded(1).await;
        let Bench {
            pair,
            media,
            stream,
            ..
        } = bench;
        hung_up(hangup_action(pair, media).await);
        let track = stream.video_track();
        same(
            "readyState of the local track",
            track.ready_state(),
            MediaStreamTrackState::Live,
        );
        let mut frames = track.frames();
        let next = [(); 2].map(|()| frames.next(Duration::from_secs(3)));
        assert!(
            matches!(next, [NextFrame::Frame(_), NextFrame::Frame(_)]),
            "the local track delivers no frame any more"
        );
    });
}

fn before_the_connection() {
    // Whether an offer was made by then, and so what the result is, is a matter of luck.
    let (_, states, _) = run(async { hang_up(Bench::new().await).await });
    same("the connection states", states, closed());
}

/// A call whose encoder fails in the middle of it, hung up.
fn after_a_failed_encoder() -> ([String; 2], Result<(), CallError>) {
    run(async {
        let timeline = Timeline::new();
        let stream = quick_camera(&timeline);
        let (writer, frames) = latest_frame();
        let size = size(320, 240);
        let video = LocalVideo {
            frames,
            encoder_config: EncoderConfig::new(size, 30),
            ..LocalVideo::new(&stream, 1)
        };
        put(&writer, frame(size, 0, Instant::now()));
        let mut bench = Bench::with(video, stream, timeline, PeerConfig::loopback()).await;
        bench.decoded(1).await;
        put(&writer, VideoFrame::black(moving_frames::size(4096, 4096)));
        let failed = async {
            while bench.progress.failure().is_none() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let failed = timeout(Duration::from_secs(5), failed).await;
        failed.expect("an encoder refuses a frame that is too large");
        let (_, states, result) = hang_up(bench).await;
        (states, result)
    })
}

fn put(writer: &LatestFrameWriter, frame: VideoFrame) {
    writer.put(Arc::new(frame));
}

fn a_failed_encoder_is_returned() {
    let (_, result) = after_a_failed_encoder();
    assert!(
        matches!(result, Err(CallError::Send(_))),
        "the result is {result:?}"
    );
}

fn a_failed_encoder_closes_both() {
    same(
        "the connection states",
        after_a_failed_encoder().0,
        closed(),
    );
}

fn a_session_that_could_not_begin() {
    let (_, _, result) = run(async { hang_up(unconnected().await).await });
    assert!(
        matches!(result, Err(CallError::Session(_))),
        "createOffer() was rejected, and the result is {result:?}"
    );
}

fn a_call_that_was_not_made_closes_both() {
    let (_, states, _) = run(async { hang_up(unconnected().await).await });
    same("the connection states", states, closed());
}
