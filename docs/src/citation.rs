//! The sections of standards that pages, comments and messages cite, and the table of the sections that exist.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use regex_lite::Regex;

use crate::failure::Failure;

/// The table, from the root of the repository.
const TABLE: &str = "docs/sections.txt";

/// A section that some file cites.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Citation {
    /// The standard, as the table names it; empty when none is named before the section.
    pub text: String,
    /// `5.1.2`
    pub section: String,
    /// The heading, if the citation quotes it: `RFC 8445 §5.1.2 "Prioritizing Candidates"`.
    pub heading: Option<String>,
    /// The file, from the root of the repository.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
}

/// The heading of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// As it stands in the standard.
    pub heading: String,
    /// Whether somebody compared it with the standard.
    pub is_compared: bool,
}

/// The table of sections: `docs/sections.txt`.
pub struct Sections {
    /// What the standards are called, with the name that the table uses.
    names: Vec<(String, String)>,
    sections: BTreeMap<(String, String), Section>,
    /// A name; or a section and the heading that follows it in quotes.
    pattern: Regex,
}

impl Sections {
    /// Reads the table of a repository.
    ///
    /// # Errors
    /// The table cannot be read.
    pub fn open(root: &Path) -> io::Result<Sections> {
        Ok(Sections::parse(&fs::read_to_string(root.join(TABLE))?))
    }

    /// A line without indentation names a standard, and after `|` what else it is called. The lines below it are its
    /// sections: number and heading, with a `?` between them if nobody compared the heading with the standard.
    fn parse(table: &str) -> Sections {
        let (mut names, mut sections) = (Vec::new(), BTreeMap::new());
        let mut text = String::new();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            if !line.starts_with(' ') {
                let mut others = line.split('|').map(str::trim);
                text = others.next().unwrap_or_default().to_owned();
                names.push((text.clone(), text.clone()));
                names.extend(others.map(|name| (name.to_owned(), text.clone())));
            } else if let Some((number, heading)) = line.trim().split_once(' ') {
                let section = Section {
                    heading: heading.trim_start_matches("? ").to_owned(),
                    is_compared: !heading.starts_with("? "),
                };
                sections.insert((text.clone(), number.to_owned()), section);
            }
        }
        names.retain(|(name, _)| !name.is_empty());
        let mut escaped: Vec<String> = names
            .iter()
            .map(|(name, _)| regex_lite::escape(name))
            .collect();
        // `WebRTC Statistics` before `WebRTC`.
        escaped.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let names_pattern = escaped.join("|");
        let pattern =
            format!(r#"(RFC \d+|{names_pattern})|§ ?([0-9A-Z]+(?:\.[0-9]+)*)(?: "([^"]+)")?"#);
        Sections {
            pattern: Regex::new(&pattern).expect("the names are escaped"),
            names,
            sections,
        }
    }

    /// The section that a citation names, if it is in the table.
    pub fn get(&self, citation: &Citation) -> Option<&Section> {
        let key = (citation.text.clone(), citation.section.clone());
        self.sections.get(&key)
    }

    /// Every section of the table that is not compared with its standard.
    pub fn not_compared(&self) -> impl Iterator<Item = String> {
        let sections = self.sections.iter().filter(|(_, it)| !it.is_compared);
        sections.map(|((text, number), _)| format!("{text} §{number}"))
    }

    /// What is wrong with a citation.
    pub fn failure(&self, citation: &Citation) -> Option<Failure> {
        let Citation { text, section, .. } = citation;
        let what = match (self.get(citation), &citation.heading) {
            (None, _) if text.is_empty() => {
                format!("§{section} of which standard? Name it in the same paragraph")
            }
            (None, _) => format!(
                "{TABLE} has no {text} §{section}: look the section up in the standard, then correct it here or add it there"
            ),
            (Some(found), Some(heading)) if found.heading != *heading => format!(
                "the heading of {text} §{section} is \"{}\", not \"{heading}\"",
                found.heading
            ),
            _ => return None,
        };
        Some(Failure {
            page: citation.file.clone(),
            line: citation.line,
            what,
        })
    }

    /// The citations in `README.md`, the pages of both languages, and the code of the steps.
    ///
    /// # Errors
    /// A file or folder cannot be read.
    pub fn citations(&self, root: &Path) -> io::Result<Vec<Citation>> {
        let mut files = vec![root.join("README.md")];
        for folder in ["docs/en", "docs/ko"] {
            add_files(&root.join(folder), &mut files)?;
        }
        for entry in fs::read_dir(root)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with("step-") {
                add_files(&entry.path(), &mut files)?;
            }
        }
        files.sort();
        let mut citations = Vec::new();
        for path in files {
            let file = path.strip_prefix(root).unwrap_or(&path);
            citations.extend(self.citations_in(file, &fs::read_to_string(&path)?));
        }
        Ok(citations)
    }

    /// A standard that is named counts for every `§` up to the next name or the end of the paragraph.
    fn citations_in(&self, file: &Path, text: &str) -> Vec<Citation> {
        let (joined, starts) = join_paragraphs(text);
        let mut citations = Vec::new();
        let mut paragraph_start = 0;
        for paragraph in joined.split('\n') {
            let mut named = "";
            // Most paragraphs cite nothing, and the pattern is slow.
            let found = paragraph.contains('§');
            let found = found.then(|| self.pattern.captures_iter(paragraph));
            for found in found.into_iter().flatten() {
                if let Some(name) = found.get(1).map(|name| name.as_str()) {
                    let table_name = self.names.iter().find(|(known, _)| known == name);
                    named = table_name.map_or(name, |(_, name)| name);
                } else if let Some(section) = found.get(2) {
                    let place = paragraph_start + section.start();
                    citations.push(Citation {
                        text: named.to_owned(),
                        section: section.as_str().to_owned(),
                        heading: found.get(3).map(|heading| heading.as_str().to_owned()),
                        file: file.to_owned(),
                        line: starts.partition_point(|start| *start <= place),
                    });
                }
            }
            paragraph_start += paragraph.len() + 1;
        }
        citations
    }
}

/// Puts each paragraph into one line, without what begins a line of a comment; also returns where each line begins.
fn join_paragraphs(text: &str) -> (String, Vec<usize>) {
    let (mut joined, mut starts) = (String::new(), Vec::new());
    for line in text.lines() {
        starts.push(joined.len());
        let line = line.trim();
        let comment = ["///", "//!", "//", "*", "#"].iter();
        let inside = comment.filter_map(|start| line.strip_prefix(start)).next();
        let line = inside.unwrap_or(line).trim_start().trim_end_matches('\\');
        joined.push_str(line);
        joined.push(if line.is_empty() { '\n' } else { ' ' });
    }
    (joined, starts)
}

/// Adds the files below a folder in which somebody may cite a standard.
fn add_files(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let end = path.extension().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            add_files(&path, files)?;
        } else if ["rs", "md", "js", "html", "sh"].contains(&&*end) {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Sections;

    const TABLE: &str = "# A comment\nRFC 8445\n  5.1.2 Prioritizing Candidates\n  7 ? Checks\n\
                         webrtc-pc | W3C WebRTC\n  4.3.1 RTCSignalingState Enum\n";

    /// Text, section and line of each citation.
    fn cited(text: &str) -> Vec<(String, String, usize)> {
        let citations = Sections::parse(TABLE).citations_in(Path::new("x.rs"), text);
        let parts = citations
            .into_iter()
            .map(|it| (it.text, it.section, it.line));
        parts.collect()
    }

    fn failures(text: &str) -> Vec<String> {
        let sections = Sections::parse(TABLE);
        let citations = sections.citations_in(Path::new("x.rs"), text);
        let failures = citations.iter().filter_map(|it| sections.failure(it));
        failures.map(|it| it.to_string()).collect()
    }

    #[test]
    fn a_standard_that_is_named_counts_up_to_the_next_name() {
        let text = "RFC 8445 §5.1.2, §7 and §7.2. W3C webrtc-pc §4.3.1, W3C WebRTC §4.3.1";
        let expected = [
            ("RFC 8445", "5.1.2"),
            ("RFC 8445", "7"),
            ("RFC 8445", "7.2"),
            ("webrtc-pc", "4.3.1"),
            ("webrtc-pc", "4.3.1"),
        ];
        let expected = expected.map(|(text, section)| (text.to_owned(), section.to_owned(), 1));
        assert_eq!(cited(text), expected);
    }

    #[test]
    fn a_citation_may_be_broken_over_lines_but_not_over_paragraphs() {
        let text = "/// See RFC\n/// 8445\n//! §7.\nlet x = \"RFC 8445 \\\n    §7\";\n\n§8";
        let rfc = "RFC 8445".to_owned();
        assert_eq!(
            cited(text),
            [
                (rfc.clone(), "7".to_owned(), 3),
                (rfc, "7".to_owned(), 5),
                (String::new(), "8".to_owned(), 7)
            ]
        );
    }

    #[test]
    fn a_wrong_section_a_wrong_heading_and_a_missing_name_fail() {
        assert_eq!(
            failures("RFC 8445 §5.1.2 \"Prioritizing Candidates\""),
            [""; 0]
        );
        let wrong = failures("RFC 8445 §5.2\nRFC 8445 §7 \"Check\"\n\n§7\n\nRFC 8829 §5");
        let starts = [
            "x.rs:1: docs/sections.txt has no RFC 8445 §5.2: ",
            "x.rs:2: the heading of RFC 8445 §7 is \"Checks\", not \"Check\"",
            "x.rs:4: §7 of which standard? ",
            "x.rs:6: docs/sections.txt has no RFC 8829 §5: ",
        ];
        assert_eq!(wrong.len(), starts.len(), "{wrong:#?}");
        for (failure, start) in wrong.iter().zip(starts) {
            assert!(
                failure.starts_with(start),
                "expected `{start}`, found `{failure}`"
            );
        }
    }

    #[test]
    fn sections_that_nobody_compared_are_listed() {
        let listed: Vec<String> = Sections::parse(TABLE).not_compared().collect();
        assert_eq!(listed, ["RFC 8445 §7"]);
    }
}
