//! The page of `--report FILE.html`: one file that needs no network.

use serde::Serialize;

/// The page, with `{{…}}` where the other files, the texts and the data go.
const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The language of the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl Language {
    /// The language of the environment: Korean where `LC_ALL`, `LC_MESSAGES` or `LANG` says so, the first of them that is
    /// set (POSIX), else English.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"].map(variable);
        let locale = set.into_iter().flatten().find(|value| !value.is_empty());
        match locale.is_some_and(|locale| locale.starts_with("ko")) {
            true => Self::Ko,
            false => Self::En,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }
}

/// What a step adds to the page.
#[derive(Debug, Clone, Copy, Default)]
pub struct Supplement {
    /// CSS.
    pub style: &'static str,
    /// JavaScript, that follows the page's own.
    pub scripts: &'static [&'static str],
}

/// The page that shows `report`.
///
/// # Errors
/// serde's, if the report has no JSON form.
pub fn page(
    report: &impl Serialize,
    language: Language,
    supplement: Supplement,
) -> Result<String, serde_json::Error> {
    let data = serde_json::to_string(report)?;
    let parts = [
        ("{{language}}", language.code()),
        ("{{style}}", STYLE),
        ("{{supplement}}", supplement.style),
        ("{{script}}", SCRIPT),
        ("{{supplementary script}}", &supplement.scripts.join("\n")),
        // The data comes last: nothing in it is replaced any more.
        ("{{data}}", &in_script(&data)),
    ];
    let page = PAGE.to_owned();
    Ok(parts
        .iter()
        .fold(page, |page, (mark, part)| page.replacen(mark, part, 1)))
}

/// JSON that cannot end the `<script>` around it, nor begin a comment in it: a description comes from a stranger. In JSON
/// a `<` stands in strings alone, where it may be written as its number.
fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: &str = "see step-03-ice/src/report/page.rs";

    #[test]
    fn no_string_of_a_stranger_ends_the_script_in_which_it_stands() {
        let strings = [
            "</script><script>alert(1)</script>",
            "<!--<script>",
            "\"onload=\"alert(1)",
            "</style>",
            "{{data}}",
        ];
        let page = page(&strings, Language::En, Supplement::default()).expect("strings are JSON");
        let (_, data) = page
            .split_once("<script type=\"application/json\" id=\"data\">")
            .expect("the data has a script of its own");
        let (data, _) = data.split_once("</script>").expect("it ends");
        let read: Vec<String> = serde_json::from_str(data).expect("up to its end it is JSON");
        assert_eq!(read, strings, "the page shows them as they are; {LOOK}");
        let scripts = page.matches("<script").count();
        assert_eq!(scripts, 2, "the data and the drawing; {LOOK}");
    }

    #[test]
    fn the_page_needs_no_network_and_makes_no_elements_of_strings() {
        let page = page(&(), Language::En, Supplement::default()).expect("JSON");
        assert!(page.contains("default-src 'none'"), "{LOOK}");
        for forbidden in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "src=",
            "href=",
        ] {
            assert!(!page.contains(forbidden), "{forbidden}; {LOOK}");
        }
    }

    #[test]
    fn what_is_translated_is_a_line_of_the_ladder() {
        let texts = [include_str!("stun_text.rs"), include_str!("event_text.rs")].concat();
        let (_, lines) = SCRIPT.split_once("lines: {").expect("Korean has lines");
        let (lines, _) = lines.split_once('}').expect("they end");
        let english = lines
            .lines()
            .filter_map(|line| line.trim().split('\'').nth(1));
        let unknown: Vec<&str> = english.filter(|line| !texts.contains(line)).collect();
        assert_eq!(
            unknown,
            Vec::<&str>::new(),
            "nobody writes it any more; {LOOK}"
        );
    }

    #[test]
    fn the_language_is_that_of_the_locale() {
        let language = |set: &[(&str, &str)]| {
            let set = set.to_vec();
            Language::of_environment(|name| {
                let found = set.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(language(&[("LANG", "ko_KR.UTF-8")]), Language::Ko, "{LOOK}");
        assert_eq!(
            language(&[("LC_ALL", "C"), ("LANG", "ko_KR.UTF-8")]),
            Language::En,
            "{LOOK}"
        );
        assert_eq!(
            language(&[("LC_ALL", ""), ("LANG", "ko_KR.UTF-8")]),
            Language::Ko,
            "{LOOK}"
        );
        assert_eq!(language(&[]), Language::En, "{LOOK}");
    }
}
