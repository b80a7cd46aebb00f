use proptest::prelude::*;

use super::AttemptOutcome::{Acknowledged, Gone, Missed, Rejected, Throttled};
use super::*;
use crate::attempt::Failure;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

fn settings() -> HealthSettings {
    HealthSettings::default()
}

fn next(health: Health, outcome: AttemptOutcome, which: Try, now: Timestamp) -> Health {
    health.on_attempt(outcome, which, now, 0.0, &settings())
}

fn failing(seconds: i64) -> Health {
    Health::failing(at(seconds), at(seconds + 5))
}

/// Returns the seconds until the next probe.
fn probe_in(health: Health, now: Timestamp) -> i64 {
    match health {
        Health::Failing { probe_at, .. } => probe_at.duration_since(now).as_secs(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn probes_follow_the_steps_and_stay_at_four_hours() {
    let (mut health, mut now, mut waits) = (failing(0), at(0), Vec::new());
    for _ in 0..10 {
        waits.push(probe_in(health, now));
        now += Duration::from_secs(waits[waits.len() - 1] as u64);
        health = next(health, Missed, Try::Again, now);
    }
    assert_eq!(waits, [5, 30, 120, 600, 1800, 3600, 7200, 14400, 14400, 14400]);
}

#[test]
fn jitter_adds_up_to_a_tenth() {
    assert_eq!(settings().delay(1, 1.0), Duration::from_secs(33));
    assert_eq!(settings().delay(1, 0.0), Duration::from_secs(30));
}

#[test]
fn five_deliveries_missed_in_a_row_make_it_failing() {
    let mut health = Health::default();
    for misses in 1..5 {
        health = next(health, Missed, Try::First, at(0));
        assert_eq!(health, Health::Healthy { misses, rejections: 0 });
    }
    assert_eq!(probe_in(next(health, Missed, Try::First, at(0)), at(0)), 5);
    assert_eq!(next(health, Acknowledged, Try::Again, at(0)), Health::default(), "an acknowledgement begins again");
}

#[test]
fn one_delivery_that_is_missed_again_and_again_counts_once() {
    let mut health = next(Health::default(), Missed, Try::First, at(0));
    for second in 0..1000 {
        health = next(health, if second % 2 == 0 { Missed } else { Throttled(None) }, Try::Again, at(second));
    }
    assert_eq!(health, Health::Healthy { misses: 1, rejections: 0 });
}

#[test]
fn ten_deliveries_rejected_in_a_row_make_it_failing() {
    let mut health = Health::default();
    for rejections in 1..10 {
        health = next(health, Rejected, Try::First, at(0));
        health = next(health, Rejected, Try::Again, at(0));
        assert_eq!(health, Health::Healthy { misses: 0, rejections });
    }
    assert!(matches!(next(health, Rejected, Try::First, at(0)), Health::Failing { .. }));
    assert_eq!(next(health, Acknowledged, Try::First, at(0)), Health::default());
}

#[test]
fn what_may_not_be_called_counts_as_an_endpoint_that_does_not_answer() {
    let failure = Failure { reason: Reason::AddressNotAllowed, detail: String::new() };
    assert_eq!(AttemptOutcome::from(&attempt(None, Some(failure), None)), Missed);
}

#[test]
fn the_status_says_what_an_attempt_came_to() {
    let outcome = |status, asked: Option<u64>| {
        let failure = Failure { reason: Reason::Status, detail: String::new() };
        let asked = asked.map(Duration::from_secs);
        AttemptOutcome::from(&attempt(Some(status), (status >= 300).then_some(failure), asked))
    };
    assert_eq!([204, 301, 404, 410].map(|status| outcome(status, None)), [Acknowledged, Rejected, Rejected, Gone]);
    assert_eq!([500, 503, 599].map(|status| outcome(status, None)), [Missed, Missed, Missed]);
    assert_eq!(outcome(429, None), Throttled(None));
    assert_eq!([429, 503].map(|status| outcome(status, Some(7))), [Throttled(Some(Duration::from_secs(7))); 2]);
    assert_eq!(outcome(500, Some(7)), Missed, "Retry-After has a meaning with 429 and 503");
}

fn attempt(status: Option<u16>, failure: Option<Failure>, retry_after: Option<Duration>) -> Attempt {
    Attempt {
        at: at(0),
        status,
        latency: Duration::ZERO,
        failure,
        retry_after,
        body: String::new(),
        headers: String::new(),
    }
}

#[test]
fn retry_after_makes_it_failing_and_is_honoured_within_bounds() {
    let asked = |seconds| Throttled(Some(Duration::from_secs(seconds)));
    let first = |outcome| probe_in(next(Health::default(), outcome, Try::Again, at(0)), at(0));
    assert_eq!(first(asked(1)), 5, "never sooner than the own step");
    assert_eq!(first(asked(77)), 77);
    assert_eq!(first(asked(1_000_000)), 3600, "never later than an hour");
    let once = next(Health::default(), Throttled(None), Try::First, at(0));
    assert_eq!(once, Health::Healthy { misses: 1, rejections: 0 }, "a 429 that asks for no pause is a miss");
}

#[test]
fn gone_disables_at_once_and_resuming_probes_at_once() {
    let gone = next(Health::default(), Gone, Try::First, at(0));
    assert_eq!(gone, Health::Disabled { since: at(0), reason: DisabledReason::Gone });
    assert_eq!(next(gone, Missed, Try::First, at(9)), gone);
    assert_eq!(gone.resumed(at(9)), Health::failing(at(9), at(9)));
}

#[test]
fn resuming_keeps_since_when_it_has_been_failing() {
    let later = next(next(failing(0), Missed, Try::Again, at(5)), Missed, Try::Again, at(35));
    assert_eq!(
        later.resumed(at(100)),
        Health::Failing { since: at(0), failed_probes: 0, probe_at: at(100), warned: false },
        "an outage is as long as it is"
    );
    assert_eq!(Health::default().resumed(at(100)), Health::default());
}

#[test]
fn after_four_days_it_warns_and_after_five_it_is_disabled() {
    const DAY: i64 = 24 * 60 * 60;
    let warned = |health| matches!(health, Health::Failing { warned: true, .. });
    let health = next(failing(0), Missed, Try::Again, at(4 * DAY - 1));
    assert!(!warned(health));
    let health = next(health, Missed, Try::Again, at(4 * DAY));
    assert!(warned(health));
    let health = next(health, Missed, Try::Again, at(5 * DAY - 1));
    assert!(warned(health));
    let disabled = Health::Disabled { since: at(5 * DAY), reason: DisabledReason::FailingTooLong };
    assert_eq!(next(health, Missed, Try::Again, at(5 * DAY)), disabled);
}

#[test]
fn a_clock_that_jumps_back_neither_disables_nor_panics() {
    assert!(matches!(next(failing(0), Missed, Try::Again, at(-1_000_000)), Health::Failing { .. }));
}

fn any_outcome() -> impl Strategy<Value = AttemptOutcome> {
    prop_oneof![
        Just(Acknowledged),
        Just(Rejected),
        Just(Missed),
        any::<Option<u32>>().prop_map(|asked| Throttled(asked.map(|s| Duration::from_secs(s.into())))),
        Just(Gone),
    ]
}

proptest! {
    #[test]
    fn the_next_probe_is_always_between_5_s_and_4_h_24_away(
        history in prop::collection::vec((any_outcome(), any::<bool>(), 0..200_000_i64, 0.0..1.0), 1..60)
    ) {
        let (mut health, mut now) = (Health::default(), at(0));
        for (outcome, first, passed, jitter) in history {
            now += Duration::from_secs(passed.unsigned_abs());
            health = health.on_attempt(outcome, if first { Try::First } else { Try::Again }, now, jitter, &settings());
            match health {
                Health::Failing { .. } => prop_assert!((5..=15_840).contains(&probe_in(health, now))),
                Health::Healthy { misses, rejections } => {
                    prop_assert!(misses < settings().misses_to_fail && rejections < settings().rejections_to_fail);
                }
                Health::Disabled { .. } => {}
            }
            if outcome == Acknowledged {
                prop_assert_eq!(health, Health::default());
            }
        }
    }

    #[test]
    fn retries_alone_never_make_it_failing(
        retries in prop::collection::vec(prop_oneof![Just(Missed), Just(Rejected), Just(Throttled(None))], 1..200)
    ) {
        let health = retries.into_iter().fold(Health::default(), |health, outcome| next(health, outcome, Try::Again, at(0)));
        prop_assert_eq!(health, Health::default());
    }
}

#[test]
fn what_others_count_makes_it_failing_together_with_ones_own() {
    let healthy = |misses, rejections| Health::Healthy { misses, rejections };
    let with = |own: Health, known, recorded| own.with_evidence((known, recorded), at(0), 0.0, &settings());
    assert_eq!(with(healthy(2, 1), healthy(0, 0), healthy(2, 3)), healthy(4, 4));
    assert_eq!(with(healthy(2, 0), healthy(1, 0), healthy(4, 0)), failing(0));
    // It was acknowledged in the meantime, by one or the other.
    assert_eq!(with(Health::default(), healthy(3, 0), healthy(4, 0)), healthy(1, 0));
    assert_eq!(with(healthy(4, 0), healthy(3, 0), Health::default()), healthy(4, 0));
    assert_eq!(with(failing(9), healthy(0, 0), healthy(4, 0)), failing(9));
}

#[test]
fn the_defaults_are_those_of_the_documentation() {
    let HealthSettings { steps, max_retry_after, disable_warning_after, disable_after, .. } = settings();
    let seconds = |durations: &[Duration]| durations.iter().map(Duration::as_secs).collect::<Vec<_>>();
    assert_eq!(seconds(&steps), [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400]);
    assert_eq!(seconds(&[max_retry_after, disable_warning_after, disable_after]), [3_600, 345_600, 432_000]);
}

#[test]
fn reasons_have_the_same_name_in_the_table_and_the_api() {
    for reason in [DisabledReason::Gone, DisabledReason::FailingTooLong] {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
    }
}

#[test]
fn a_failing_endpoint_is_tried_once_its_first_probe_is_due() {
    let (due, reason) = (at(60), DisabledReason::Gone);
    let tried = |health: Health| [59, 60, 61].map(|second| health.is_tried_at(at(second)));
    assert_eq!(tried(Health::default()), [true; 3]);
    assert_eq!(tried(Health::failing(at(0), due)), [false, true, true]);
    let probed = Health::Failing { since: at(0), failed_probes: 1, probe_at: due, warned: false };
    assert_eq!(tried(probed), [false; 3], "later probes are a drain's");
    assert_eq!(tried(Health::Disabled { since: at(0), reason }), [false; 3]);
}
