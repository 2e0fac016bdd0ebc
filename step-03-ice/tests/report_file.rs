//! The file of `--report`: whole or not at all.

use std::path::{Path, PathBuf};

use serde_json::json;
use step_03_ice::report::page::Language;
use step_03_ice::report::report_file::ReportFile;

/// A file of this test, in the folder for temporary files.
fn report_path(name: &str) -> PathBuf {
    let name = format!("step-03-ice-{name}-{}.json", std::process::id());
    std::env::temp_dir().join(name)
}

#[test]
fn the_report_replaces_an_older_one_when_it_is_whole() {
    let path = report_path("replaced");
    std::fs::write(&path, "the old report").expect("the folder for temporary files is there");
    let file = ReportFile::create(&path, Language::En).expect("and can be written to");
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(old, "the old report", "it stays until the new one is whole");
    file.write(&json!({ "setup_ms": 12.345 }))
        .expect("there is room for it");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let _ = std::fs::remove_file(&path);
    assert!(
        text.contains(r#""setup_ms": 12.345"#) && text.ends_with("}\n"),
        "{text}"
    );
}

#[test]
fn a_folder_that_is_not_there_is_an_error_before_anything_is_written() {
    let nowhere = std::env::temp_dir()
        .join("no such folder")
        .join("report.json");
    let error = ReportFile::create(&nowhere, Language::En).expect_err("there is no such folder");
    assert!(error.to_string().contains("choose a folder"), "{error}");
}

/// A report that cannot be written to its end.
struct Unwritable;

impl serde::Serialize for Unwritable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("on purpose"))
    }
}

#[test]
fn a_report_that_fails_leaves_the_old_one_and_nothing_else() {
    let path = report_path("kept");
    std::fs::write(&path, "the old report").expect("the folder for temporary files is there");
    let file = ReportFile::create(&path, Language::En).expect("and can be written to");
    file.write(&Unwritable).expect_err("it cannot be written");
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    let _ = std::fs::remove_file(&path);
    assert_eq!(
        old, "the old report",
        "see step-03-ice/src/report/report_file.rs"
    );
}

#[cfg(unix)]
#[test]
fn a_device_is_written_to_and_not_replaced() {
    let device = Path::new("/dev/null");
    let file = ReportFile::create(device, Language::En).expect("everyone may write to it");
    file.write(&json!({})).expect("it takes everything");
    let metadata = std::fs::metadata(device).expect("it is still there");
    assert!(!metadata.is_file(), "it is still a device");
}

#[test]
fn a_name_that_ends_in_html_makes_a_page() {
    let path = report_path("page").with_extension("html");
    let file = ReportFile::create(&path, Language::Ko).expect("the folder is there");
    file.write(&json!({ "summary": "12.345" }))
        .expect("there is room for it");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let _ = std::fs::remove_file(&path);
    let begins = "<!doctype html>\n<html lang=\"ko\">";
    assert!(
        text.starts_with(begins) && text.contains(r#"{"summary":"12.345"}"#),
        "see step-03-ice/src/report/page.rs: {text}"
    );
}
