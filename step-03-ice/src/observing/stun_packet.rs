//! What can be read off a STUN or TURN message on its way, without a key.

use std::net::SocketAddr;

use rtc::stun::attributes::{
    ATTR_MESSAGE_INTEGRITY, ATTR_PRIORITY, ATTR_USE_CANDIDATE, ATTR_USERNAME,
};
use rtc::stun::error_code::ErrorCodeAttribute;
use rtc::stun::message::{
    CLASS_ERROR_RESPONSE, CLASS_REQUEST, CLASS_SUCCESS_RESPONSE, Getter, METHOD_ALLOCATE,
    METHOD_BINDING, METHOD_CHANNEL_BIND, Message, TransactionId, is_stun_message,
};
use rtc::turn::proto::channum::{ChannelNumber, MAX_CHANNEL_NUMBER, MIN_CHANNEL_NUMBER};
use rtc::turn::proto::data::Data;
use rtc::turn::proto::peeraddr::PeerAddress;
use rtc::turn::proto::relayaddr::RelayedAddress;

/// One message, as far as it tells of servers and of connectivity checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StunPacket {
    /// "How do you see me?" (RFC 8489 §5), to a STUN server.
    Binding(TransactionId),
    /// "Give me an address that relays" (RFC 8656 §7), with or without a password.
    Allocate { id: TransactionId, signed: bool },
    /// "From now on this number stands for that peer" (RFC 8656 §12).
    ChannelBind { channel: u16, peer: SocketAddr },
    /// "Do you hear me?" from one peer to the other (RFC 8445 §7.2.4).
    Check {
        id: TransactionId,
        priority: Option<u32>,
        nominates: bool,
    },
    /// The answer to one of these; an allocation names the relay's address.
    Success {
        id: TransactionId,
        relayed: Option<SocketAddr>,
    },
    /// No, and why (RFC 8489 §14.8).
    Error {
        id: TransactionId,
        code: u16,
        reason: String,
    },
    /// A packet inside a packet: what the relay passes on for this peer or brings from it.
    Relayed { peer: Peer, packet: Vec<u8> },
}

/// How a relayed packet names the other peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// By its address, in a Send or Data indication (RFC 8656 §11).
    Address(SocketAddr),
    /// By the number of a channel (RFC 8656 §12.4).
    Channel(u16),
}

impl StunPacket {
    /// Reads a datagram; none for media and for every message that matters to nobody here. Media is told apart by its
    /// first bytes, so that watching a call costs it nothing.
    pub(crate) fn read(datagram: &[u8]) -> Option<Self> {
        if let Some(relayed) = channel_data(datagram) {
            return Some(relayed);
        }
        if !is_stun_message(datagram) {
            return None;
        }
        let mut message = Message::new();
        message.unmarshal_binary(datagram).ok()?;
        let id = message.transaction_id;
        match message.typ.class {
            CLASS_REQUEST => request(&message),
            CLASS_SUCCESS_RESPONSE => {
                let mut relayed = RelayedAddress::default();
                let found = relayed.get_from(&message).is_ok();
                let relayed = found.then(|| SocketAddr::new(relayed.ip, relayed.port));
                Some(Self::Success { id, relayed })
            }
            CLASS_ERROR_RESPONSE => {
                let mut error = ErrorCodeAttribute::default();
                error.get_from(&message).ok()?;
                let reason = String::from_utf8_lossy(&error.reason);
                Some(Self::Error {
                    id,
                    code: error.code.0,
                    reason: reason.trim_end_matches(char::from(0)).to_owned(),
                })
            }
            _ => indication(&message),
        }
    }
}

fn request(message: &Message) -> Option<StunPacket> {
    let id = message.transaction_id;
    match message.typ.method {
        METHOD_BINDING if message.contains(ATTR_USERNAME) => Some(StunPacket::Check {
            id,
            priority: message
                .get(ATTR_PRIORITY)
                .ok()
                .and_then(|bytes| Some(u32::from_be_bytes(bytes.try_into().ok()?))),
            nominates: message.contains(ATTR_USE_CANDIDATE),
        }),
        METHOD_BINDING => Some(StunPacket::Binding(id)),
        METHOD_ALLOCATE => Some(StunPacket::Allocate {
            id,
            signed: message.contains(ATTR_MESSAGE_INTEGRITY),
        }),
        METHOD_CHANNEL_BIND => {
            let (mut channel, mut peer) = (ChannelNumber::default(), PeerAddress::default());
            channel.get_from(message).ok()?;
            peer.get_from(message).ok()?;
            Some(StunPacket::ChannelBind {
                channel: channel.0,
                peer: SocketAddr::new(peer.ip, peer.port),
            })
        }
        _ => None,
    }
}

fn indication(message: &Message) -> Option<StunPacket> {
    let (mut peer, mut data) = (PeerAddress::default(), Data::default());
    peer.get_from(message).ok()?;
    data.get_from(message).ok()?;
    is_stun_message(&data.0).then(|| StunPacket::Relayed {
        peer: Peer::Address(SocketAddr::new(peer.ip, peer.port)),
        packet: data.0,
    })
}

/// The number of the channel, the length, then the packet (RFC 8656 §12.4).
fn channel_data(datagram: &[u8]) -> Option<StunPacket> {
    let (header, rest) = datagram.split_first_chunk::<4>()?;
    let channel = u16::from_be_bytes([header[0], header[1]]);
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let packet = rest.get(..length)?;
    ((MIN_CHANNEL_NUMBER..=MAX_CHANNEL_NUMBER).contains(&channel) && is_stun_message(packet)).then(
        || StunPacket::Relayed {
            peer: Peer::Channel(channel),
            packet: packet.to_owned(),
        },
    )
}

#[cfg(test)]
mod tests {
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
    fn a_binding_with_a_user_name_is_a_check_and_without_one_a_question_to_a_server() {
        let id = TransactionId([7; 12]);
        let server = message(&[Box::new(id), Box::new(BINDING_REQUEST)]);
        assert_eq!(StunPacket::read(&server), Some(StunPacket::Binding(id)));
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

    const ID: TransactionId = TransactionId([7; 12]);

    /// A message of this method and class with these attributes.
    fn typed(
        method: Method,
        class: MessageClass,
        more: Vec<Box<dyn Setter>>,
    ) -> Option<StunPacket> {
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
    fn a_check_tells_its_priority_and_whether_it_nominates() {
        let check = |more: Vec<Box<dyn Setter>>| {
            let mut setters = vec![attribute(ATTR_USERNAME, b"remote:local")];
            setters.extend(more);
            typed(METHOD_BINDING, CLASS_REQUEST, setters)
        };
        let told = |priority, nominates| {
            Some(StunPacket::Check {
                id: ID,
                priority,
                nominates,
            })
        };
        let priority = || attribute(ATTR_PRIORITY, &[0x7e, 0xff, 0xff, 0x01]);
        assert_eq!(check(vec![priority()]), told(Some(0x7eff_ff01), false));
        assert_eq!(
            check(vec![attribute(ATTR_USE_CANDIDATE, &[])]),
            told(None, true),
            "RFC 8445 §7.1.2"
        );
        assert_eq!(
            check(vec![attribute(ATTR_PRIORITY, &[1])]),
            told(None, false),
            "a priority has four bytes"
        );
    }

    #[test]
    fn an_allocation_is_asked_for_first_without_and_then_with_a_password() {
        let ask = |more| typed(METHOD_ALLOCATE, CLASS_REQUEST, more);
        let told = |signed| Some(StunPacket::Allocate { id: ID, signed });
        assert_eq!(ask(vec![]), told(false), "RFC 8656 §7");
        let signature = attribute(ATTR_MESSAGE_INTEGRITY, &[0; 20]);
        assert_eq!(ask(vec![signature]), told(true), "RFC 8489 §9.2");
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
    fn an_answer_tells_the_relay_or_what_went_wrong() {
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
            peer: Peer::Address(peer()),
            packet: check(),
        };
        assert_eq!(carry(check()), Some(relayed), "RFC 8656 §11");
        assert_eq!(carry(vec![0x80, 96, 0, 1]), None, "media");
    }

    #[test]
    fn requests_that_matter_to_nobody_here_are_passed_over() {
        assert_eq!(typed(METHOD_REFRESH, CLASS_REQUEST, vec![]), None);
    }

    #[test]
    fn a_check_in_a_channel_is_unwrapped_and_media_is_not() {
        let relayed = StunPacket::read(&in_channel(0x4001, &check()));
        let peer = Peer::Channel(0x4001);
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
    fn no_datagram_is_too_broken_to_be_looked_at() {
        let right = [check(), in_channel(0x4000, &check())];
        let mut chance = 1_u64;
        let mut below = |limit: usize| {
            chance = chance
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            usize::try_from(chance >> 33).unwrap_or(0) % limit
        };
        for round in 0..50_000 {
            let mut datagram = right[round % 2].clone();
            for _ in 0..below(4) + 1 {
                let at = below(datagram.len());
                datagram[at] = u8::try_from(below(256)).unwrap_or(0);
            }
            datagram.truncate(below(datagram.len() + 1).max(1));
            // Whatever it says, saying it must not end the driver of a peer.
            let _ = StunPacket::read(&datagram);
        }
    }
}
