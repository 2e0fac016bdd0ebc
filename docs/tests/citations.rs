//! Every section of a standard that a page, a comment or a message cites exists.

use std::path::Path;

use docs::Sections;

#[test]
fn every_cited_section_is_in_the_table_of_sections() -> std::io::Result<()> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let sections = Sections::open(root)?;
    let not_compared: Vec<String> = sections.not_compared().collect();
    println!(
        "{} sections are not compared with their standards: {}",
        not_compared.len(),
        not_compared.join(", ")
    );
    let citations = sections.citations(root)?;
    assert!(citations.len() > 100, "{} citations", citations.len());
    let failures = citations.iter().filter_map(|it| sections.failure(it));
    let failures: Vec<String> = failures.map(|it| it.to_string()).collect();
    assert!(
        failures.is_empty(),
        "wrong citations, see docs/README.md:\n{}",
        failures.join("\n")
    );
    Ok(())
}
