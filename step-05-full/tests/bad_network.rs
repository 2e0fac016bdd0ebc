//! The assembler and the decoder on a bad network: thousands of packets, lost, late or doubled at random, from a seed.

mod moving_frames;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bytes::Bytes;
use moving_frames::{packets, seeded, size, stream};
use rand::RngExt;
use rtc::rtp::{Header, Packet};
use rule::Rules;
use step_05_full::access_unit::{AccessUnit, ReceivedAccessUnit};
use step_05_full::receive::assembler_event::AssemblerEvent;
use step_05_full::receive::bitstream::stream_limits::StreamLimits;
use step_05_full::receive::decoder::H264Decoder;
use step_05_full::receive::frame_assembler::FrameAssembler;
use step_05_full::receive::h264_payload::PayloadSummary;

const RULES: Rules = Rules::kept_in("step-05-full/src/receive/frame_assembler.rs");

/// What each packet meets: (arrival in microseconds, packet). Lost ones are not in it.
fn through_network(access_units: &[Vec<Packet>], seed: u64, loss: f64) -> Vec<(u64, Packet)> {
    let mut random = seeded(seed);
    let mut arrivals = Vec::new();
    for (access_unit, sent_at) in access_units.iter().zip((0..).step_by(33_333)) {
        for packet in access_unit {
            if random.random_bool(loss) {
                continue;
            }
            let delay = if random.random_bool(0.05) {
                40_000
            } else {
                1_000
            };
            for _ in 0..=u8::from(random.random_bool(0.05)) {
                arrivals.push((sent_at + random.random_range(0..delay), packet.clone()));
            }
        }
    }
    arrivals.sort_by_key(|(at, _)| *at);
    arrivals
}

fn receive(arrivals: Vec<(u64, Packet)>) -> (Vec<ReceivedAccessUnit>, usize) {
    let beginning = Instant::now();
    let mut assembler = FrameAssembler::new();
    let (mut frames, mut requests) = (Vec::new(), 0);
    for (at, packet) in arrivals {
        let now = beginning + Duration::from_micros(at);
        while let Some(deadline) = assembler
            .next_deadline()
            .filter(|deadline| *deadline <= now)
        {
            assembler.handle_timeout(deadline);
        }
        assembler.push(packet, now);
        while let Some(event) = assembler.poll_event() {
            match event {
                AssemblerEvent::AccessUnit(frame) => frames.push(frame),
                AssemblerEvent::NeedKeyFrame => requests += 1,
                AssemblerEvent::Missing(_) => {}
            }
        }
    }
    (frames, requests)
}

/// Every access unit that came out went in, in the same order, and only a key frame follows a gap.
fn check(sent: &[AccessUnit], received: &[ReceivedAccessUnit], seed: u64) -> Vec<usize> {
    let mut next = 0;
    let mut numbers = Vec::new();
    for frame in received {
        let ahead = sent[next..]
            .iter()
            .position(|access_unit| access_unit.data == frame.data);
        let number = next + ahead.unwrap_or_else(|| panic!("seed {seed}: not an access unit sent"));
        assert_eq!(
            frame.key_frame, sent[number].key_frame,
            "seed {seed}, access unit {number}"
        );
        let joins = numbers.is_empty() || number > next;
        assert!(
            !joins || frame.key_frame,
            "seed {seed}: {number} after {numbers:?} refers to a lost one"
        );
        numbers.push(number);
        next = number + 1;
    }
    numbers
}

#[test]
fn whatever_the_network_does_each_access_unit_is_whole_in_order_and_decodable() {
    let _rule = RULES
        .rule("only whole access units come out, in the order of sequence numbers (RFC 6184 §5.1)");
    let key_frames: Vec<u64> = (0..120).step_by(10).collect();
    let sent = stream(size(320, 240), 120, &key_frames);
    let access_units = packets(&sent);
    let (mut outcomes, mut all_requests) = (BTreeSet::new(), 0);
    for seed in 0..60 {
        let loss = [0.0, 0.002, 0.02, 0.2][seed as usize % 4];
        let (received, requests) = receive(through_network(&access_units, seed, loss));
        let numbers = check(&sent, &received, seed);
        if loss == 0.0 {
            assert_eq!(numbers.len(), sent.len(), "seed {seed}: late is not lost");
            // When the very first packet is overtaken, the stream looks as if joined in the middle.
            assert!(
                requests <= 1,
                "seed {seed}: {requests} requests without a loss"
            );
        }
        all_requests += requests;
        let mut decoder = H264Decoder::new(StreamLimits::LEVEL_5_2).expect("a decoder");
        for (frame, number) in received.iter().zip(numbers) {
            let decoded = decoder.decode(&frame.data);
            assert!(
                matches!(decoded, Ok(Some(_))),
                "seed {seed}, access unit {number}: {decoded:?}"
            );
        }
        outcomes.insert(received.len());
    }
    assert!(
        all_requests > 30,
        "a lost access unit must be asked for: {all_requests}"
    );
    assert!(
        outcomes.len() > 10,
        "the network lost too little to test anything: {outcomes:?}"
    );
}

fn garbage(random: &mut impl RngExt) -> Bytes {
    let mut payload = vec![0; random.random_range(0..24)];
    random.fill(&mut payload[..]);
    // Every second one looks like H.264 at first sight.
    let likely = [0x78, 0x7c, 0x67, 0x68, 0x65, 0x41];
    if let (true, Some(first)) = (random.random_bool(0.5), payload.first_mut()) {
        *first = likely[random.random_range(0..likely.len())];
    }
    payload.into()
}

#[test]
fn a_hundred_thousand_packets_of_garbage_do_no_harm() {
    let _rule = RULES.rule("a payload that is no H.264 is left out (RFC 6184 §5)");
    let mut random = seeded(2);
    let mut assembler = FrameAssembler::new();
    let mut now = Instant::now();
    let mut sequence_number: u16 = 0;
    let (mut frames, mut understood) = (0, 0);
    for _ in 0..100_000 {
        let step = if random.random_bool(0.9) {
            1
        } else {
            random.random()
        };
        sequence_number = sequence_number.wrapping_add(step);
        let header = Header {
            sequence_number,
            marker: random.random_bool(0.3),
            timestamp: random.random_range(0..3),
            ..Header::default()
        };
        let payload = garbage(&mut random);
        understood += u32::from(PayloadSummary::read(&payload).is_ok());
        now += Duration::from_micros(random.random_range(0..5_000));
        assembler.push(Packet { header, payload }, now);
        assembler.handle_timeout(now);
        while let Some(event) = assembler.poll_event() {
            frames += u32::from(matches!(event, AssemblerEvent::AccessUnit(_)));
        }
    }
    assert!(
        understood > 10_000,
        "the garbage was refused at once: {understood}"
    );
    assert!(
        frames > 10,
        "the garbage never got through to the end: {frames}"
    );
}

#[test]
fn an_endless_access_unit_does_not_fill_the_memory() {
    let _rule = RULES.rule("an access unit without an end is given up");
    let sent = stream(size(320, 240), 2, &[]);
    let mut access_units = packets(&sent);
    let mut assembler = FrameAssembler::new();
    let now = Instant::now();
    let packet = access_units[0].remove(0);
    let mut events = Vec::new();
    for offset in 0..10_000 {
        let mut packet = packet.clone();
        packet.header.sequence_number = packet.header.sequence_number.wrapping_add(offset);
        assembler.push(packet, now);
        events.extend(std::iter::from_fn(|| assembler.poll_event()));
    }
    assert!(
        assembler.stats().sync_losses > 0,
        "it must give up at MAX_PACKETS"
    );
    assert!(
        !events
            .iter()
            .any(|event| matches!(event, AssemblerEvent::AccessUnit(_)))
    );
}
