//! What `cargo run -p docs` writes, seen on a copy of the pages that are wrong on purpose.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use docs::{Book, Commands};

/// A copy of `tests/wrong` that the test may write to.
fn copy(name: &str) -> io::Result<PathBuf> {
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if to.exists() {
        fs::remove_dir_all(&to)?;
    }
    let from = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wrong"));
    copy_folder(from, &to)?;
    Ok(to)
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn failures(root: &Path, page: &str) -> io::Result<Vec<String>> {
    let report = Book::open(root)?.check(&[PathBuf::from(page)], &mut Commands::new(root));
    Ok(report.failures.iter().map(ToString::to_string).collect())
}

#[test]
fn wrong_and_missing_blocks_are_written_and_true_pages_stay_as_they_are() -> io::Result<()> {
    let root = copy("filled")?;
    let pages = [
        "code.md",
        "missing-block.md",
        "snapshot.md",
        "output.md",
        "en/good.md",
    ];
    let written = Book::open(&root)?.fill(&pages.map(PathBuf::from), &mut Commands::new(&root))?;
    assert_eq!(
        written,
        [
            "docs/code.md",
            "docs/missing-block.md",
            "docs/output.md",
            "docs/snapshot.md"
        ]
        .map(PathBuf::from)
    );
    for page in pages {
        assert_eq!(failures(&root, page)?, [""; 0], "{page} was filled in");
    }
    let page = fs::read_to_string(root.join("docs/missing-block.md"))?;
    let block = "#next -->\n```rust\n/// Adds one.\npub fn next(number: u32) -> u32 {\n    number + 1\n}\n```\n\n```console\n$ cargo";
    assert!(page.contains(block), "{page}");
    Ok(())
}

#[test]
fn a_stamped_page_is_true_until_the_english_page_changes() -> io::Result<()> {
    let root = copy("stamped")?;
    let page = "ko/older.md";
    Book::open(&root)?.stamp(&[PathBuf::from(page)])?;
    assert_eq!(failures(&root, page)?, [""; 0], "the page was just stamped");

    let english = root.join("docs/en/older.md");
    let text = fs::read_to_string(&english)?;
    fs::write(&english, text.replace("\n", "\n\n"))?;
    assert_eq!(
        failures(&root, page)?,
        [""; 0],
        "empty lines need no translation"
    );

    fs::write(&english, text + "One more sentence.\n")?;
    assert_eq!(failures(&root, page)?.len(), 1, "a new sentence needs one");
    Ok(())
}
