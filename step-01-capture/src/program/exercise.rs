//! A program that runs the reader's own code in the place of the solution.

use std::panic;
use std::process::exit;

use super::console::Console;

/// Says in the program's first line that `step` is built with the feature `exercise`.
pub fn announce(step: &str) {
    Console::new().print_error(format_args!(
        "exercise: this runs your code, {step}/src/exercise/"
    ));
}

/// Ends the program at a function that is not written yet, with its task and its place in the place of a backtrace.
///
/// Whatever thread meets it: nothing useful can follow.
pub(super) fn end_at_todo(console: &Console) {
    let (console, print_panic) = (console.clone(), panic::take_hook());
    panic::set_hook(Box::new(move |panic| {
        let todo = panic.payload_as_str().and_then(task);
        let (Some(task), Some(place)) = (todo, panic.location()) else {
            return print_panic(panic);
        };
        console.release_frame();
        console.print_error(format_args!(
            "exercise: not written yet: {task}; see {}:{}",
            // A module in a folder takes its starter from `FOLDER/../exercise`.
            place.file().replace("send/../", ""),
            place.line()
        ));
        exit(1);
    }));
}

/// The task in the text of a `todo!()`, without the file in which it stands.
fn task(text: &str) -> Option<&str> {
    let task = text.strip_prefix("not yet implemented: ")?;
    Some(task.rsplit_once("; see ").map_or(task, |(task, _)| task))
}

#[cfg(test)]
mod tests {
    use super::task;

    #[test]
    fn the_text_of_a_todo_is_a_task_and_other_panics_are_not() {
        let todo = "not yet implemented: 1-5 keep it; see step-03-ice/src/exercise/trickle.rs";
        assert_eq!(task(todo), Some("1-5 keep it"));
        assert_eq!(
            task("not yet implemented: 1-5 keep it"),
            Some("1-5 keep it")
        );
        assert_eq!(task("index out of bounds"), None);
    }
}
