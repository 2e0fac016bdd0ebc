//! Pages that are wrong on purpose, in `tests/wrong`: every kind of failure is found, in its line.

use std::path::{Path, PathBuf};
use std::time::Duration;

use docs::{Book, Commands, Report};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wrong"))
}

fn check_with(page: &str, commands: Commands) -> Report {
    let book = Book::open(root()).expect("the fixtures are files of this crate");
    let mut commands = commands;
    book.check(&[PathBuf::from(page)], &mut commands)
}

fn failures(page: &str) -> Vec<String> {
    let report = check_with(page, Commands::new(root()));
    report.failures.iter().map(ToString::to_string).collect()
}

#[test]
fn code_that_differs_from_its_item_is_found_in_the_line_that_differs() {
    assert_eq!(
        failures("code.md"),
        [
            "docs/code.md:7: differs from its source: `    number + 2` should be `    number + 1`: \
          run `cargo run -p docs`"
        ]
    );
}

#[test]
fn an_item_that_is_gone_is_named() {
    assert_eq!(
        failures("missing-item.md"),
        ["docs/missing-item.md:3: step/src/lib.rs has no item `previous`"]
    );
}

#[test]
fn a_marker_whose_block_was_not_filled_in_is_found() {
    assert_eq!(
        failures("missing-block.md"),
        ["docs/missing-block.md:3: no block follows this marker: run `cargo run -p docs`"]
    );
}

#[test]
fn a_snapshot_that_has_changed_is_found() {
    assert_eq!(
        failures("snapshot.md"),
        [
            "docs/snapshot.md:6: differs from its source: `m=audio 9 [port-1]` should be \
          `m=video 9 [port-1]`: run `cargo run -p docs`"
        ]
    );
}

#[test]
fn output_that_the_command_does_not_print_is_found() {
    let failures = failures("output.md");
    assert_eq!(
        failures.len(),
        1,
        "one line of output is wrong: {failures:?}"
    );
    let start =
        "docs/output.md:6: differs from its source: `rustc [number].[number]` should be `cargo ";
    assert!(failures[0].starts_with(start), "{}", failures[0]);
}

#[test]
fn code_without_a_source_is_found() {
    assert_eq!(
        failures("no-source.md"),
        ["docs/no-source.md:3: a rust block needs a source, or `<!-- sketch: reason -->`"]
    );
}

#[test]
fn dead_links_pictures_and_anchors_are_found_and_living_ones_are_not() {
    assert_eq!(
        failures("links.md"),
        [
            "docs/links.md:3: dead link `#link`: no heading of docs/links.md has the anchor `link`",
            "docs/links.md:3: dead link `../step/src/main.rs`: there is no step/src/main.rs",
            "docs/links.md:3: dead link `nowhere.md`: there is no docs/nowhere.md",
            "docs/links.md:4: dead link `en/good.md#없는-제목`: no heading of docs/en/good.md has the \
             anchor `없는-제목`",
            "docs/links.md:4: dead link: no `[undefined]: …` in this page",
            "docs/links.md:5: dead link `../../../../Cargo.toml`: it leaves the repository",
            "docs/links.md:5: dead link `window.png`: there is no docs/window.png",
            "docs/links.md:11: dead link `gone.png`: there is no docs/gone.png",
        ]
    );
}

#[test]
fn a_message_that_no_string_of_the_code_makes_is_found() {
    let not_found = "no string in the code makes the message";
    assert_eq!(
        failures("messages.md"),
        [
            format!("docs/messages.md:4: {not_found} `NotFoundError: no camera`"),
            format!("docs/messages.md:8: {not_found} `only a test says this sentence`"),
            format!(
                "docs/messages.md:15: {not_found} \
                 `NotReadableError: the moon is too bright tonight for a camera`"
            ),
        ]
    );
}

#[test]
fn a_command_that_does_not_run_is_found() {
    let failures = failures("commands.md");
    let starts = [
        "docs/commands.md:8: `cargo no-such-command`: the command ended with 101, not 0: ",
        "docs/commands.md:17: `git clone somewhere`: only cargo commands are run: ",
        "docs/commands.md:27: output without a source: ",
        "docs/commands.md:31: `cargo --version | grep cargo`: `|` needs a shell",
        "docs/commands.md:35: `cargo test --workspace`: this command would start the check of the book again",
    ];
    assert_eq!(failures.len(), starts.len(), "{failures:#?}");
    for (failure, start) in failures.iter().zip(starts) {
        assert!(
            failure.starts_with(start),
            "expected `{start}…`, found `{failure}`"
        );
    }
}

#[test]
fn a_command_with_a_reason_is_listed_as_skipped() {
    let skipped = check_with("commands.md", Commands::new(root())).skipped;
    let skipped: Vec<String> = skipped.iter().map(ToString::to_string).collect();
    assert_eq!(
        skipped,
        [
            "docs/commands.md:22: SKIPPED `sudo apt-get install libclang1-14`: it would install something"
        ]
    );
}

#[test]
fn a_command_that_does_not_end_is_stopped() {
    let commands = Commands::new(root()).with_run_limit(Duration::ZERO);
    let failures = check_with("slow.md", commands).failures;
    let failures: Vec<String> = failures.iter().map(ToString::to_string).collect();
    assert_eq!(
        failures,
        ["docs/slow.md:4: `cargo --version`: did not end within 0 s"]
    );
}

#[test]
fn a_marker_with_a_typing_error_is_not_taken_for_a_comment() {
    let failures = failures("markers.md");
    let starts = [
        "docs/markers.md:3: no marker is called `form`; there are from, ",
        "docs/markers.md:5: no block follows this marker",
        "docs/markers.md:7: a marker that begins a line must be alone in it",
        "docs/markers.md:11: nothing to ignore is called `weather`; there are port, ",
    ];
    assert_eq!(failures.len(), starts.len(), "{failures:#?}");
    for (failure, start) in failures.iter().zip(starts) {
        assert!(
            failure.starts_with(start),
            "expected `{start}…`, found `{failure}`"
        );
    }
}

#[test]
fn a_translation_of_an_older_page_is_found() {
    assert_eq!(
        failures("ko/older.md"),
        [
            "docs/ko/older.md:3: docs/en/older.md has changed since this translation: \
          translate the change, then stamp the page"
        ]
    );
}

#[test]
fn a_translation_with_other_headings_is_found() {
    assert_eq!(
        failures("ko/other-headings.md"),
        [
            "docs/ko/other-headings.md:1: no `translated from`: stamp the page",
            "docs/ko/other-headings.md:3: a heading of level 3 stands where \
             docs/en/other-headings.md:3 has a heading of level 2",
        ]
    );
}

#[test]
fn a_translation_without_an_excerpt_is_found() {
    assert_eq!(
        failures("ko/other-markers.md"),
        [
            "docs/ko/other-markers.md:1: no `translated from`: stamp the page",
            "docs/ko/other-markers.md:2: the marker `snapshot: step/tests/snapshots/offer.snap` of \
             docs/en/other-markers.md:3 is missing",
        ]
    );
}

#[test]
fn a_page_without_a_translation_or_a_place_in_the_summary_is_found() {
    assert_eq!(
        failures("en/not-translated.md"),
        ["docs/en/not-translated.md:1: there is no docs/ko/not-translated.md"]
    );
    assert_eq!(
        failures("en/unlisted.md"),
        ["docs/en/unlisted.md:1: SUMMARY.md does not list this page"]
    );
}

#[test]
fn true_pages_in_two_languages_have_no_failure() {
    assert_eq!(failures("en/good.md"), [""; 0]);
    assert_eq!(failures("ko/good.md"), [""; 0]);
}
