//! Every line that real programs write is explained.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::fs;
use std::path::PathBuf;

use rule::Rules;
use step_04_sdp::{Explanation, explain};

const RULES: Rules = Rules::kept_in("step-04-sdp/src/explain");
const CHECKS: Rules = Rules::kept_in("step-04-sdp/src/explain/cross_check.rs");
const WIDTH: Rules = Rules::kept_in("step-04-sdp/src/explain/wrapped_text.rs");

fn corpus() -> Vec<(String, String)> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<PathBuf> = fs::read_dir(directory)
        .expect("tests/corpus is part of the crate")
        .map(|entry| entry.expect("a directory can be listed to its end").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sdp"))
        .collect();
    files.sort();
    let read = |path: PathBuf| {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        (name, fs::read_to_string(&path).expect("the corpus is text"))
    };
    files.into_iter().map(read).collect()
}

fn explained(name: &str, sdp: &str) -> Explanation {
    explain(sdp).unwrap_or_else(|error| panic!("{name} is a description, but: {error}"))
}

#[test]
fn every_line_of_a_real_description_is_explained() {
    let _rule =
        RULES.rule("2-1, 2-4: a description is made of known <type>=<value> lines (RFC 8866 §5)");
    let corpus = corpus();
    assert_eq!(
        corpus.len(),
        7,
        "tests/corpus/README.md lists 7 descriptions"
    );
    for (name, sdp) in corpus {
        let explanation = explained(&name, &sdp);
        assert_eq!(
            explanation.lines.len(),
            sdp.lines().count(),
            "{name}: one explanation per line"
        );
        for line in explanation.lines {
            let explained = line.is_known() && !line.text.starts_with("Malformed");
            assert!(
                explained,
                "{name} line {}: {:?}: add it to src/explain",
                line.number, line.line
            );
        }
    }
}

#[test]
fn real_descriptions_fit_together() {
    let _rule = CHECKS
        .rule("2-1, 2-4: the lines of a description that works fit together (RFC 9429 §5.2.1)");
    for (name, sdp) in corpus() {
        let notes = explained(&name, &sdp).notes;
        assert!(
            notes.is_empty(),
            "{name} works in practice, but src/explain/cross_check.rs says {notes:?}"
        );
    }
}

#[test]
fn the_explanations_are_those_of_the_snapshots() {
    let _rule = RULES.rule("2-1, 2-4: what each line of a description means (RFC 8866 §5)");
    for (name, sdp) in corpus() {
        insta::assert_snapshot!(name.clone(), explained(&name, &sdp).to_string());
    }
}

#[test]
fn nothing_is_wider_than_a_terminal_of_100_columns() {
    let _rule = WIDTH.rule("2-1, 2-4: an explanation has at most 100 columns");
    for (name, sdp) in corpus() {
        for line in explained(&name, &sdp).to_string().lines() {
            assert!(line.chars().count() <= 100, "{name}: {line:?}");
        }
    }
}
