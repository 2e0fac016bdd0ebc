//! `--lab NAME`: one thing broken on purpose.

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
    let labs = L::value_variants()
        .iter()
        .filter_map(ValueEnum::to_possible_value);
    let lines = labs.map(|lab| {
        let line = lab.get_help().map(ToString::to_string).unwrap_or_default();
        format!("{:<24} {line}", lab.get_name())
    });
    lines.collect::<Vec<_>>().join("\n")
}
