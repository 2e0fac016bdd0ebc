//! The figures of a call: what is computed of what was measured, and how it is printed.

use std::time::{Duration, Instant};

use step_05_full::figures::call_stats::{CallStats, FrameStats};
use step_05_full::figures::capture_log::{Capture, CaptureLog};
use step_05_full::figures::freezes::FreezeStats;
use step_05_full::figures::latency::{Latencies, Percentiles};
use step_05_full::figures::rtp_stream_stats::{InboundStats, OutboundStats};

const MILLISECOND: Duration = Duration::from_millis(1);

/// A call that decoded 31 frames in two seconds, and 250,000 bytes.
fn measured() -> CallStats {
    CallStats {
        setup: Some(Duration::from_micros(12_345)),
        first_remote_frame: Some(Duration::from_micros(45_678)),
        selected_pair: Some("host <-> host".to_owned()),
        failure: None,
        frames: FrameStats {
            captured: 33,
            sent: 32,
            decoded: 31,
            key_frames: 2,
            dropped: 1,
        },
        freezes: FreezeStats {
            count: 1,
            total: Duration::from_millis(250),
            longest_interval: Duration::from_millis(250),
            interval_deviation: Duration::from_millis(5),
        },
        decoded_per_second: Some(15.0),
        latency: Percentiles {
            p50: Some(Duration::from_micros(7_250)),
            p99: Some(Duration::from_micros(19_750)),
        },
        jitter: Some(Duration::from_millis(3)),
        playout_delay: Some(Duration::from_millis(12)),
        bitrate_kbps: Some(1000.0),
        target_bitrate_kbps: Some(1200.0),
        pli_count: 3,
        packets_requested: 4,
        packets_sent: 240,
    }
}

#[test]
fn a_call_is_printed_with_its_rates() {
    insta::assert_snapshot!(measured(), @r"
    Setup time          12.3 ms
    first remote frame  45.7 ms after Call
    frames              33 captured, 32 sent, 31 decoded, 15.0 a second
    latency             7.2 ms p50, 19.8 ms p99, from capture to decoded
    bitrate             1.00 Mbit/s of H.264, 1.20 asked for
    selected pair       host <-> host
    ");
    insta::assert_snapshot!(measured().status_line(), @"Setup time: 12.3 ms   latency: 7.2 ms   frames: 31 of 33   1.00 Mbit/s");
}

#[test]
fn the_report_has_milliseconds_and_thousands_of_bits() {
    let report = serde_json::to_string(&measured()).expect("it is JSON");
    insta::assert_snapshot!(report, @r#"{"setup_ms":12.345,"first_remote_frame_ms":45.678,"frames":{"captured":33,"sent":32,"decoded":31,"key_frames":2,"dropped":1},"freezes":{"count":1,"total_ms":250.0,"longest_interval_ms":250.0,"interval_deviation_ms":5.0},"decoded_per_second":15.0,"latency_ms":{"p50":7.25,"p99":19.75},"jitter_ms":3.0,"jitter_buffer_ms":12.0,"bitrate_kbps":1000.0,"target_bitrate_kbps":1200.0,"packets_sent":240,"key_frame_requests":3,"packets_requested":4,"selected_pair":"host <-> host","failure":null}"#);
}

#[test]
fn one_frame_has_no_rate() {
    let first = Instant::now();
    let mut inbound = InboundStats {
        frames_decoded: 1,
        bytes_decoded: 1000,
        first_decoded_at: Some(first),
        last_decoded_at: Some(first),
        ..InboundStats::default()
    };
    assert_eq!(
        (inbound.frames_per_second(), inbound.bits_per_second()),
        (None, None)
    );
    inbound.frames_decoded = 0;
    inbound.last_decoded_at = Some(first + Duration::from_secs(1));
    assert_eq!(inbound.frames_per_second(), None, "there is no interval");
}

#[test]
fn the_rates_are_those_between_the_first_and_the_last_frame() {
    let first = Instant::now();
    let inbound = InboundStats {
        frames_decoded: 31,
        bytes_decoded: 250_000,
        first_decoded_at: Some(first),
        last_decoded_at: Some(first + Duration::from_secs(2)),
        ..InboundStats::default()
    };
    let mut stats = CallStats::default();
    stats.note_received(&inbound, first);
    let rates = (stats.decoded_per_second, stats.bitrate_kbps);
    assert_eq!(rates, (Some(15.0), Some(1000.0)));
}

#[test]
fn what_sender_and_receiver_know_becomes_the_calls() {
    let mut stats = CallStats::default();
    stats.note_sent(&OutboundStats {
        frames_captured: 5,
        frames_sent: 4,
        packets_sent: 30,
        target_bitrate: Some(20_000),
        ..OutboundStats::default()
    });
    let began = Instant::now();
    let mut latencies = Latencies::default();
    for millis in 1..=100 {
        latencies.record(millis * MILLISECOND);
    }
    let received = InboundStats {
        frames_decoded: 3,
        key_frames_decoded: 2,
        frames_dropped: 1,
        bytes_decoded: 99,
        first_decoded_at: Some(began + 40 * MILLISECOND),
        last_decoded_at: Some(began + 100 * MILLISECOND),
        pli_count: 6,
        jitter: 2 * MILLISECOND,
        playout_delay: 8 * MILLISECOND,
        latency: latencies.percentiles(),
        ..InboundStats::default()
    };
    stats.note_received(&received, began);
    let expected = CallStats {
        first_remote_frame: Some(40 * MILLISECOND),
        frames: FrameStats {
            captured: 5,
            sent: 4,
            decoded: 3,
            key_frames: 2,
            dropped: 1,
        },
        decoded_per_second: Some(33.33),
        latency: Percentiles {
            p50: Some(50 * MILLISECOND),
            p99: Some(99 * MILLISECOND),
        },
        jitter: Some(2 * MILLISECOND),
        playout_delay: Some(8 * MILLISECOND),
        bitrate_kbps: Some(13.2),
        target_bitrate_kbps: Some(20.0),
        pli_count: 6,
        packets_sent: 30,
        ..CallStats::default()
    };
    assert_eq!(
        stats, expected,
        "see step-05-full/src/figures/call_stats.rs"
    );
}

#[test]
fn a_percentile_is_a_latency_that_was_measured() {
    let mut latencies = Latencies::default();
    assert_eq!((latencies.count(), latencies.percentile(50)), (0, None));
    for millis in [30, 10, 20] {
        latencies.record(millis * MILLISECOND);
    }
    let at = |percent| latencies.percentile(percent).map(|time| time.as_millis());
    assert_eq!(
        [0, 33, 34, 50, 67, 99, 100, 255]
            .map(at)
            .map(Option::unwrap_or_default),
        [10, 10, 20, 20, 30, 30, 30, 30]
    );
}

#[test]
fn the_oldest_latencies_are_forgotten_after_nine_minutes() {
    let mut latencies = Latencies::default();
    latencies.record(Duration::from_secs(9));
    for _ in 0..16_384 {
        latencies.record(MILLISECOND);
    }
    assert_eq!(latencies.count(), 16_384);
    assert_eq!(latencies.percentile(100), Some(MILLISECOND));
}

#[test]
fn the_captures_of_the_latest_240_frames_are_found_by_their_timestamp() {
    let (log, now) = (CaptureLog::default(), Instant::now());
    let capture = |number: u64| Capture {
        captured_at: now,
        number,
    };
    for number in 0..241_u32 {
        log.record(number * 3000, capture(number.into()));
    }
    assert_eq!(log.find(0), None, "the oldest is forgotten");
    assert_eq!(log.find(3000), Some(capture(1)));
    assert_eq!(
        log.clone().find(240 * 3000),
        Some(capture(240)),
        "clones share it"
    );
    assert_eq!(log.find(3001), None);
    log.record(240 * 3000, capture(999));
    assert_eq!(
        log.find(240 * 3000),
        Some(capture(999)),
        "the newest of two"
    );
}
