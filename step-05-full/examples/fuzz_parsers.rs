//! Sends damaged input to everything of our own that reads what another peer sent.
//!
//! `cargo run -p step-05-full --example fuzz_parsers -- --target all --inputs 100000 --seed 1`
//!
//! Only a panic and an endless loop are failures. `fuzz_decoder` does the same with H.264.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::{Parser, ValueEnum};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rtc::rtp::Packet;
use rtc::shared::marshal::{Marshal, Unmarshal};
use rtc::stun::attributes::{ATTR_SOFTWARE, ATTR_USERNAME};
use rtc::stun::error_code::{CODE_UNAUTHORIZED, ErrorCodeAttribute};
use rtc::stun::message::{BINDING_ERROR, BINDING_REQUEST, BINDING_SUCCESS, Message, Setter};
use rtc::stun::textattrs::TextAttribute;
use rtc::stun::xoraddr::XorMappedAddress;
use step_01_capture::{EventKind, Resolution, Timeline, VideoFrame};
use step_03_ice::Candidate;
use step_03_ice::observing::ice_watch::IceWatch;
use step_03_ice::report::ladder::Ladder;
use step_04_sdp::explain::explain;
use step_05_full::http::trickle_fragment::TrickleFragment;
use step_05_full::receive::frame_assembler::FrameAssembler;
use step_05_full::send::encoder::{EncoderConfig, H264Encoder};
use step_05_full::send::h264_packetizer::{H264Packetizer, RtpStreamStart};

#[derive(Parser)]
struct Arguments {
    /// What reads the input
    #[arg(long, value_enum, default_value_t = Target::All)]
    target: Target,
    /// How many inputs each target reads
    #[arg(long, default_value_t = 10_000)]
    inputs: u64,
    /// Where the random numbers begin; one seed makes the same inputs every time
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Target {
    All,
    Explainer,
    Candidates,
    Trickle,
    Stun,
    Assembler,
}

const ALL: [Target; 5] = [
    Target::Explainer,
    Target::Candidates,
    Target::Trickle,
    Target::Stun,
    Target::Assembler,
];

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    for target in ALL {
        if [Target::All, target].contains(&arguments.target) {
            let accepted = target.run(arguments.inputs, arguments.seed)?;
            let (inputs, seed) = (arguments.inputs, arguments.seed);
            println!("{target:?}: {inputs} inputs of seed {seed}, {accepted} accepted");
        }
    }
    Ok(())
}

impl Target {
    /// How many of the inputs were accepted.
    fn run(self, inputs: u64, seed: u64) -> Result<u64> {
        let mut random = StdRng::seed_from_u64(seed);
        let seeds = self.seeds()?;
        let mut accepted = 0;
        for _ in 0..inputs {
            let mut input = seeds[random.random_range(0..seeds.len())].clone();
            let donor = &seeds[random.random_range(0..seeds.len())];
            for _ in 0..random.random_range(0..6) {
                damage(&mut input, donor, &mut random);
            }
            accepted += u64::from(self.accepts(&input));
        }
        Ok(accepted)
    }

    fn seeds(self) -> Result<Vec<Vec<u8>>> {
        let descriptions = [
            include_str!("../../step-04-sdp/tests/corpus/aiortc_H264_offer.sdp"),
            include_str!("../../step-04-sdp/tests/corpus/chromium_offer.sdp"),
            include_str!("../../step-04-sdp/tests/corpus/firefox_eth_offer.sdp"),
            include_str!("../../step-04-sdp/tests/corpus/gst_webrtcbin_H264_offer.sdp"),
            include_str!("../../step-04-sdp/tests/corpus/webrtc_offer.sdp"),
        ];
        let candidates = descriptions.iter().flat_map(|sdp| sdp.lines());
        let candidates = candidates.filter_map(|line| line.strip_prefix("a=candidate:"));
        Ok(match self {
            Self::All | Self::Explainer => descriptions.map(|sdp| sdp.into()).to_vec(),
            Self::Candidates => candidates
                .map(|line| format!("candidate:{line}").into())
                .collect(),
            Self::Trickle => descriptions
                .map(|sdp| TrickleFragment::of_description(sdp).to_string().into())
                .to_vec(),
            Self::Stun => stun_messages()?,
            Self::Assembler => rtp_streams()?,
        })
    }

    fn accepts(self, input: &[u8]) -> bool {
        let text = String::from_utf8_lossy(input);
        match self {
            Self::All | Self::Explainer => explain(&text)
                .map(|explanation| format!("{explanation:#}"))
                .is_ok(),
            Self::Candidates => text.parse::<Candidate>().is_ok(),
            Self::Trickle => text.parse::<TrickleFragment>().is_ok(),
            Self::Stun => read_datagram(input),
            Self::Assembler => assemble(input),
        }
    }
}

fn stun_messages() -> Result<Vec<Vec<u8>>> {
    let address = XorMappedAddress {
        ip: [192, 0, 2, 1].into(),
        port: 50_000,
    };
    let unauthorized = ErrorCodeAttribute {
        code: CODE_UNAUTHORIZED,
        reason: b"Unauthorized".to_vec(),
    };
    let text = |attribute, text: &str| TextAttribute::new(attribute, text.to_owned());
    let messages: [&[Box<dyn Setter>]; 3] = [
        &[
            Box::new(BINDING_REQUEST),
            Box::new(text(ATTR_USERNAME, "remote:local")),
            Box::new(text(ATTR_SOFTWARE, "a program")),
        ],
        &[Box::new(BINDING_SUCCESS), Box::new(address)],
        &[Box::new(BINDING_ERROR), Box::new(unauthorized)],
    ];
    let mut seeds = Vec::new();
    for setters in messages {
        let mut message = Message::new();
        message.build(setters)?;
        // The same message, relayed in a channel of a TURN server.
        let length = u16::try_from(message.raw.len())?.to_be_bytes();
        seeds.push([&[0x40, 0], &length[..], &message.raw].concat());
        seeds.push(message.raw);
    }
    Ok(seeds)
}

/// What a peer observes of a datagram, and what the report says of it.
fn read_datagram(datagram: &[u8]) -> bool {
    let timeline = Timeline::new();
    let log = timeline.call_log();
    let route: (SocketAddr, SocketAddr) = (([192, 0, 2, 1], 1).into(), ([192, 0, 2, 2], 2).into());
    IceWatch::new(&[], log).received(Instant::now(), route, datagram);
    for name in ["STUN", "DTLS"] {
        log.datagram("local", EventKind::Received, name, route, datagram, 1);
    }
    let ladder = Ladder::new(&timeline, &str::to_owned);
    let mut labels = ladder.rows.iter().map(|row| &*row.label);
    !labels.any(|label| label == "STUN, malformed")
}

/// Packets of RTP, each behind its length in two bytes.
fn rtp_streams() -> Result<Vec<Vec<u8>>> {
    let mut seeds = Vec::new();
    for (width, height) in [(16, 16), (160, 128)] {
        let resolution = Resolution::new(width, height)?;
        let mut encoder = H264Encoder::new(EncoderConfig::new(resolution, 30))?;
        let start = RtpStreamStart {
            sequence_number: 65_534,
            timestamp: 0,
        };
        let mut packetizer = H264Packetizer::new(96, 1, start);
        let mut stream = Vec::new();
        for number in 0..6u8 {
            let mut frame = VideoFrame::black(resolution);
            for (luma, at) in frame.planes_mut().y.iter_mut().zip(0u32..) {
                *luma = (at * at % 61) as u8 + 20 * number;
            }
            let access_unit = encoder.encode(&frame)?;
            packetizer.timestamp(access_unit.captured_at);
            for packet in packetizer.packetize(&access_unit) {
                let packet = packet.marshal()?;
                stream.extend_from_slice(&u16::try_from(packet.len())?.to_be_bytes());
                stream.extend_from_slice(&packet);
            }
        }
        seeds.push(stream);
    }
    Ok(seeds)
}

/// Whether anything could be decoded.
fn assemble(mut stream: &[u8]) -> bool {
    let mut assembler = FrameAssembler::new();
    let (mut now, mut events) = (Instant::now(), 0);
    while let [high, low, rest @ ..] = stream {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        let (mut packet, behind) = rest.split_at(length);
        stream = behind;
        if let Ok(packet) = Packet::unmarshal(&mut packet) {
            assembler.push(packet, now);
        }
        now += Duration::from_millis(30);
        assembler.handle_timeout(now);
        while assembler.poll_event().is_some() {
            events += 1;
        }
    }
    events > 0
}

/// Changes a bit, a byte, or a piece of any length.
fn damage(input: &mut Vec<u8>, donor: &[u8], random: &mut StdRng) {
    if input.is_empty() {
        return;
    }
    let at = random.random_range(0..input.len());
    let end = random.random_range(at..=input.len().min(at + 40));
    let from = random.random_range(0..donor.len());
    let piece = &donor[from..donor.len().min(from + 40)];
    match random.random_range(0..8) {
        0 => input.truncate(at),
        1 => drop(input.drain(at..end)),
        2 => drop(input.splice(at..end, piece.iter().copied())),
        3 => input.extend_from_within(at..end),
        4 => input[at] = random.random(),
        // As text, a number that is too large for most things.
        5 => drop(input.splice(at..at, *b"99999999999")),
        _ => input[at] ^= 1 << random.random_range(0..8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_input_is_refused_or_read() {
        for target in ALL {
            let accepted = target.run(3000, 16).expect("the seeds can be made");
            let some = (1..3000).contains(&accepted);
            assert!(some, "{target:?} accepted {accepted} of 3000");
        }
    }
}
