use proptest::prelude::*;

use super::*;
use crate::delivery::Failure;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

fn settings() -> HealthSettings {
    HealthSettings::default()
}

fn failing(seconds: i64) -> Health {
    Health::default().after(Verdict::Unanswered, at(seconds), 0.0, &settings()).0
}

/// Seconds until the next probe.
fn probe_in(health: Health, now: Timestamp) -> i64 {
    match health {
        Health::Failing { probe_at, .. } => probe_at.duration_since(now).as_secs(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn probes_come_after_5_s_30_s_2_min_10_min_30_min_1_h_2_h_and_then_every_4_h() {
    let (mut health, mut now, mut waits) = (failing(0), at(0), Vec::new());
    for _ in 0..10 {
        waits.push(probe_in(health, now));
        now += Duration::from_secs(waits[waits.len() - 1] as u64);
        health = health.after(Verdict::Unanswered, now, 0.0, &settings()).0;
    }
    assert_eq!(waits, [5, 30, 120, 600, 1800, 3600, 7200, 14400, 14400, 14400]);
}

#[test]
fn jitter_adds_up_to_a_tenth() {
    assert_eq!(settings().delay(1, 1.0), Duration::from_secs(33));
    assert_eq!(settings().delay(1, 0.0), Duration::from_secs(30));
}

#[test]
fn one_unanswered_attempt_makes_it_failing_and_one_that_is_taken_healthy_again() {
    let (health, notice) = Health::default().after(Verdict::Unanswered, at(0), 0.0, &settings());
    assert_eq!((notice, probe_in(health, at(0))), (Some(Notice::Failing), 5));
    assert_eq!(health.after(Verdict::Taken, at(5), 0.0, &settings()), (Health::default(), Some(Notice::Recovered)));
}

#[test]
fn what_may_not_be_called_counts_as_an_endpoint_that_does_not_answer() {
    let failure = Failure { reason: Reason::AddressNotAllowed, detail: String::new() };
    let (at, latency, failure) = (at(0), Duration::ZERO, Some(failure));
    let attempt = Attempt { at, status: None, latency, failure, retry_after: None, body: String::new() };
    assert_eq!(Verdict::from(&attempt), Verdict::Unanswered);
}

#[test]
fn retry_after_is_honoured_within_bounds() {
    let asked = |seconds| Verdict::Overloaded(Some(Duration::from_secs(seconds)));
    let first = |verdict| probe_in(Health::default().after(verdict, at(0), 0.0, &settings()).0, at(0));
    assert_eq!(first(Verdict::Overloaded(None)), 5);
    assert_eq!(first(asked(1)), 5, "never sooner than the own step");
    assert_eq!(first(asked(77)), 77);
    assert_eq!(first(asked(1_000_000)), 3600, "never later than an hour");
}

#[test]
fn single_refusals_do_not_make_it_failing_but_refusing_everything_does() {
    let mut health = Health::default();
    for _ in 0..9 {
        health = health.after(Verdict::Refused, at(0), 0.0, &settings()).0;
        assert!(matches!(health, Health::Healthy { .. }));
    }
    assert!(matches!(
        health.after(Verdict::Refused, at(0), 0.0, &settings()),
        (Health::Failing { .. }, Some(Notice::Failing))
    ));
    assert_eq!(health.after(Verdict::Taken, at(0), 0.0, &settings()), (Health::default(), None));
}

#[test]
fn gone_disables_at_once_and_only_a_person_resumes() {
    let (gone, notice) = Health::default().after(Verdict::Gone, at(0), 0.0, &settings());
    assert_eq!(
        (gone, notice),
        (Health::Disabled { since: at(0), reason: DisabledReason::Gone }, Some(Notice::Disabled))
    );
    assert!(!gone.may_be_called(at(1_000_000_000)));
    assert!(gone.resumed(at(9)).may_be_called(at(9)));
}

#[test]
fn after_4_days_it_warns_once_and_after_5_it_is_disabled() {
    const DAY: i64 = 24 * 60 * 60;
    let next = |health: Health, seconds| health.after(Verdict::Unanswered, at(seconds), 0.0, &settings());
    let (health, notice) = next(failing(0), 4 * DAY - 1);
    assert_eq!(notice, None);
    let (health, notice) = next(health, 4 * DAY);
    assert_eq!(notice, Some(Notice::AboutToBeDisabled));
    let (health, notice) = next(health, 5 * DAY - 1);
    assert_eq!(notice, None);
    let (health, notice) = next(health, 5 * DAY);
    assert_eq!(
        (health, notice),
        (Health::Disabled { since: at(5 * DAY), reason: DisabledReason::GivenUp }, Some(Notice::Disabled))
    );
}

#[test]
fn a_clock_that_jumps_back_neither_disables_nor_panics() {
    assert!(matches!(
        failing(0).after(Verdict::Unanswered, at(-1_000_000), 0.0, &settings()).0,
        Health::Failing { .. }
    ));
}

fn any_verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        Just(Verdict::Taken),
        Just(Verdict::Refused),
        Just(Verdict::Unanswered),
        any::<Option<u32>>().prop_map(|asked| Verdict::Overloaded(asked.map(|s| Duration::from_secs(s.into())))),
        Just(Verdict::Gone),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_the_next_probe_is_between_5_s_and_4_h_24_away(
        history in prop::collection::vec((any_verdict(), 0..200_000_i64, 0.0..1.0), 1..60)
    ) {
        let (mut health, mut now) = (Health::default(), at(0));
        for (verdict, passed, jitter) in history {
            now += Duration::from_secs(passed.unsigned_abs());
            health = health.after(verdict, now, jitter, &settings()).0;
            match health {
                Health::Failing { .. } => prop_assert!((5..=15_840).contains(&probe_in(health, now))),
                Health::Healthy { refusals } => prop_assert!(refusals < settings().refusals_to_fail),
                Health::Disabled { .. } => {}
            }
            if verdict == Verdict::Taken {
                prop_assert_eq!(health, Health::default());
            }
        }
    }

    #[test]
    fn every_beginning_of_trouble_is_announced_and_so_is_its_end(
        history in prop::collection::vec((any_verdict(), 0..200_000_i64), 1..60)
    ) {
        let (mut health, mut now) = (Health::default(), at(0));
        for (verdict, passed) in history {
            now += Duration::from_secs(passed.unsigned_abs());
            let (next, notice) = health.after(verdict, now, 0.5, &settings());
            let changed = std::mem::discriminant(&health) != std::mem::discriminant(&next);
            prop_assert_eq!(changed, matches!(notice, Some(Notice::Failing | Notice::Disabled | Notice::Recovered)));
            health = next;
        }
    }
}
