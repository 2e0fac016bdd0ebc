//! What a STUN or TURN message shows without a key.

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

use crate::observing::server_log::ServerRequest;
use crate::servers::ice_server_url::IceScheme;

/// One message, if it is about servers or connectivity checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StunPacket {
    /// A Binding request to a STUN server (RFC 8489 §3), or an Allocate request to a TURN server (RFC 8656 §7).
    ServerRequest(ServerRequest),
    /// A number that replaces the address of a peer at a relay (RFC 8656 §12).
    ChannelBind { channel: u16, peer: SocketAddr },
    /// A connectivity check, from one peer to the other (RFC 8445 §7.2.4).
    Check {
        id: TransactionId,
        priority: Option<u32>,
        nominates: bool,
    },
    /// The response to one of these; that to an Allocate request has the relay's address.
    Success {
        id: TransactionId,
        relayed: Option<SocketAddr>,
    },
    /// An error response, with its code (RFC 8489 §14.8).
    Error {
        id: TransactionId,
        code: u16,
        reason: String,
    },
    /// A packet in a packet: what a relay sends to the other peer or has received from it.
    Relayed { peer: PeerName, packet: Vec<u8> },
}

/// How a relayed packet names the other peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PeerName {
    /// By its address, in a Send or Data indication (RFC 8656 §11).
    Address(SocketAddr),
    /// By the number of a channel (RFC 8656 §12.4).
    Channel(u16),
}

impl StunPacket {
    /// Reads a datagram; none for media and for all other messages. The first bytes of media differ, so reading them is
    /// cheap.
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
        METHOD_BINDING | METHOD_ALLOCATE => Some(StunPacket::ServerRequest(ServerRequest {
            scheme: match message.typ.method {
                METHOD_BINDING => IceScheme::Stun,
                _ => IceScheme::Turn,
            },
            id,
            signed: message.contains(ATTR_MESSAGE_INTEGRITY),
        })),
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
        peer: PeerName::Address(SocketAddr::new(peer.ip, peer.port)),
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
            peer: PeerName::Channel(channel),
            packet: packet.to_owned(),
        },
    )
}

#[cfg(test)]
#[path = "stun_packet_tests.rs"]
mod tests;
