//! The page in a window, or without one.

pub mod app_window;
pub mod buttons;
pub mod run;
