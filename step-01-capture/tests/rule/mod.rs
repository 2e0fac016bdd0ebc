//! The rule that a test is about, printed when the test fails. The later steps use this file too.

/// Text that ends with the path of a lesson's file, which with the feature `exercise` is the reader's own:
/// `lesson_file!("see step-03-ice/src/", "trickle.rs")`.
#[allow(unused_macros, reason = "a test about other files has no use for it")]
macro_rules! lesson_file {
    ($before:literal, $file:literal) => {
        match cfg!(feature = "exercise") {
            true => concat!($before, "exercise/", $file),
            false => concat!($before, $file),
        }
    };
}
#[allow(unused_imports, reason = "see there")]
pub(crate) use lesson_file;

/// The rules that one file of the program keeps.
pub(crate) struct Rules {
    kept_in: &'static str,
}

impl Rules {
    pub(crate) const fn kept_in(file: &'static str) -> Self {
        Self { kept_in: file }
    }

    /// From here to the end of its scope, a test is about this rule.
    pub(crate) const fn rule(&self, text: &'static str) -> Rule {
        let kept_in = self.kept_in;
        Rule { text, kept_in }
    }
}

/// Prints its rule when it is dropped by a panic: by an assertion, an `expect`, or a snapshot that differs.
#[must_use = "`let _ = …` would drop it at once: write `let _rule = …`"]
pub(crate) struct Rule {
    text: &'static str,
    kept_in: &'static str,
}

impl Drop for Rule {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("Expected: {}; see {}", self.text, self.kept_in);
        }
    }
}
