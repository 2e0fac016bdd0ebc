//! What the log keeps of the checks of one peer.

use super::*;

fn socket(port: u16) -> SocketAddr {
    (std::net::Ipv4Addr::LOCALHOST, port).into()
}

fn id(number: u8) -> TransactionId {
    TransactionId([number; 12])
}

const MILLISECOND: Duration = Duration::from_millis(1);

#[test]
fn the_first_answer_gives_the_round_trip_of_its_own_check() {
    let (mut log, begin) = (CheckLog::default(), Instant::now());
    let pair = (socket(1), socket(2));
    log.sent(begin, pair, id(1), false);
    log.sent(begin + 5 * MILLISECOND, pair, id(2), false);
    log.answered(begin + 7 * MILLISECOND, id(9));
    assert_eq!(log.checks()[0].round_trip, None, "no check has this id");
    log.answered(begin + 7 * MILLISECOND, id(2));
    log.answered(begin + 9 * MILLISECOND, id(1));
    let [check] = &log.checks()[..] else {
        panic!("one pair was checked: {:?}", log.checks());
    };
    assert_eq!((check.sent, check.nominated), (2, false));
    assert_eq!(check.round_trip, Some(2 * MILLISECOND));
}

#[test]
fn a_second_answer_to_one_check_is_no_round_trip() {
    let (mut log, begin) = (CheckLog::default(), Instant::now());
    log.sent(begin, (socket(1), socket(2)), id(1), false);
    let first = log.answered(begin + MILLISECOND, id(1));
    assert_eq!(first, Some(MILLISECOND));
    let second = log.answered(begin + 2000 * MILLISECOND, id(1));
    assert_eq!(second, None, "the answer came long before");
}

#[test]
fn pairs_differ_by_either_end_and_stand_in_the_order_of_their_first_check() {
    let (mut log, now) = (CheckLog::default(), Instant::now());
    for (local, remote) in [(1, 2), (1, 3), (4, 2), (1, 3)] {
        log.sent(now, (socket(local), socket(remote)), id(1), false);
    }
    let checks: Vec<_> = log
        .checks()
        .iter()
        .map(|check| (check.local.port(), check.remote.port(), check.sent))
        .collect();
    assert_eq!(checks, [(1, 2, 1), (1, 3, 2), (4, 2, 1)]);
}

#[test]
fn a_nomination_stays_and_comes_from_either_side() {
    let (mut log, now) = (CheckLog::default(), Instant::now());
    log.sent(now, (socket(1), socket(2)), id(1), true);
    log.sent(now, (socket(1), socket(2)), id(2), false);
    log.sent(now, (socket(1), socket(3)), id(3), false);
    log.received((socket(1), socket(3)), None, true);
    log.received((socket(1), socket(3)), None, false);
    log.sent(now, (socket(1), socket(4)), id(4), false);
    let nominated: Vec<bool> = log.checks().iter().map(|check| check.nominated).collect();
    assert_eq!(nominated, [true, true, false], "RFC 8445 §8.1.1");
}

#[test]
fn a_pair_on_which_nothing_was_sent_is_no_check_but_its_priority_is_kept() {
    let (mut log, now) = (CheckLog::default(), Instant::now());
    let pair = (socket(1), socket(2));
    log.received(pair, Some(7), false);
    assert_eq!(log.checks(), []);
    log.sent(now, pair, id(1), false);
    log.received(pair, None, false);
    assert_eq!(log.checks()[0].remote_priority, Some(7), "RFC 8445 §7.1.1");
    log.received(pair, Some(8), false);
    assert_eq!(log.checks()[0].remote_priority, Some(8));
}

#[test]
fn of_many_checks_of_one_pair_the_latest_may_still_be_answered() {
    let pair = (socket(1), socket(2));
    let answered = |which: u8| {
        let (mut log, now) = (CheckLog::default(), Instant::now());
        for number in 0..=MOST_PENDING as u8 {
            log.sent(now, pair, id(number), false);
        }
        log.answered(now, id(which));
        log.checks()[0].round_trip
    };
    assert_eq!(answered(0), None, "the oldest is dropped");
    assert_eq!(answered(1), Some(Duration::ZERO));
    assert_eq!(answered(MOST_PENDING as u8), Some(Duration::ZERO));
}

#[test]
fn a_stranger_with_many_ports_does_not_fill_the_memory() {
    let (mut log, now) = (CheckLog::default(), Instant::now());
    for port in 0..600 {
        log.sent(now, (socket(1), socket(port)), id(1), false);
    }
    assert_eq!(log.checks().len(), MOST_PAIRS);
    log.sent(now, (socket(1), socket(0)), id(1), false);
    assert_eq!(log.checks()[0].sent, 2, "those that are known go on");
}
