//! Why `getUserMedia()` gives no stream.

/// Why there is no stream: the names are those of `getUserMedia()` (W3C Media Capture §10.1.1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GetUserMediaError {
    /// No such device or file.
    #[error("NotFoundError: {what}: {hint}")]
    NotFound {
        /// What was looked for.
        what: String,
        /// What the reader can do about it.
        hint: String,
    },
    /// The system forbids it.
    #[error("NotAllowedError: {what} may not be opened: {hint}")]
    NotAllowed {
        /// The device or file.
        what: String,
        /// What the reader can do about it.
        hint: String,
    },
    /// It exists, it is allowed, and it does not deliver: busy, unplugged, silent, damaged.
    #[error("NotReadableError: {what}: {cause}: {hint}")]
    NotReadable {
        /// The device or file.
        what: String,
        /// What the system reported, or what is wrong with the file.
        cause: String,
        /// What the reader can do about it.
        hint: String,
    },
    /// It cannot meet a constraint.
    #[error("OverconstrainedError: {what} cannot deliver {constraint}: it has {capabilities}")]
    Overconstrained {
        /// The device or file.
        what: String,
        /// The constraint that cannot be met.
        constraint: String,
        /// What it can do.
        capabilities: String,
    },
}
