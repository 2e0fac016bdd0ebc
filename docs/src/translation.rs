//! A Korean page beside the English page that it was made from.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::page::Page;

/// The path of the same page in the other language: `docs/en/x.md` for `docs/ko/x.md`.
pub(crate) fn other_language(path: &Path, from: &str, to: &str) -> Option<PathBuf> {
    let folder = path.parent()?;
    if folder.file_name()? != from {
        return None;
    }
    Some(folder.with_file_name(to).join(path.file_name()?))
}

/// What a Korean page lacks beside its English page.
pub(crate) fn differences(korean: &Page, english: &Page) -> Vec<Failure> {
    let original = english.path.display();
    let mut failures = Vec::new();
    match &korean.translated_from {
        Some((_, fingerprint)) if *fingerprint == english.fingerprint() => {}
        Some((line, _)) => failures.push(korean.failure(
            *line,
            format!("{original} has changed since this translation: translate the change, then stamp the page"),
        )),
        None => failures.push(korean.failure(1, "no `translated from`: stamp the page")),
    }
    let headings = |page: &Page| {
        page.headings
            .iter()
            .map(|it| (it.line, it.level))
            .collect::<Vec<_>>()
    };
    let level = |level: &usize| format!("a heading of level {level}");
    failures.extend(first_difference(
        korean,
        &headings(korean),
        &headings(english),
        &original,
        level,
    ));

    let markers = |page: &Page| {
        let marked = page.blocks.iter().filter(|block| !block.marker.is_empty());
        marked
            .map(|it| (it.marker.line, it.marker.shared_keys()))
            .collect::<Vec<_>>()
    };
    let marker = |keys: &Vec<(String, String)>| {
        let keys: Vec<String> = keys
            .iter()
            .map(|(key, value)| format!("{key}: {value}"))
            .collect();
        format!("the marker `{}`", keys.join(" | "))
    };
    failures.extend(first_difference(
        korean,
        &markers(korean),
        &markers(english),
        &original,
        marker,
    ));
    failures
}

/// Compares what stands in both pages, with its lines.
fn first_difference<T: PartialEq>(
    korean: &Page,
    here: &[(usize, T)],
    there: &[(usize, T)],
    original: &impl std::fmt::Display,
    name: impl Fn(&T) -> String,
) -> Option<Failure> {
    let same = here.iter().zip(there).take_while(|((_, a), (_, b))| a == b);
    let at = same.count();
    let (line, what) = match (here.get(at), there.get(at)) {
        (Some((line, a)), Some((other, b))) => {
            let (a, b) = (name(a), name(b));
            (
                *line,
                format!("{a} stands where {original}:{other} has {b}"),
            )
        }
        (Some((line, a)), None) => (*line, format!("{original} has not {}", name(a))),
        (None, Some((other, b))) => {
            let last = korean.line(korean.text.len());
            (
                last,
                format!("{} of {original}:{other} is missing", name(b)),
            )
        }
        (None, None) => return None,
    };
    Some(korean.failure(line, what))
}
