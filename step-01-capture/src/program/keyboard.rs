//! The keyboard of the terminal while it shows a video: what is typed is not echoed into the picture, and Q ends.

/// The terminal of standard input. On systems other than Unix nothing is taken, and Q does nothing.
#[derive(Default)]
pub(crate) struct Keyboard {
    is_permitted: bool,
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

impl Keyboard {
    /// The keyboard of this process.
    pub(crate) fn new() -> Self {
        Self {
            is_permitted: true,
            ..Self::default()
        }
    }

    /// Gives the terminal back for good: the program ends.
    pub(crate) fn end(&mut self) {
        self.release();
        self.is_permitted = false;
    }
}

#[cfg(unix)]
mod unix {
    use rustix::process::getpgrp;
    use rustix::stdio::stdin;
    use rustix::termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcgetpgrp, tcsetattr,
    };

    use super::Keyboard;

    impl Keyboard {
        /// Turns echo and line editing off, unless that is done already.
        pub(crate) fn take(&mut self) {
            if !self.is_permitted || self.before.is_some() || !is_in_foreground() {
                return;
            }
            let Ok(before) = tcgetattr(stdin()) else {
                return;
            };
            let mut during = before.clone();
            during.local_modes -= LocalModes::ECHO | LocalModes::ICANON;
            // Reading returns at once, with what was typed.
            during.special_codes[SpecialCodeIndex::VMIN] = 0;
            during.special_codes[SpecialCodeIndex::VTIME] = 0;
            if tcsetattr(stdin(), OptionalActions::Now, &during).is_ok() {
                self.before = Some(before);
            }
        }

        /// Whether Q was typed since the last call.
        pub(crate) fn is_quit_typed(&self) -> bool {
            let mut typed = [0; 64];
            let count = match self.before.is_some() && is_in_foreground() {
                true => rustix::io::read(stdin(), &mut typed).unwrap_or(0),
                false => 0,
            };
            typed[..count].iter().any(|key| b"qQ".contains(key))
        }

        /// Makes the terminal what it was.
        pub(crate) fn release(&mut self) {
            if let Some(before) = self.before.take() {
                // A terminal that is gone has nothing to restore.
                let _ = tcsetattr(stdin(), OptionalActions::Now, &before);
            }
        }
    }

    /// The system stops a program in the background that reads or changes the terminal.
    fn is_in_foreground() -> bool {
        tcgetpgrp(stdin()).is_ok_and(|group| group == getpgrp())
    }
}

#[cfg(not(unix))]
impl Keyboard {
    pub(crate) fn take(&mut self) {}

    pub(crate) fn is_quit_typed(&self) -> bool {
        false
    }

    pub(crate) fn release(&mut self) {}
}
