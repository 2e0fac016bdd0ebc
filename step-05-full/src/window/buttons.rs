//! Start, Call and Hang Up.

use std::fmt;

use step_01_capture::StateMachine;

/// What a reader can press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// Opens the source (the codelab's `startAction()`).
    Start,
    /// Connects the peers (`callAction()`).
    Call,
    /// Ends the call (`hangupAction()`).
    HangUp,
}

impl Button {
    /// From left to right.
    pub const ALL: [Button; 3] = [Button::Start, Button::Call, Button::HangUp];

    /// What is written on it. Its first letter is its key.
    pub fn label(self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Call => "Call",
            Self::HangUp => "Hang Up",
        }
    }

    /// The button that a key stands for: S, C or H.
    pub fn of_key(key: char) -> Option<Button> {
        let initial = |button: &Button| button.label().starts_with(key.to_ascii_uppercase());
        Button::ALL.into_iter().find(initial)
    }
}

/// Which buttons can be pressed, on the timeline.
pub const BUTTONS: StateMachine = StateMachine("buttons");

/// Which buttons can be pressed: one at a time, and none while the program does what the last one asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enabled(pub Option<Button>);

impl Enabled {
    /// Whether this one can be pressed.
    pub fn has(self, button: Button) -> bool {
        self.0 == Some(button)
    }
}

impl fmt::Display for Enabled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.map_or("none", Button::label))
    }
}
