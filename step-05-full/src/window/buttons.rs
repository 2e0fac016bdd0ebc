//! Start, Call and Hang Up.

use step_01_capture::StateMachine;

/// What a reader can press, from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// Opens the source (the codelab's `startAction()`).
    Start,
    /// Connects the peers (`callAction()`).
    Call,
    /// Ends the call (`hangupAction()`).
    HangUp,
}

/// Which button is enabled, on the timeline.
pub const BUTTONS: StateMachine = StateMachine("buttons");

impl Button {
    /// All of them.
    pub const ALL: [Button; 3] = [Button::Start, Button::Call, Button::HangUp];

    /// What is written on it. Its first letter is its key.
    pub fn label(self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Call => "Call",
            Self::HangUp => "Hang Up",
        }
    }

    /// The button of a key: S, C or H.
    pub fn of_key(key: char) -> Option<Button> {
        let initial = |button: &Button| button.label().starts_with(key.to_ascii_uppercase());
        Button::ALL.into_iter().find(initial)
    }
}
