//! The functions of an exercise in the order of their assignment, and the tests of each. The later steps use this file
//! too.
//!
//! `tests/assignment.rs` of a step is a program of its own (`harness = false`). It stops at the first function that a test
//! finds wrong, and its last lines say what to do next. No test can hang it, and no panic is lost in a thread or task.

#![allow(dead_code)] // Only `next` of the docs asks for what was learnt.

use std::any::Any;
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fs, panic, thread};

/// The exercise of a step.
pub(crate) struct Assignment {
    /// The crate.
    pub(crate) step: &'static str,
    /// Where the crate is: `env!("CARGO_MANIFEST_DIR")`.
    pub(crate) folder: &'static str,
    /// Whether the reader's files are built: `cfg!(feature = "exercise")`.
    pub(crate) exercise: bool,
    /// How long one test may take. Each ends within a second; only a wrong function lets it wait.
    pub(crate) limit: Duration,
    pub(crate) tasks: &'static [Task],
}

/// One function of the exercise.
pub(crate) struct Task {
    /// The number of the note.
    pub(crate) number: &'static str,
    /// As in `Trickle::receive`.
    pub(crate) function: &'static str,
    /// The file in `src/`; its name alone is the file in `src/exercise/`.
    pub(crate) file: &'static str,
    /// Whether the starter has the function already.
    pub(crate) given: bool,
    /// Two sentences to read when the function is right.
    pub(crate) learnt: &'static str,
    /// The question to think about before the next function.
    pub(crate) question: &'static str,
    pub(crate) tests: &'static [Test],
}

/// What is expected, in the words of the standard, and the test of it.
pub(crate) type Test = (&'static str, fn());

/// How a test ended.
enum End {
    Passed,
    /// What a panic said, and where.
    Panicked(String, String),
    TimedOut,
}

/// The test that runs now.
struct Running {
    ended: Sender<End>,
    /// The file of the function that it is about.
    file: &'static str,
}

/// Every panic of the process is reported to the test that runs.
static RUNNING: Mutex<Option<Running>> = Mutex::new(None);

const TEST_THREAD: &str = "test";
const TODO: &str = "not yet implemented: ";

impl Assignment {
    /// Runs the tests. Arguments as of any test program: a text chooses the functions whose names contain it, `next` is
    /// the question of the docs crate.
    pub(crate) fn run(&self) -> ExitCode {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let has = |name: &str| arguments.iter().any(|it| it == name);
        if has("--list") || has("--ignored") {
            return ExitCode::SUCCESS;
        }
        let filter = arguments.iter().find(|it| !it.starts_with('-'));
        panic::set_hook(Box::new(|info| {
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            report(End::Panicked(text(info.payload()), place));
        }));
        let (mut right, mut tests) = (Vec::new(), 0);
        for task in self.tasks {
            if filter.is_some_and(|filter| !task.function.contains(&**filter)) {
                continue;
            }
            for (expected, test) in task.tests {
                let end = self.end_of(task.file, *test);
                if !matches!(end, End::Passed) {
                    println!("{}", self.what_to_do(task, expected, &end, &right));
                    if has("--next") {
                        print_question(self.before(task));
                    }
                    // As the harness of Rust: cargo adds nothing but which program it was.
                    return ExitCode::from(101);
                }
                tests += 1;
            }
            if !task.given {
                right.push(task.function);
            }
        }
        println!("{}", self.all_right(&right, tests));
        if has("--next") {
            print_question(self.tasks.last());
        }
        ExitCode::SUCCESS
    }

    fn end_of(&self, file: &'static str, test: fn()) -> End {
        let (sender, ended) = channel();
        *running() = Some(Running {
            ended: sender,
            file,
        });
        let thread = thread::Builder::new().name(TEST_THREAD.to_owned());
        // A test that hangs is left behind: the program ends without it.
        let started = thread.spawn(move || {
            test();
            report(End::Passed);
        });
        started.expect("the system has a thread for each test");
        let end = next(&ended, self.limit);
        *running() = None;
        end
    }

    fn file(&self, task: &Task) -> String {
        let name = name_of(task.file);
        match self.exercise && self.has_starter(name) {
            true => format!("{}/src/exercise/{name}", self.step),
            false => format!("{}/src/{}", self.step, task.file),
        }
    }

    fn has_starter(&self, name: &str) -> bool {
        Path::new(self.folder)
            .join("src/exercise")
            .join(name)
            .exists()
    }

    /// The file, and the line at which the function begins.
    fn place(&self, task: &Task) -> String {
        let file = self.file(task);
        let path = Path::new(self.folder).join("..").join(&file);
        let name = task.function.rsplit("::").next().unwrap_or(task.function);
        let source = fs::read_to_string(path).unwrap_or_default();
        let begins = |line: &str| line.contains(&format!("fn {name}("));
        match source.lines().position(begins) {
            Some(line) => format!("{file}:{}", line + 1),
            None => file,
        }
    }

    fn before(&self, task: &Task) -> Option<&Task> {
        let at = self.tasks.iter().position(|it| std::ptr::eq(it, task))?;
        self.tasks.get(at.checked_sub(1)?)
    }

    fn what_to_do(&self, task: &Task, expected: &str, end: &End, right: &[&str]) -> String {
        let done = match right {
            [] => String::new(),
            right => format!(" Right so far: {}.", right.join(", ")),
        };
        let (number, function) = (task.number, task.function);
        let mut lines = vec![
            format!("\n{}, the exercise.{done}", self.step),
            format!("Next:     {number} {function}() in {}", self.place(task)),
            format!("Expected: {expected}"),
        ];
        match end {
            End::Passed => {}
            End::TimedOut => lines.push(format!(
                "Found:    {function}() or what waits for it does not come to an end ({} s)",
                self.limit.as_secs()
            )),
            End::Panicked(said, place) => match said.strip_prefix(TODO) {
                Some(todo) => {
                    let task = todo.rsplit_once("; see ").map_or(todo, |(task, _)| task);
                    lines.push(format!(
                        "Found:    todo!() {}:\n          {task}",
                        at(place)
                    ));
                }
                None => {
                    let said = said.lines().take(5).collect::<Vec<_>>();
                    lines.push(format!("Found:    {}", said.join("\n          ")));
                    lines.push(format!("Checked:  {}", at(place)));
                }
            },
        }
        lines.join("\n")
    }

    fn all_right(&self, right: &[&str], tests: usize) -> String {
        let (step, count) = (self.step, right.len());
        let all = format!("\n{step}, the exercise: all {tests} tests of {count} functions pass.");
        match self.exercise {
            true => {
                format!("{all} See your own code run:\n    cargo run -p {step} --features exercise")
            }
            false => all,
        }
    }
}

fn print_question(task: Option<&Task>) {
    if let Some(task) = task {
        println!(
            "\n{}(): {}\nBefore you go on: {}",
            task.function, task.learnt, task.question
        );
    }
}

/// The first report that comes, as soon as it comes.
fn next(ended: &Receiver<End>, limit: Duration) -> End {
    let end = ended.recv_timeout(limit).unwrap_or(End::TimedOut);
    match end {
        // A task of the runtime may have panicked in the same moment, before the test had an end.
        End::Passed => match ended.try_recv() {
            Ok(panicked @ End::Panicked(..)) => panicked,
            _ => End::Passed,
        },
        other => other,
    }
}

fn running() -> MutexGuard<'static, Option<Running>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn report(end: End) {
    let running = running();
    let Some(Running { ended, file }) = &*running else {
        return;
    };
    let in_test = thread::current().name() == Some(TEST_THREAD);
    if let End::Panicked(said, place) = &end
        && said.starts_with(TODO)
        && !in_test
        && !place.contains(&format!("exercise/{}", name_of(file)))
    {
        // A thread of the program has met a function that is not written yet: its turn comes later.
        return;
    }
    // The receiver is gone when the test was given up.
    let _ = ended.send(end);
}

fn name_of(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

fn text(payload: &dyn Any) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a panic without a text".to_owned())
}

/// `at FILE:LINE`, without the column and with the path as the reader knows it.
fn at(place: &str) -> String {
    let place = place.rsplit_once(':').map_or(place, |(line, _)| line);
    let place = place.find("step-0").map_or(place, |at| &place[at..]);
    // A module in a folder takes its starter from `FOLDER/../exercise`.
    match place.split_once("/src/") {
        Some((step, rest)) if rest.contains("/../") => {
            let file = rest.rsplit_once("/../").map_or(rest, |(_, file)| file);
            format!("at {step}/src/{file}")
        }
        _ => format!("at {place}"),
    }
}

/// Fails unless both are equal, with what was found and what was expected.
#[track_caller]
pub(crate) fn same<T: std::fmt::Debug + PartialEq>(what: &str, found: T, expected: T) {
    assert!(
        found == expected,
        "{what} is {found:?}, and should be {expected:?}"
    );
}
