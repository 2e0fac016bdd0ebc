//! Which RTCP is delivered to the application, and which is dropped.

use rtc::interceptor::AttributedPacket;
use rtc::rtcp::receiver_report::ReceiverReport;
use rtc::rtcp::transport_feedbacks::transport_layer_nack::TransportLayerNack;
use rtc::rtp;

use super::*;

/// The file to open when a test fails.
const LOOK: &str = "requests for key frames (RFC 4585 §6.3.1), see step-02-peer/src/webrtc_gaps/key_frame_requests.rs";

fn message(packet: Packet) -> TaggedPacket {
    TaggedPacket {
        now: Instant::now(),
        transport: Default::default(),
        message: AttributedPacket::from(packet),
    }
}

fn feedback(feedback: Vec<Box<dyn rtcp::Packet>>) -> TaggedPacket {
    message(Packet::Rtcp(feedback))
}

/// The packet that goes on towards the application.
fn read(packet: TaggedPacket) -> Option<TaggedPacket> {
    let mut requests = KeyFrameRequests::default();
    requests.handle_read(packet).expect("nothing here can fail");
    let first = requests.poll_read();
    assert!(
        requests.poll_read().is_none(),
        "{LOOK}: one packet stays one packet"
    );
    assert!(
        requests.poll_write().is_none(),
        "{LOOK}: nothing is answered"
    );
    first
}

fn is_delivered(packet: &TaggedPacket) -> bool {
    packet
        .message
        .attributes
        .iter()
        .any(|a| matches!(a, Attribute::DeliverToApplication))
}

#[test]
fn only_pli_and_fir_request_a_key_frame() {
    assert!(
        asks_for_key_frame(&PictureLossIndication::default()),
        "{LOOK}: PLI does"
    );
    assert!(
        asks_for_key_frame(&FullIntraRequest::default()),
        "{LOOK}: FIR does (RFC 5104 §4.3.1)"
    );
    assert!(
        !asks_for_key_frame(&TransportLayerNack::default()),
        "{LOOK}: a NACK requests a packet"
    );
    assert!(
        !asks_for_key_frame(&ReceiverReport::default()),
        "{LOOK}: a report requests nothing"
    );
}

#[test]
fn a_request_is_delivered_without_the_reports_around_it() {
    let packet = read(feedback(vec![
        Box::new(ReceiverReport::default()),
        Box::new(PictureLossIndication::default()),
    ]));
    let packet = packet.unwrap_or_else(|| panic!("{LOOK}: a PLI must reach the application"));
    assert!(
        is_delivered(&packet),
        "{LOOK}: it is marked for the application"
    );
    let Packet::Rtcp(feedback) = &packet.message.packet else {
        panic!("{LOOK}: RTCP stays RTCP");
    };
    assert_eq!(feedback.len(), 1, "{LOOK}: only webrtc reads the report");
}

#[test]
fn reports_alone_are_dropped() {
    let packet = read(feedback(vec![Box::new(ReceiverReport::default())]));
    assert!(packet.is_none(), "{LOOK}: only webrtc reads reports");
}

#[test]
fn a_packet_that_only_carries_attributes_is_not_changed() {
    let packet = read(feedback(Vec::new())).unwrap_or_else(|| panic!("{LOOK}: it was dropped"));
    assert!(
        !is_delivered(&packet),
        "{LOOK}: it is not for the application"
    );
}

#[test]
fn media_is_not_changed() {
    let packet = read(message(Packet::Rtp(rtp::Packet::default())));
    let packet = packet.unwrap_or_else(|| panic!("{LOOK}: media was dropped"));
    assert!(!is_delivered(&packet), "{LOOK}: media needs no mark");
}

#[test]
fn outgoing_packets_keep_their_order() {
    let mut requests = KeyFrameRequests::default();
    for number in [1, 2] {
        let mut packet = rtp::Packet::default();
        packet.header.sequence_number = number;
        let sent = requests.handle_write(message(Packet::Rtp(packet)));
        sent.expect("nothing here can fail");
    }
    assert!(
        requests.poll_read().is_none(),
        "{LOOK}: an outgoing packet is not read"
    );
    let numbers: Vec<u16> = std::iter::from_fn(|| requests.poll_write())
        .filter_map(|packet| match packet.message.packet {
            Packet::Rtp(packet) => Some(packet.header.sequence_number),
            _ => None,
        })
        .collect();
    assert_eq!(numbers, [1, 2], "{LOOK}: every packet is sent, in order");
}
