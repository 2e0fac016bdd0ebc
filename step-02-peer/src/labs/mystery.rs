//! `--lab mystery`: one of the labs without its name, and the question which one it was.

use std::io::{IsTerminal, stdin};

use clap::ValueEnum;
use step_01_capture::program::console::Console;
use step_01_capture::program::report::Section;
use step_01_capture::program::stop_signal::{StopReason, StopSignal};

use crate::labs::name_and_summary;

/// The options of `--lab mystery`. Put it into a step's own arguments with `#[command(flatten)]`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct MysteryArguments {
    /// What is wrong in --lab mystery, instead of the question in the terminal
    #[arg(long, value_name = "NAME", requires = "lab")]
    pub answer: Option<String>,

    /// Take the mistake of --lab mystery with this number again
    #[arg(long, value_name = "N", requires = "lab")]
    pub seed: Option<u16>,
}

/// A lab whose mistake can be found out.
pub trait Fault: ValueEnum + Copy + PartialEq + 'static {
    /// Part of a line that is in the output of this lab, and in that of no other one of its step.
    fn clue(self) -> &'static str;
    /// Why it is so, and what one would do.
    fn explanation(self) -> &'static str;
}

/// A mistake that the reader does not know.
pub struct Mystery<F> {
    /// What to run.
    pub fault: F,
    seed: u16,
    answer: Option<F>,
}

/// The mistakes of a step that can be a mystery.
pub fn faults<F: Fault>() -> Vec<F> {
    let labs = F::value_variants().iter().copied();
    labs.filter(|lab| !lab.clue().is_empty()).collect()
}

impl<F: Fault> Mystery<F> {
    /// A mistake if the lab is `mystery`; none if it is another one.
    ///
    /// # Errors
    /// Those of [`Mystery::choose`].
    pub fn of(lab: Option<F>, arguments: &MysteryArguments) -> Result<Option<Self>, UnknownAnswer> {
        match lab.is_some_and(|lab| name_and_summary(&lab).0 == "mystery") {
            true => Self::choose(arguments).map(Some),
            false => Ok(None),
        }
    }

    /// Chooses a mistake: by the seed if one is given, else by chance.
    ///
    /// # Errors
    /// The names that may be given, when the answer is none of them.
    pub fn choose(arguments: &MysteryArguments) -> Result<Self, UnknownAnswer> {
        let answer = arguments.answer.as_deref().map(parse).transpose()?;
        let seed = arguments.seed.unwrap_or_else(rand::random);
        let faults = faults::<F>();
        // Neighbouring seeds shall not be neighbouring mistakes. 40503 is 2^16 divided by the golden ratio.
        let place = usize::from(seed.wrapping_mul(40503) >> 4) % faults.len();
        Ok(Self {
            fault: faults[place],
            seed,
            answer,
        })
    }

    /// Asks what is wrong, unless the answer was given, and says whether it is right. `shown` is what the lab printed.
    pub fn ask(&self, shown: &str, console: &Console, stop: &StopSignal) {
        if stop.reason() == Some(StopReason::Interrupted) {
            return;
        }
        console.print(format_args!("\n{}", choices::<F>(self.seed)));
        let answer = match self.answer {
            Some(answer) => Some(answer),
            None if stdin().is_terminal() && console.is_terminal() => {
                stop.exit_on_interrupt();
                read_answer(console)
            }
            None => None,
        };
        match answer {
            Some(answer) => console.print(self.verdict(answer, shown)),
            None => console.print(format_args!(
                "To answer, add: --seed {} --answer NAME",
                self.seed
            )),
        }
    }

    /// Whether the answer is right, what gave the mistake away, and what one would do.
    pub fn verdict(&self, answer: F, shown: &str) -> String {
        let right = match answer == self.fault {
            true => "Yes",
            false => "No",
        };
        let (name, mistake) = name_and_mistake(&self.fault);
        let clue = shown.lines().find(|line| line.contains(self.fault.clue()));
        let clue = clue.map_or("The run ended before anything showed it.", str::trim);
        let clue = Section::new("What gave it away", clue);
        let advice = Section::new("Why", self.fault.explanation()).to_string();
        format!(
            "{right}, it is {name}: {mistake}\n\n{clue}\n{}",
            advice.trim_end()
        )
    }
}

/// The names of the mistakes, numbered.
fn choices<F: Fault>(seed: u16) -> String {
    let faults = faults::<F>();
    let lines = faults.iter().zip(1..).map(|(fault, number)| {
        let (name, mistake) = name_and_mistake(fault);
        format!("{number}  {name:<24} {mistake}")
    });
    let heading = format!("What is wrong? (--seed {seed} shows the same again)");
    let lines = lines.collect::<Vec<_>>().join("\n");
    Section::new(&heading, lines).to_string()
}

/// The mistake alone: what follows in its line says what comes of it, and what else one can try.
fn name_and_mistake<F: Fault>(fault: &F) -> (String, String) {
    let (name, summary) = name_and_summary(fault);
    let mistake = summary.split(": ").next().unwrap_or_default();
    let mistake = mistake.split(", or ").next().unwrap_or_default();
    (name, mistake.to_owned())
}

/// None at the end of the input.
fn read_answer<F: Fault>(console: &Console) -> Option<F> {
    console.print("Type a number or a name, then Enter:");
    for line in stdin().lines() {
        let line = line.ok()?;
        match parse(line.trim()) {
            Ok(fault) => return Some(fault),
            Err(error) => console.print(error),
        }
    }
    None
}

/// The answer is none of the mistakes.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no answer: write {1}")]
pub struct UnknownAnswer(String, String);

/// A name, or its number among the choices.
fn parse<F: Fault>(text: &str) -> Result<F, UnknownAnswer> {
    let faults = faults::<F>();
    let names: Vec<String> = faults.iter().map(|it| name_and_summary(it).0).collect();
    let number = text.parse::<usize>().ok();
    let place = number.and_then(|number| number.checked_sub(1));
    // The amount in `loss=10` need not be written.
    let is_named = |name: &String| name == text || name.split('=').next() == Some(text);
    let place = place.or_else(|| names.iter().position(is_named));
    let fault = place.and_then(|place| faults.get(place)).copied();
    fault.ok_or_else(|| UnknownAnswer(text.to_owned(), names.join(", ")))
}
