//! What the wrong pages quote.

/// Adds one.
pub fn next(number: u32) -> u32 {
    number + 1
}

pub struct Peer {
    name: String,
}

impl Peer {
    /// The name of the peer.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl std::fmt::Display for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NotReadableError: {0}", self.name)
    }
}

#[rustfmt::skip]
pub fn complain(device: &str) -> String {
    format!("{device} is in use by another program; \
             close it and try again")
}

#[cfg(test)]
mod tests {
    #[test]
    fn speaks() {
        assert!(true, "only a test says this sentence");
    }
}
