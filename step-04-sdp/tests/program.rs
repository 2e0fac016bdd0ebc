//! `--explain FILE|-`: the program as a reader of descriptions.

#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;

use std::io::Write;
use std::process::{Command, Output, Stdio};

use rule::Rules;
use step_04_sdp::explain;

const RULES: Rules = Rules::kept_in("step-04-sdp/src/explain/copied_text.rs");

const SDP: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

/// Runs the program with `--explain` and gives it `input`.
fn run(file: &str, input: &str) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_step-04-sdp"))
        .args(["--explain", file])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = program.stdin.take().expect("it is piped");
    // A program that reads a file does not wait for this.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    program.wait_with_output().expect("the program ends")
}

fn explained() -> String {
    explain(SDP).expect("it is a description").to_string()
}

#[test]
fn standard_input_is_explained() {
    let _rule = RULES.rule("--explain - reads standard input");
    let output = run("-", SDP);
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(printed.trim_end(), explained().trim_end());
}

#[test]
fn a_file_is_explained() {
    let _rule = RULES.rule("--explain FILE reads that file and not standard input");
    let name = format!("step-04-sdp-{}.sdp", std::process::id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, SDP).expect("the folder for temporary files is there");
    let output = run(&path.to_string_lossy(), "this is no description");
    let _ = std::fs::remove_file(&path);
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(printed.trim_end(), explained().trim_end());
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_with_a_hint() {
    let _rule = RULES.rule("an error is one line with a hint");
    let missing = run("no such file", "");
    let hint = "check the path, or give the description on standard input with --explain -";
    assert_eq!(missing.status.code(), Some(1));
    let printed = String::from_utf8_lossy(&missing.stderr);
    assert!(printed.contains("cannot read no such file"), "{printed}");
    assert!(printed.trim_end().ends_with(hint), "{printed}");
    assert_eq!(printed.lines().count(), 1, "{printed}");
    let nonsense = run("-", "hello\n");
    assert_eq!(nonsense.status.code(), Some(1));
    assert!(
        nonsense.stdout.is_empty(),
        "nothing is explained: {nonsense:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_file_without_an_end_is_read_only_to_the_limit() {
    let _rule = RULES.rule("--explain reads at most 256 KiB");
    let endless = run("/dev/zero", "");
    assert_eq!(endless.status.code(), Some(1));
    let printed = String::from_utf8_lossy(&endless.stderr);
    let error = "error: the text is longer than 256 KiB: a session description has a few kilobytes";
    assert_eq!(printed.trim_end(), error);
}
