//! What every mystery keeps to. The later steps use this file too.

use std::fmt::Debug;

use step_02_peer::labs::mystery::{Fault, Mystery, MysteryArguments, faults};
use step_02_peer::labs::name_and_summary;

const LOOK: &str = "see step-02-peer/src/labs/mystery.rs, and src/labs/ of this step";

/// Checks that what a lab printed shows its mistake and no other one, and that it does not say which.
pub(crate) fn assert_solved_by_one_answer<F: Fault + Debug>(fault: F, shown: &str) {
    let clue = |other: &F| shown.contains(other.clue());
    let found: Vec<F> = faults().into_iter().filter(clue).collect();
    assert_eq!(
        found,
        [fault],
        "what is printed has one clue; {LOOK}:\n{shown}"
    );
    let (name, summary) = name_and_summary(&fault);
    let title = &summary[..summary.len().min(25)];
    let advice = fault.explanation().lines().next().unwrap_or_default();
    for secret in [&name, title, advice] {
        assert!(
            !shown.contains(secret),
            "{secret:?} is for the reader to find out; {LOOK}:\n{shown}"
        );
    }
    let mystery = with_fault(fault);
    for answer in faults() {
        let verdict = mystery.verdict(answer, shown);
        let right = if answer == fault {
            "Yes, it is "
        } else {
            "No, it is "
        };
        assert!(
            verdict.starts_with(&format!("{right}{name}: ")),
            "{answer:?}; {LOOK}: {verdict}"
        );
        assert!(
            verdict.contains(fault.clue()) && verdict.contains(advice),
            "{LOOK}: {verdict}"
        );
    }
}

/// Some seed chooses each mistake, and a seed always the same one.
fn with_fault<F: Fault + Debug>(fault: F) -> Mystery<F> {
    let mut mysteries = (0..1000).map(|seed| {
        let seed = Some(seed);
        let arguments = MysteryArguments { answer: None, seed };
        Mystery::choose(&arguments).expect("no answer is not a wrong one")
    });
    let found = mysteries.find(|mystery| mystery.fault == fault);
    found.unwrap_or_else(|| panic!("no seed below 1000 chooses {fault:?}; {LOOK}"))
}
