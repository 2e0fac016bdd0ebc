//! Every state machine of every peer, in one list.

mod rule;

use rule::Rules;
use step_01_capture::{StateMachine, Timeline};

const RULES: Rules = Rules::kept_in("step-01-capture/src/timeline.rs");

/// What every failure of this file says.
const LOOK: &str = "see step-01-capture/src/timeline.rs";

const SIGNALING: StateMachine = StateMachine("signaling");

/// Two machines of one peer, and one machine of two peers.
fn call() -> Timeline {
    let timeline = Timeline::new();
    timeline.record("local", StateMachine::TRACK, "live");
    timeline.record("local", SIGNALING, "stable");
    timeline.record("remote", SIGNALING, "stable");
    timeline.record("local", SIGNALING, "have-local-offer");
    timeline.record("remote", SIGNALING, "have-remote-offer");
    timeline.record("remote", SIGNALING, "stable");
    timeline.record("local", SIGNALING, "stable");
    timeline
}

#[test]
fn each_machine_of_each_peer_prints_as_one_line() {
    let _rule =
        RULES.rule("one line for each state machine of each peer, in the order of their names");
    insta::assert_snapshot!(call(), @r"
    local  signaling: stable => have-local-offer => stable
    local  track: live
    remote signaling: stable => have-remote-offer => stable
    ");
}

#[test]
fn what_is_closed_is_never_left_and_the_next_call_follows_after_a_semicolon() {
    let _rule = RULES.rule("closed is final: the next peer connection of that name begins anew");
    let timeline = call();
    timeline.record("local", SIGNALING, "closed");
    timeline.record("local", SIGNALING, "stable");
    let lines = timeline.to_string();
    let local = "local  signaling: stable => have-local-offer => stable => closed; stable\n";
    assert!(lines.starts_with(local), "{lines}; {LOOK}");
    let last = timeline.transitions().pop().and_then(|t| t.from);
    assert_eq!(last, None, "the new one has left no state; {LOOK}");
}

#[test]
fn a_state_is_entered_from_the_last_one_of_the_same_machine_and_peer() {
    let _rule = RULES.rule("a transition begins in the state that was entered last");
    let steps: Vec<String> = call()
        .transitions()
        .iter()
        .map(|t| {
            let from = t.from.as_deref().unwrap_or("-");
            format!("{} {}: {from} => {}", t.peer, t.machine, t.to)
        })
        .collect();
    insta::assert_snapshot!(steps.join("\n"), @r"
    local track: - => live
    local signaling: - => stable
    remote signaling: - => stable
    local signaling: stable => have-local-offer
    remote signaling: stable => have-remote-offer
    remote signaling: have-remote-offer => stable
    local signaling: have-local-offer => stable
    ");
}

#[test]
fn the_same_state_twice_is_one_state() {
    let timeline = call();
    let before = timeline.transitions().len();
    timeline.record("local", SIGNALING, "stable");
    timeline.record("local", StateMachine::TRACK, "live");
    assert_eq!(timeline.transitions().len(), before, "{LOOK}");
}

#[test]
fn the_state_is_the_last_one_of_that_machine_of_that_peer() {
    let timeline = call();
    timeline.record("remote", SIGNALING, "closed");
    let state = |peer, machine| timeline.state(peer, machine);
    assert_eq!(
        state("local", SIGNALING).as_deref(),
        Some("stable"),
        "{LOOK}"
    );
    assert_eq!(
        state("remote", SIGNALING).as_deref(),
        Some("closed"),
        "{LOOK}"
    );
    assert_eq!(
        state("local", StateMachine::TRACK).as_deref(),
        Some("live"),
        "{LOOK}"
    );
    assert_eq!(
        state("remote", StateMachine::TRACK),
        None,
        "remote has no track; {LOOK}"
    );
}

#[test]
fn the_time_of_a_state_is_when_it_was_first_entered() {
    let timeline = call();
    let transitions = timeline.transitions();
    let reached = |peer, machine, state| timeline.reached(peer, machine, state);
    for index in [0, 1, 2, 3, 4] {
        let t = &transitions[index];
        assert_eq!(
            reached(&t.peer, t.machine, &t.to),
            Some(t.at),
            "{} {}: {} was first entered with transition {index}; {LOOK}",
            t.peer,
            t.machine,
            t.to
        );
    }
    assert_eq!(
        reached("remote", SIGNALING, "have-local-offer"),
        None,
        "only local did; {LOOK}"
    );
    assert_eq!(
        reached("local", SIGNALING, "live"),
        None,
        "the track did; {LOOK}"
    );
    assert!(
        transitions.windows(2).all(|pair| pair[0].at <= pair[1].at),
        "time goes forward; {LOOK}"
    );
}

#[test]
fn a_clone_is_the_same_list() {
    let timeline = Timeline::default();
    timeline.clone().record("local", SIGNALING, "stable");
    assert_eq!(
        timeline.state("local", SIGNALING).as_deref(),
        Some("stable"),
        "{LOOK}"
    );
}

#[test]
fn a_machine_prints_in_a_column_as_wide_as_asked() {
    assert_eq!(format!("{:<11}|", SIGNALING), "signaling  |", "{LOOK}");
}
