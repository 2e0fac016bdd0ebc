//! A STUN or TURN message in words, for the ladder of the report.

use std::fmt::{Display, Write};

use rtc::stun::attributes::*;
use rtc::stun::error_code::ErrorCodeAttribute;
use rtc::stun::message::{
    CLASS_REQUEST, CLASS_SUCCESS_RESPONSE, Getter, METHOD_ALLOCATE, METHOD_BINDING, Message,
};
use rtc::stun::xoraddr::XorMappedAddress;
use rtc::turn::proto::peeraddr::PeerAddress;
use rtc::turn::proto::relayaddr::RelayedAddress;

/// What the ladder needs of a STUN message.
pub(crate) struct StunText {
    /// The same in a request and its response.
    pub(crate) transaction: [u8; 12],
    /// Whether it is a request.
    pub(crate) is_request: bool,
    /// Whether it is a connectivity check: it names a user, and a request to a STUN server does not.
    pub(crate) is_check: bool,
    /// Whether it nominates its pair (RFC 8445 §8.1.1).
    pub(crate) nominates: bool,
    /// What the other end is, if this is a request to a server: `STUN` or `TURN`.
    pub(crate) server: Option<&'static str>,
    /// The address that a TURN server allocated (RFC 8656 §7).
    pub(crate) relayed: Option<String>,
    /// As in `Binding request`.
    pub(crate) name: String,
    /// The attributes, one a line.
    pub(crate) attributes: String,
}

impl StunText {
    /// Reads a message; none for what is no STUN.
    pub(crate) fn read(datagram: &[u8]) -> Option<Self> {
        let mut message = Message::new();
        message.unmarshal_binary(datagram).ok()?;
        let (method, class) = (message.typ.method, message.typ.class);
        let is_request = class == CLASS_REQUEST;
        let is_check = is_request && method == METHOD_BINDING && message.contains(ATTR_USERNAME);
        let server = match method {
            METHOD_BINDING if is_request && !is_check => Some("STUN"),
            METHOD_ALLOCATE if is_request => Some("TURN"),
            _ => None,
        };
        let mut relayed = RelayedAddress::default();
        let allocated = class == CLASS_SUCCESS_RESPONSE && relayed.get_from(&message).is_ok();
        let mut attributes = String::new();
        for attribute in &message.attributes.0 {
            // Writing to a string cannot fail.
            let _ = writeln!(
                attributes,
                "{}  {}",
                attribute.typ,
                text(attribute, &message)
            );
        }
        let mut name = message.typ.to_string();
        if let Some(error) = error_code(&message) {
            name += &format!(" {error}");
        }
        Some(Self {
            transaction: message.transaction_id.0,
            is_request,
            is_check,
            nominates: is_check && message.contains(ATTR_USE_CANDIDATE),
            server,
            relayed: allocated.then(|| relayed.to_string()),
            name,
            attributes,
        })
    }
}

/// The value of an attribute, and below it what it is for.
fn text(attribute: &RawAttribute, message: &Message) -> String {
    let value = &attribute.value[..];
    let number = || {
        value
            .iter()
            .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte))
    };
    let string = || String::from_utf8_lossy(value).into_owned();
    match attribute.typ {
        ATTR_USERNAME if message.typ.method == METHOD_BINDING => {
            format!(
                "{}\n    ice-ufrag of the receiver : of the sender",
                string()
            )
        }
        ATTR_PRIORITY => format!(
            "{}\n    of the candidate that this check may reveal: peer-reflexive",
            number()
        ),
        ATTR_USE_CANDIDATE => "\n    nominates this pair".to_owned(),
        ATTR_ICE_CONTROLLING => format!("{:016x}\n    the sender nominates", number()),
        ATTR_ICE_CONTROLLED => format!("{:016x}\n    the receiver nominates", number()),
        ATTR_XORMAPPED_ADDRESS => format!(
            "{}\n    how the answering side sees the asking one",
            address::<XorMappedAddress>(message)
        ),
        ATTR_XOR_RELAYED_ADDRESS => format!(
            "{}\n    what arrives there is relayed",
            address::<RelayedAddress>(message)
        ),
        ATTR_XOR_PEER_ADDRESS => {
            format!("{}\n    of the other peer", address::<PeerAddress>(message))
        }
        ATTR_ERROR_CODE => error_code(message).unwrap_or_default(),
        ATTR_LIFETIME => format!("{} s", number()),
        ATTR_CHANNEL_NUMBER => format!("{:#x}", number() >> 16),
        ATTR_REQUESTED_TRANSPORT => match number() >> 24 {
            17 => "17, UDP".to_owned(),
            other => other.to_string(),
        },
        ATTR_MESSAGE_INTEGRITY => "\n    proves that the sender knows the password".to_owned(),
        ATTR_FINGERPRINT => "\n    a checksum: this is STUN and no other protocol".to_owned(),
        ATTR_USERNAME | ATTR_REALM | ATTR_NONCE | ATTR_SOFTWARE => string(),
        _ => format!("{} bytes", value.len()),
    }
}

fn address<A: Getter + Default + Display>(message: &Message) -> String {
    let mut address = A::default();
    match address.get_from(message) {
        Ok(()) => address.to_string(),
        Err(_) => "malformed".to_owned(),
    }
}

fn error_code(message: &Message) -> Option<String> {
    let mut error = ErrorCodeAttribute::default();
    error.get_from(message).ok()?;
    let reason = String::from_utf8_lossy(&error.reason);
    let reason = reason.trim_end_matches(char::from(0));
    Some(format!("{} {reason}", error.code.0))
}
