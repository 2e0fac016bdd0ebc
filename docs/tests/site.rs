//! The book as a site: what mdBook needs beside the pages.

use std::fs;
use std::path::{Path, PathBuf};

const LANGUAGES: [(&str, &str); 2] = [("en", "ko"), ("ko", "en")];

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The names and texts of the pages of one language.
fn pages(language: &str) -> Vec<(String, String)> {
    let folder = fs::read_dir(docs().join(language)).expect("the pages are there");
    let paths = folder.map(|entry| entry.expect("a readable folder").path());
    let pages = paths.map(|path| {
        let name = path.file_name().expect("a file has a name");
        let text = fs::read_to_string(&path).expect("a page is text");
        (name.to_string_lossy().into_owned(), text)
    });
    pages.collect()
}

#[test]
fn every_page_begins_with_a_link_to_its_translation() {
    for (language, other) in LANGUAGES {
        for (name, text) in pages(language) {
            let top = text.split("\n# ").next().unwrap_or_default();
            let link = format!("](../{other}/{name})");
            assert!(top.contains(&link), "docs/{language}/{name}: no {link}");
        }
    }
}

#[test]
fn every_source_that_pages_link_is_in_the_folder_that_mdbook_copies() {
    for (language, _) in LANGUAGES {
        for (name, text) in pages(language) {
            for target in text.split("](../../").skip(1) {
                let root = target.split(['/', ')', '#']).next().unwrap_or_default();
                assert!(
                    docs().join("source").join(root).exists(),
                    "docs/{language}/{name} links {root}: make the symbolic link docs/source/{root}"
                );
            }
        }
    }
}
