//! `cargo run -p docs` fills the excerpts of the book in, then checks it. `cargo run -p docs -- next` is for readers: which
//! function of the exercises comes next.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use docs::{Book, Commands, Sections};

/// Fills the excerpts of the book in, then checks it.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    /// Only check: write nothing.
    #[arg(long)]
    check: bool,
    /// Note in the named Korean pages that they were made from the present English pages; nothing else.
    #[arg(long, requires = "pages", conflicts_with = "check")]
    stamp: bool,
    /// List the sections of standards that are cited, with their headings; nothing else.
    #[arg(long, conflicts_with_all = ["check", "stamp", "pages"])]
    citations: bool,
    /// Only these pages: en/03-ice.md
    pages: Vec<PathBuf>,
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// Say which function of the exercises comes next
    Next,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let root = root.context("docs/ has no folder above it")?;
    if let Some(Task::Next) = arguments.task {
        println!("{}", docs::next_function(root)?);
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.citations {
        list_citations(root)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut book = Book::open(root)?;
    let mut commands = Commands::new(root);
    let only = &arguments.pages;
    if arguments.stamp {
        for page in book.stamp(only)? {
            println!("stamped {}", page.display());
        }
        return Ok(ExitCode::SUCCESS);
    }
    if !arguments.check {
        for page in book.fill(only, &mut commands)? {
            println!("filled {}", page.display());
        }
        book = Book::open(root)?;
    }
    let report = book.check(only, &mut commands);
    for line in report.skipped.iter().chain(&report.failures) {
        println!("{line}");
    }
    println!(
        "{} failures, {} commands skipped",
        report.failures.len(),
        report.skipped.len()
    );
    Ok(ExitCode::from(u8::from(!report.failures.is_empty())))
}

fn list_citations(root: &Path) -> anyhow::Result<()> {
    let sections = Sections::open(root)?;
    let mut citations = sections.citations(root)?;
    citations.sort();
    for citation in citations {
        let heading = sections.get(&citation).map(|it| it.heading.as_str());
        println!(
            "{} §{}  {}  {}:{}",
            citation.text,
            citation.section,
            heading.unwrap_or("(not in the table)"),
            citation.file.display(),
            citation.line
        );
    }
    Ok(())
}
