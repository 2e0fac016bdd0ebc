//! From step 02 on, a dependency is built once: cargo builds it again for every other set of features.
//!
//! It asks cargo five times, and cargo waits for its own locks. CI runs it: `cargo test -p docs -- --ignored`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The crates behind these packages, each with its features.
fn built(packages: &[&str], edges: &str) -> BTreeSet<String> {
    let mut tree = Command::new(env!("CARGO"));
    tree.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .args([
            "tree",
            "--prefix",
            "none",
            "--no-dedupe",
            "--format",
            "{p} {f}",
        ])
        .args(["--edges", edges])
        .args(packages);
    let output = tree
        .output()
        .expect("cargo runs this test, so there is a cargo");
    let output = String::from_utf8_lossy(&output.stdout).into_owned();
    // A path in brackets is one of the steps themselves.
    let is_foreign = |line: &&str| !line.contains(" (/") && !line.is_empty();
    let seen_before = |line: &str| line.trim_end_matches(" (*)").to_owned();
    output.lines().filter(is_foreign).map(seen_before).collect()
}

#[test]
#[ignore = "slow: CI runs it with --ignored"]
fn a_reader_who_goes_from_step_to_step_builds_nothing_twice() {
    let all = built(&["--workspace"], "normal,build,dev");
    assert!(all.len() > 100, "cargo tree lists what is built: {all:?}");
    for step in ["step-02-peer", "step-03-ice", "step-04-sdp", "step-05-full"] {
        let of_step = built(&["--package", step], "normal,build");
        let again: Vec<&String> = of_step.difference(&all).collect();
        assert!(
            again.is_empty(),
            "{step} wants these crates with other features than the workspace as a whole, so they would be built once \
             more, and webrtc with them; see step-02-peer/Cargo.toml: {again:?}"
        );
    }
}
