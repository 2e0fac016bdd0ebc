//! Every file of a step is where a reader looks for it: the lesson directly in `src/`, linked from its chapter, and the
//! rest in folders.

use std::fs;
use std::path::{Path, PathBuf};

/// Such a name says nothing about what is inside.
const VAGUE: [&str; 6] = ["utils", "util", "helpers", "helper", "common", "misc"];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The entries of a folder of the workspace, by path, in order.
fn entries(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(workspace().join(folder));
    let entries = entries.unwrap_or_else(|error| panic!("{folder}: {error}"));
    let names = entries.flatten().map(|entry| entry.file_name());
    let mut paths: Vec<String> = names
        .map(|name| format!("{folder}/{}", name.to_string_lossy()))
        .collect();
    paths.sort();
    paths
}

fn is_folder(path: &str) -> bool {
    workspace().join(path).is_dir()
}

/// Every file and folder below a folder.
fn all_below(folder: &str) -> Vec<String> {
    let mut all = Vec::new();
    for path in entries(folder) {
        if is_folder(&path) {
            all.extend(all_below(&path));
        }
        all.push(path);
    }
    all
}

/// The steps, each with the page of its stage.
fn steps() -> Vec<(String, String)> {
    let pages = entries("docs/en");
    let folders = entries(".").into_iter();
    let steps = folders.filter_map(|path| Some(path.strip_prefix("./step-")?.to_owned()));
    let with_page = |step: String| {
        let start = format!("docs/en/{}-", &step[..2]);
        let page = pages.iter().find(|page| page.starts_with(&start));
        let page = page.unwrap_or_else(|| panic!("step-{step} has no page {start}….md"));
        (format!("step-{step}"), page.clone())
    };
    steps.map(with_page).collect()
}

fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_file_directly_in_src_is_linked_from_the_chapter_of_its_step() {
    let mut wrong = Vec::new();
    for (step, page) in steps() {
        let text = read(&page);
        for file in entries(&format!("{step}/src")) {
            let is_root = file.ends_with("/main.rs") || file.ends_with("/lib.rs");
            let linked = text.contains(&format!("../../{file})"));
            if !is_folder(&file) && !is_root && !linked {
                wrong.push(format!(
                    "{page} does not link {file}: link it where the page explains it, or move it into a folder"
                ));
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn every_folder_has_a_mod_rs_and_every_name_says_what_is_inside() {
    let mut wrong = Vec::new();
    for (step, _) in steps() {
        for path in all_below(&format!("{step}/src")) {
            let name = path.rsplit('/').next().unwrap_or_default();
            let name = name.trim_end_matches(".rs");
            if VAGUE.contains(&name) {
                wrong.push(format!("{path}: name it after what is inside"));
            }
            let holds_rust =
                is_folder(&path) && entries(&path).iter().any(|it| it.ends_with(".rs"));
            let has_root = workspace().join(&path).join("mod.rs").exists();
            // lib.rs takes the files of the exercise one by one.
            if holds_rust && !has_root && name != "exercise" {
                wrong.push(format!("{path}: a folder of modules needs a mod.rs"));
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn lib_rs_lists_its_modules_in_the_order_of_its_layout_section() {
    let mut wrong = Vec::new();
    for (step, _) in steps() {
        let path = format!("{step}/src/lib.rs");
        let text = read(&path);
        let (_, after) = text
            .split_once("//! # Layout")
            .unwrap_or_else(|| panic!("{path} needs a section `//! # Layout`"));
        let (layout, _) = after.split_once("\n\n").unwrap_or((after, ""));
        // Rustfmt sorts modules that no empty line separates: they count as one.
        let mut group_starts_at = 0;
        let mut last = 0;
        let mut for_tests = false;
        for line in text.lines() {
            // Modules of tests are no part of the layout.
            if std::mem::replace(
                &mut for_tests,
                line.starts_with("#[cfg(") && line.contains("test"),
            ) {
                continue;
            }
            if line.is_empty() {
                group_starts_at = last;
            }
            let module = line.trim_start_matches("pub ").strip_prefix("mod ");
            let Some(module) = module.and_then(|module| module.strip_suffix(';')) else {
                continue;
            };
            // `[`peer`]`, `` `peer` ``, `[errors](peer_error)`, `[`explain`](mod@explain)`
            let named = [format!("`{module}`"), format!("]({module})")];
            let place = named.iter().filter_map(|named| layout.find(named)).min();
            match place {
                None => wrong.push(format!("{path}: the layout section must name `{module}`")),
                Some(place) if place < group_starts_at => wrong.push(format!(
                    "{path}: the layout section names `{module}` earlier: move `mod {module};` up, or its line there down"
                )),
                Some(place) => last = last.max(place),
            }
        }
    }
    assert_none(&wrong);
}
