use jiff::SignedDuration;

use crate::record::{Action, FaultKind};
use crate::scenario::Scenario;

/// Five events are missed at 10 to 14. The first one is attempted again at these seconds, and misses.
fn failing(probes: &[i64]) -> Scenario {
    let mut scenario = Scenario::configured();
    for number in 0..5 {
        let instance = format!("i-{number}");
        scenario.change(10 + number, &instance, "a");
        scenario.answered(10 + number, &instance, "a", 503);
        scenario.logged(10 + number, &instance, "a", "pending");
    }
    for probe in probes {
        scenario.answered(*probe, "i-0", "a", 503);
    }
    scenario
}

#[test]
fn a_probe_that_comes_before_its_step_is_found() {
    failing(&[19, 50, 180, 800]).is_clean();
    let found = failing(&[19, 50, 75, 800]).sole_violation(super::RULE.id);
    assert!(found.message.contains("5 deliveries were missed"), "{found}");
    assert!(found.message.contains("it came 24s 990ms after it"), "{found}");
    assert_eq!(found.event.as_deref(), Some("i-0/a"));
}

#[test]
fn what_was_decided_before_may_come_late_once() {
    let mut scenario = failing(&[40, 41, 42]);
    scenario.settings.decided_before = 2;
    scenario.is_clean();
    scenario.answered(43, "i-0", "a", 503);
    scenario.sole_violation(super::RULE.id);
}

#[test]
fn the_steps_grow() {
    failing(&[40, 71, 192, 793]).is_clean();
    failing(&[40, 71, 150]).sole_violation(super::RULE.id);
}

#[test]
fn four_misses_are_no_evidence() {
    let mut scenario = failing(&[19, 50, 75]);
    scenario.settings.misses_to_fail = 6;
    scenario.is_clean();
}

#[test]
fn an_acknowledgement_a_resume_or_a_kill_starts_over() {
    let mut scenario = failing(&[40, 75]);
    scenario.deliver(200, "i-9", "a");
    for at in [201, 202] {
        scenario.answered(at, "i-0", "a", 503);
    }
    scenario.is_clean();
    let mut scenario = failing(&[40, 75, 77]);
    scenario.operation(76, Action::Resume);
    scenario.is_clean();
    let mut scenario = failing(&[40, 75, 77]);
    scenario.fault(76, FaultKind::Kill);
    scenario.is_clean();
}

#[test]
fn an_endpoint_whose_url_is_removed_and_added_again_is_a_new_one() {
    let added = |acknowledged| {
        let mut scenario = failing(&[40, 75, 77]);
        scenario.callbacks(75, &[]).acknowledged = acknowledged;
        scenario.callbacks(76, &[crate::scenario::URL]);
        scenario
    };
    added(true).is_clean();
    added(false).is_clean();
    let mut scenario = failing(&[40, 75, 77]);
    scenario.callbacks(76, &[crate::scenario::URL, crate::scenario::OTHER]);
    scenario.sole_violation(super::RULE.id);
    let mut scenario = failing(&[40, 75, 77, 79]);
    scenario.callbacks(75, &[]);
    scenario.callbacks(76, &[crate::scenario::URL]);
    for at in 0..5 {
        let instance = format!("i-1{at}");
        scenario.change(80 + at, &instance, "a");
        scenario.answered(80 + at, &instance, "a", 503);
        scenario.logged(80 + at, &instance, "a", "pending");
    }
    scenario.is_clean();
    for at in [110, 111] {
        scenario.answered(at, "i-10", "a", 503);
    }
    scenario.sole_violation(super::RULE.id);
}

#[test]
fn a_removal_of_which_the_outcome_is_not_known_may_count_until_the_next_that_is() {
    let removed = |known| {
        let mut scenario = failing(&[40, 91, 93]);
        scenario.callbacks(0, &[]).acknowledged = false;
        scenario.callbacks(1, &[crate::scenario::URL]).acknowledged = known;
        scenario.callbacks(92, &[crate::scenario::URL]);
        scenario
    };
    removed(false).is_clean();
    removed(true).sole_violation(super::RULE.id);
}

#[test]
fn what_was_in_flight_when_its_url_was_added_is_no_evidence() {
    let hanging = |added| {
        let mut scenario = failing(&[60, 61]);
        for arrival in scenario.arrivals().filter(|it| it.attempt == 1) {
            arrival.answer = None;
        }
        scenario.callbacks(added - 1, &[]);
        scenario.callbacks(added, &[crate::scenario::URL]);
        scenario
    };
    hanging(15).is_clean();
    hanging(9).sole_violation(super::RULE.id);
}

#[test]
fn rejections_and_a_pause_that_was_asked_for_count_too() {
    let mut scenario = failing(&[]);
    scenario.settings.rejections_to_fail = 2;
    for (at, instance) in [(16, "i-7"), (17, "i-8")] {
        scenario.change(at, instance, "a");
        scenario.answered(at, instance, "a", 422);
        scenario.logged(at, instance, "a", "pending");
    }
    scenario.settings.misses_to_fail = 6;
    for at in [40, 45] {
        scenario.answered(at, "i-0", "a", 503);
    }
    scenario.sole_violation(super::RULE.id);

    let mut scenario = failing(&[]);
    for (at, asked) in [(40, 300), (100, 0)] {
        let answer = scenario.answered(at, "i-0", "a", 503).answer.as_mut().unwrap();
        answer.retry_after = Some(SignedDuration::from_secs(asked));
    }
    assert!(scenario.sole_violation(super::RULE.id).message.contains("come 5m after"));
}

#[test]
fn what_ended_after_its_sender_is_no_evidence() {
    let hanging = |killed| {
        let mut scenario = Scenario::configured();
        for number in 0..5 {
            let instance = format!("i-{number}");
            scenario.change(10, &instance, "a");
            scenario.arrival(10, &instance, "a").answer = None;
            scenario.logged(10, &instance, "a", "pending");
        }
        for at in [60, 61] {
            scenario.answered(at, "i-0", "a", 503);
        }
        scenario.fault(killed, FaultKind::Kill);
        scenario
    };
    hanging(15).is_clean();
    hanging(9).sole_violation(super::RULE.id);
}

#[test]
fn one_delivery_that_is_missed_for_a_day_is_enough_unless_it_was_rejected() {
    let missed = |first, last| {
        let mut scenario = Scenario::configured();
        scenario.change(10, "i-0", "a");
        scenario.logged(10, "i-0", "a", "pending");
        for (at, status) in [(10, first), (last, 503), (100_000, 503), (100_001, 503)] {
            scenario.answered(at, "i-0", "a", status);
        }
        scenario.log_read(200_000);
        scenario
    };
    missed(503, 86_500).sole_violation(super::RULE.id);
    missed(503, 86_400).is_clean();
    missed(422, 86_500).is_clean();
    let mut scenario = missed(503, 86_500);
    scenario.deliver(50_000, "i-1", "a");
    scenario.is_clean();
}
