//! Why nothing can be shown.

/// Why nothing can be shown, or no longer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DisplayError {
    /// The system gives no window.
    #[error("no window: {cause}: start it on a desktop, or use --display terminal or none")]
    NoWindow {
        /// What the system reported.
        cause: String,
    },
    /// There is no terminal to draw on.
    #[error("no terminal: {cause}: start it in a terminal, or use --display window or none")]
    NoTerminal {
        /// What is missing.
        cause: String,
    },
    /// The window that was open cannot be drawn any more.
    #[error("the window is gone: {cause}: start again, or use --display terminal or none")]
    WindowGone {
        /// What the system reported.
        cause: String,
    },
}
