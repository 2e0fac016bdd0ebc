//! Why `getUserMedia()` gives no stream.

/// Why there is no stream (W3C Media Capture §9.3.1, the errors of `getUserMedia()`).
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
    /// It is there, it is allowed, and it does not deliver: busy, unplugged, silent, damaged.
    #[error("NotReadableError: {what}: {cause}: {hint}")]
    NotReadable {
        /// The device or file.
        what: String,
        /// What the system or the file said.
        cause: String,
        /// What the reader can do about it.
        hint: String,
    },
    /// It cannot do what was asked of it.
    #[error("OverconstrainedError: {what} cannot deliver {wish}: it has {capabilities}")]
    Overconstrained {
        /// The device or file.
        what: String,
        /// The constraint that cannot be met.
        wish: String,
        /// What it can do.
        capabilities: String,
    },
}
