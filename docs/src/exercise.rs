//! Which function of the exercises comes next, from the results of their tests.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs the tests of one exercise after the other, up to the first function that is not right, and returns what they say
/// last: the function, what was learnt with the one before, and the question between the two.
///
/// # Errors
/// The root cannot be listed, or cargo cannot be started.
pub fn next_function(root: &Path) -> io::Result<String> {
    let mut steps = Vec::new();
    for entry in root.read_dir()? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with("step-") {
            steps.push(name);
        }
    }
    steps.sort();
    let mut said = String::new();
    for step in &steps {
        let tests = Command::new("cargo")
            .args(["test", "-q", "-p", step, "--features", "exercise"])
            .args(["--test", "assignment", "--", "--next"])
            .current_dir(root)
            // What does not compile is said there.
            .stderr(Stdio::inherit())
            .output()?;
        said = String::from_utf8_lossy(&tests.stdout).trim().to_owned();
        if !tests.status.success() {
            return Ok(match said.is_empty() {
                true => format!("{step} does not compile: see above."),
                false => said,
            });
        }
    }
    Ok(format!("{said}\n\nThe exercises of all steps are done."))
}
