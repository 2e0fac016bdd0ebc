//! Why an access unit is kept from the decoder.

/// Why an access unit is kept from the decoder. After any of them only a key frame helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessUnitError {
    /// The stream was joined in the middle: size and coding of its frames are unknown.
    #[error("no parameter sets (SPS, PPS) have come yet: ask the sender for a key frame")]
    NoParameterSets,
    /// It breaks a rule of ITU-T H.264.
    #[error("the access unit is malformed: {0}")]
    Malformed(&'static str),
    /// It is H.264, but of a kind for which the session has no agreement.
    #[error("the sender's video was not negotiated: {what} is {actual}, at most {limit} allowed")]
    AboveLimit {
        /// The property.
        what: &'static str,
        /// What the stream has.
        actual: u32,
        /// The most that the session allows.
        limit: u32,
    },
    /// It uses tools of another profile than constrained baseline (ITU-T H.264 §A.2.1.1).
    #[error("the sender's video is not constrained baseline, as was negotiated: {0}")]
    Profile(&'static str),
}
