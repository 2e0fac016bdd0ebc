//! What is read from a STUN or TURN message.

use super::*;
use rtc::stun::attributes::{AttrType, RawAttribute};
use rtc::stun::error_code::CODE_UNAUTHORIZED;
use rtc::stun::message::{
    BINDING_REQUEST, CLASS_INDICATION, METHOD_DATA, METHOD_REFRESH, MessageClass, MessageType,
    Method, Setter,
};
use rtc::stun::textattrs::Username;

fn message(setters: &[Box<dyn Setter>]) -> Vec<u8> {
    let mut message = Message::new();
    message
        .build(setters)
        .expect("these attributes can be written");
    message.raw
}

fn check() -> Vec<u8> {
    message(&[
        Box::new(TransactionId([7; 12])),
        Box::new(BINDING_REQUEST),
        Box::new(Username::new(ATTR_USERNAME, "remote:local".to_owned())),
    ])
}

fn in_channel(number: u16, packet: &[u8]) -> Vec<u8> {
    let length = u16::try_from(packet.len()).expect("a check is short");
    [&number.to_be_bytes(), &length.to_be_bytes(), packet].concat()
}

#[test]
fn a_binding_with_a_user_name_is_a_check_and_without_one_a_request_to_a_server() {
    let id = TransactionId([7; 12]);
    let server = message(&[Box::new(id), Box::new(BINDING_REQUEST)]);
    assert_eq!(
        StunPacket::read(&server),
        Some(server_request(IceScheme::Stun, false))
    );
    let (priority, nominates) = (None, false);
    let expected = StunPacket::Check {
        id,
        priority,
        nominates,
    };
    assert_eq!(
        StunPacket::read(&check()),
        Some(expected),
        "RFC 8445 §7.2.2"
    );
}

fn server_request(scheme: IceScheme, signed: bool) -> StunPacket {
    let id = ID;
    StunPacket::ServerRequest(ServerRequest { scheme, id, signed })
}

const ID: TransactionId = TransactionId([7; 12]);

/// A message of this method and class with these attributes.
fn typed(method: Method, class: MessageClass, more: Vec<Box<dyn Setter>>) -> Option<StunPacket> {
    let mut setters: Vec<Box<dyn Setter>> =
        vec![Box::new(ID), Box::new(MessageType::new(method, class))];
    setters.extend(more);
    StunPacket::read(&message(&setters))
}

fn attribute(typ: AttrType, value: &[u8]) -> Box<dyn Setter> {
    let (value, length) = (
        value.to_vec(),
        u16::try_from(value.len()).unwrap_or_default(),
    );
    Box::new(RawAttribute { typ, length, value })
}

fn peer() -> SocketAddr {
    "192.0.2.7:4000".parse().expect("an address and a port")
}

fn peer_address() -> Box<dyn Setter> {
    let (ip, port) = (peer().ip(), peer().port());
    Box::new(PeerAddress { ip, port })
}

#[test]
fn a_check_has_a_priority_and_may_nominate() {
    let check = |more: Vec<Box<dyn Setter>>| {
        let mut setters = vec![attribute(ATTR_USERNAME, b"remote:local")];
        setters.extend(more);
        typed(METHOD_BINDING, CLASS_REQUEST, setters)
    };
    let expected = |priority, nominates| {
        Some(StunPacket::Check {
            id: ID,
            priority,
            nominates,
        })
    };
    let priority = || attribute(ATTR_PRIORITY, &[0x7e, 0xff, 0xff, 0x01]);
    assert_eq!(check(vec![priority()]), expected(Some(0x7eff_ff01), false));
    assert_eq!(
        check(vec![attribute(ATTR_USE_CANDIDATE, &[])]),
        expected(None, true),
        "RFC 8445 §7.1.2"
    );
    assert_eq!(
        check(vec![attribute(ATTR_PRIORITY, &[1])]),
        expected(None, false),
        "a priority has four bytes"
    );
}

#[test]
fn an_allocation_is_asked_for_first_without_and_then_with_a_password() {
    let ask = |more| typed(METHOD_ALLOCATE, CLASS_REQUEST, more);
    let expected = |signed| Some(server_request(IceScheme::Turn, signed));
    assert_eq!(ask(vec![]), expected(false), "RFC 8656 §7");
    let signature = attribute(ATTR_MESSAGE_INTEGRITY, &[0; 20]);
    assert_eq!(ask(vec![signature]), expected(true), "RFC 8489 §9.2");
}

#[test]
fn a_channel_is_bound_to_a_peer() {
    let bind = |more| typed(METHOD_CHANNEL_BIND, CLASS_REQUEST, more);
    let channel = || -> Box<dyn Setter> { Box::new(ChannelNumber(0x4001)) };
    let bound = StunPacket::ChannelBind {
        channel: 0x4001,
        peer: peer(),
    };
    assert_eq!(
        bind(vec![channel(), peer_address()]),
        Some(bound),
        "RFC 8656 §12"
    );
    assert_eq!(bind(vec![channel()]), None);
    assert_eq!(bind(vec![peer_address()]), None);
}

#[test]
fn a_response_has_the_address_of_the_relay_or_an_error() {
    let relayed = Box::new(RelayedAddress {
        ip: peer().ip(),
        port: peer().port(),
    });
    let success = |relayed| Some(StunPacket::Success { id: ID, relayed });
    assert_eq!(
        typed(METHOD_ALLOCATE, CLASS_SUCCESS_RESPONSE, vec![relayed]),
        success(Some(peer()))
    );
    assert_eq!(
        typed(METHOD_BINDING, CLASS_SUCCESS_RESPONSE, vec![]),
        success(None)
    );
    let error = Box::new(ErrorCodeAttribute {
        code: CODE_UNAUTHORIZED,
        reason: b"Unauthorized\0\0".to_vec(),
    });
    assert_eq!(
        typed(METHOD_ALLOCATE, CLASS_ERROR_RESPONSE, vec![error]),
        Some(StunPacket::Error {
            id: ID,
            code: 401,
            reason: "Unauthorized".to_owned()
        }),
        "RFC 8489 §14.8"
    );
    assert_eq!(typed(METHOD_ALLOCATE, CLASS_ERROR_RESPONSE, vec![]), None);
}

#[test]
fn an_indication_carries_a_packet_of_a_peer() {
    let carry = |packet: Vec<u8>| {
        let data = vec![peer_address(), Box::new(Data(packet))];
        typed(METHOD_DATA, CLASS_INDICATION, data)
    };
    let relayed = StunPacket::Relayed {
        peer: PeerName::Address(peer()),
        packet: check(),
    };
    assert_eq!(carry(check()), Some(relayed), "RFC 8656 §11");
    assert_eq!(carry(vec![0x80, 96, 0, 1]), None, "media");
}

#[test]
fn other_requests_are_ignored() {
    assert_eq!(typed(METHOD_REFRESH, CLASS_REQUEST, vec![]), None);
}

#[test]
fn a_check_in_a_channel_is_unwrapped_and_media_is_not() {
    let relayed = StunPacket::read(&in_channel(0x4001, &check()));
    let peer = PeerName::Channel(0x4001);
    assert_eq!(
        relayed,
        Some(StunPacket::Relayed {
            peer,
            packet: check()
        })
    );
    assert_eq!(
        StunPacket::read(&in_channel(0x4001, &[0x80, 96, 0, 1])),
        None
    );
    assert_eq!(StunPacket::read(&[0x80, 96, 0, 1, 0, 0, 0, 0]), None);
}

#[test]
fn no_damaged_datagram_panics() {
    let valid = [check(), in_channel(0x4000, &check())];
    let mut chance = 1_u64;
    let mut below = |limit: usize| {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(chance >> 33).unwrap_or(0) % limit
    };
    for round in 0..50_000 {
        let mut datagram = valid[round % 2].clone();
        for _ in 0..below(4) + 1 {
            let at = below(datagram.len());
            datagram[at] = u8::try_from(below(256)).unwrap_or(0);
        }
        datagram.truncate(below(datagram.len() + 1).max(1));
        // A panic here would end the driver of a peer.
        let _ = StunPacket::read(&datagram);
    }
}
