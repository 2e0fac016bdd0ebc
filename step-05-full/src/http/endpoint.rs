//! `/whep` and `/whip`: the two endpoints of the server.

/// What a client asks of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// The client receives the local video (draft-ietf-wish-whep).
    Whep,
    /// The client sends its video (RFC 9725).
    Whip,
}

impl Endpoint {
    /// Its path, without the slash.
    pub fn name(self) -> &'static str {
        match self {
            Self::Whep => "whep",
            Self::Whip => "whip",
        }
    }

    /// The direction that the client's `m=video` section should have.
    pub fn offered_direction(self) -> &'static str {
        match self {
            Self::Whep => "recvonly",
            Self::Whip => "sendonly",
        }
    }
}
