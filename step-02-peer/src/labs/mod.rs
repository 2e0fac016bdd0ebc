//! `--lab NAME`: one mistake on purpose.

pub mod no_track;

use clap::ValueEnum;

/// The labs of step 02.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lab {
    /// Offer a call without addTrack(): nothing to negotiate, so ICE never starts
    NoTrack,
    /// Name the labs of this step
    List,
}

/// The labs of a step with one line each, for `--lab list`. Each step has an enum of its own: the name of a variant is
/// the name of the lab, its doc comment the line.
pub fn list<L: ValueEnum>() -> String {
    let labs = L::value_variants().iter().map(name_and_summary);
    let lines = labs.map(|(name, summary)| format!("{name:<24} {summary}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// What `--lab` calls this lab, and what it does in one line.
pub fn name_and_summary<L: ValueEnum>(lab: &L) -> (String, String) {
    let value = lab.to_possible_value();
    let value = value.expect("no variant of an enum of labs is skipped");
    let summary = value.get_help().map(ToString::to_string);
    (value.get_name().to_owned(), summary.unwrap_or_default())
}
