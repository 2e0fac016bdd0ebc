//! What others send is decoded in a process of its own, which may break.
#![cfg(target_os = "linux")]

mod http_server;
#[path = "../../step-01-capture/tests/rule/mod.rs"]
mod rule;
mod running_program;

use std::path::PathBuf;
use std::process::Command;

use http_server::until;
use rule::Rules;
use running_program::{Program, number};

const RULES: Rules = Rules::kept_in("step-05-full/src/receive/decoder_process/parent.rs");
const CHILD: Rules = Rules::kept_in("step-05-full/src/receive/decoder_process/child.rs");

fn proc(id: u32, file: &str) -> String {
    let path = PathBuf::from(format!("/proc/{id}/{file}"));
    std::fs::read_to_string(path).unwrap_or_default()
}

/// Waits for a process that decodes for `parent` and is not `old`.
fn wait_for_child(parent: u32, old: Option<u32>) -> u32 {
    let mut found = None;
    until("a process that decodes", || {
        let tasks = std::fs::read_dir(format!("/proc/{parent}/task")).expect("the parent runs");
        let ids = tasks
            .flatten()
            .filter_map(|task| task.file_name().into_string().ok());
        let ids: String = ids
            .map(|id| proc(parent, &format!("task/{id}/children")))
            .collect();
        let mut ids = ids.split_whitespace().filter_map(|id| id.parse().ok());
        found = ids.find(|id| Some(*id) != old && is_child(*id));
        found.is_some()
    });
    found.expect("it was waited for")
}

fn is_child(id: u32) -> bool {
    proc(id, "cmdline").contains("--decode-access-units")
}

/// Waits until a process has written more bytes than a frame has.
fn wait_for_frame(child: u32) {
    until("a frame", || {
        let io = proc(child, "io");
        let written = io.lines().find_map(|line| line.strip_prefix("wchar: "));
        written.and_then(|bytes| bytes.parse().ok()) > Some(640 * 480 * 2)
    });
}

fn kill(id: u32) {
    let killed = Command::new("kill")
        .args(["-KILL", &id.to_string()])
        .status();
    assert!(killed.expect("there is a kill command").success());
}

#[test]
fn the_process_that_decodes_is_confined() {
    let _rule =
        CHILD.rule("what decodes for others opens nothing and takes a bounded amount of memory");
    let (mut server, url) = Program::serve("confined", &[]);
    let _publisher = Program::start(
        "publish",
        &["--publish", &format!("{url}/whip"), "--source", "pattern"],
    );
    server.wait_for("Received remote stream.");
    let child = wait_for_child(server.id(), None);
    until("a filter of its calls", || {
        proc(child, "status").contains("Seccomp:\t2")
    });
    let limits = proc(child, "limits");
    let limit = |name: &str| {
        let line = limits
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_default();
        line[name.len()..]
            .split_whitespace()
            .next()
            .map(str::to_owned)
    };
    assert_eq!(
        limit("Max address space").as_deref(),
        Some("536870912"),
        "{limits}"
    );
    assert_eq!(limit("Max open files").as_deref(), Some("0"), "{limits}");
}

#[test]
fn a_process_that_was_killed_is_replaced_three_times() {
    let _rule = RULES.rule("a session asks for a key frame when its decoder is gone, and ends when that happens too often");
    let (mut server, url) = Program::serve("killed", &["-v"]);
    let _publisher = Program::start(
        "publish",
        &["--publish", &format!("{url}/whip"), "--source", "pattern"],
    );
    let mut child = wait_for_child(server.id(), None);
    for _ in 0..3 {
        wait_for_frame(child);
        kill(child);
        server.wait_for("the decoder's process has ended (signal: 9 (SIGKILL)): ask the sender");
        server.wait_for("PLI");
        child = wait_for_child(server.id(), Some(child));
    }
    wait_for_frame(child);
    kill(child);
    server.wait_for("session ended: the decoder's process has ended 4 times, the last time with signal: 9 (SIGKILL)");
    server.interrupt();
    let (status, served, trace) = server.end();
    assert!(status.success(), "the server goes on: {trace}");
    let session = &served["sessions"][0];
    assert!(
        number(&session["frames"]["key_frames"]) >= 4,
        "each process begins at a key frame: {trace}"
    );
    assert!(session["failure"].is_string(), "{trace}");
}

#[test]
fn a_viewer_whose_decoder_was_killed_too_often_ends_with_one_line() {
    let _rule = RULES.rule("a client ends with one line when its decoder is gone too often");
    let (_server, url) = Program::serve("watched", &[]);
    let watcher = Program::start("watch", &["--watch", &format!("{url}/whep")]);
    let mut child = None;
    for _ in 0..4 {
        let next = wait_for_child(watcher.id(), child);
        kill(next);
        child = Some(next);
    }
    let (status, _, trace) = watcher.end();
    assert_eq!(status.code(), Some(1), "{trace}");
    let last = trace.lines().last().unwrap_or_default();
    let line = "error: the decoder's process has ended 4 times, the last time with signal: 9 (SIGKILL): the sender's video \
                may be damaged on purpose; if it is not, start this program again";
    assert_eq!(last, line, "{trace}");
}

#[test]
fn the_process_that_decodes_ends_with_its_session_and_with_its_parent() {
    let _rule = RULES.rule("a process ends with its owner, however its owner ends");
    let (mut server, url) = Program::serve("orphan", &[]);
    let publish = ["--publish", &format!("{url}/whip"), "--source", "pattern"];
    let publisher = Program::start("leaving", &publish);
    let child = wait_for_child(server.id(), None);
    publisher.interrupt();
    publisher.end();
    server.wait_for("session ended");
    assert_eq!(proc(child, "cmdline"), "", "no zombie stays behind");
    assert!(
        !PathBuf::from(format!("/proc/{child}")).exists(),
        "it was waited for"
    );
    let _publisher = Program::start("staying", &publish);
    let child = wait_for_child(server.id(), None);
    kill(server.id());
    until("the end of the child", || !is_child(child));
}
