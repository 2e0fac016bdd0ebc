//! Why nothing can be shown.

/// Why nothing can be shown, or no longer. Each has what the system reported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DisplayError {
    /// The system gives no window.
    #[error("no window: {0}: start it on a desktop, or use --display terminal or none")]
    NoWindow(String),
    /// There is no terminal to draw on.
    #[error("no terminal: {0}: start it in a terminal, or use --display window or none")]
    NoTerminal(String),
    /// The window that was open cannot be drawn any more.
    #[error("the window is gone: {0}: start again, or use --display terminal or none")]
    WindowGone(String),
}
