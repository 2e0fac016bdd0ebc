//! The book of this repository agrees with the code.

use std::path::Path;

use docs::{Book, Commands};

#[test]
fn the_book_says_what_the_code_does() -> std::io::Result<()> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let report = Book::open(root)?.check(&[], &mut Commands::new(root));
    for skipped in &report.skipped {
        println!("{skipped}");
    }
    let failures: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
    assert!(
        failures.is_empty(),
        "the book and the code differ, see docs/README.md:\n{}",
        failures.join("\n")
    );
    Ok(())
}
