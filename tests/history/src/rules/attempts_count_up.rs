//! The number of an attempt.

use super::Rule;
use crate::causes::Subject;
use crate::delivery::Delivery;
use crate::history::Line;
use crate::ledger::Ledger;
use crate::record::Arrival;
use crate::settings::earlier;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule {
    id: "attempts-count-up",
    promise: "The number of a delivery's attempts counts up from 1, without a gap or a repeat that nothing explains.",
    check,
};

fn check(ledger: &Ledger<'_>) -> Vec<Violation> {
    ledger.deliveries.iter().flat_map(|delivery| of_delivery(ledger, delivery)).collect()
}

fn of_delivery(ledger: &Ledger<'_>, delivery: &Delivery<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut previous: Option<&Line<'_, Arrival>> = None;
    for arrival in &delivery.arrivals {
        let expected = previous.map_or(1, |it| it.attempt + 1);
        let explained = match previous {
            _ if arrival.attempt > expected => gap_is_explained(ledger, delivery, previous, arrival, expected),
            Some(previous) if arrival.attempt < expected => {
                previous.may_be_resent_as(arrival)
                    || ledger.moved(delivery, arrival.at)
                    || ledger.interrupted(delivery, previous.at, arrival.at)
                    || !previous.answer_surely_arrived(&ledger.settings) && previous.answer.is_some()
            }
            _ => arrival.attempt == expected,
        };
        if !explained {
            let seen = arrival.attempt;
            let message = format!("the attempt at {} was to be number {expected}; it is number {seen}", arrival.at);
            let sources = previous.into_iter().chain([arrival]).map(|it| it.source);
            violations.push(delivery.violation(RULE.id, message).records(sources));
        }
        previous = Some(arrival);
    }
    violations
}

/// Whether the attempts between did not arrive here: the endpoint could not be reached, the log has them without an answer, or
/// they were made before, or at a URL that this one replaced.
fn gap_is_explained(
    ledger: &Ledger<'_>,
    delivery: &Delivery<'_>,
    previous: Option<&Line<'_, Arrival>>,
    next: &Line<'_, Arrival>,
    expected: u64,
) -> bool {
    let changed_at = delivery.change.map(|change| ledger.changes[change].at);
    // Attempts that a held-up one let pass were made before it arrived.
    let let_pass = |it: &&Line<'_, Arrival>| ledger.causes.held_up(delivery.subject(), it.at, &ledger.settings);
    let here_from = previous.filter(|it| !let_pass(it)).map(|it| it.at).or(changed_at).unwrap_or(next.at);
    let before = ledger.replaced_by(delivery, next.at);
    // A URL that this one replaced may have been called for the change as well, before the previous attempt here.
    let there_from = changed_at.unwrap_or(here_from);
    let unreachable = |url| {
        let from = if url == delivery.url { here_from } else { there_from };
        let from = earlier(from, ledger.settings.tolerance);
        ledger.causes.unreachable(Subject { url, ..delivery.subject() }, from, next.at)
    };
    let made_at = |url, number| {
        let there = delivery.change.into_iter().flat_map(|change| ledger.deliveries_of(change, url));
        there.flat_map(|it| &it.arrivals).any(|it| it.attempt == number && it.at <= next.at)
    };
    let urls = || before.iter().copied().chain([delivery.url]);
    urls().any(unreachable)
        || (expected..next.attempt)
            .all(|number| delivery.logged_without_answer(number) || urls().any(|url| made_at(url, number)))
}

#[cfg(test)]
mod tests {
    use crate::record::{FaultKind, LoggedAttempt};
    use crate::scenario::{OTHER, Scenario, URL};

    /// One delivery whose attempts, ten seconds apart, have these numbers. All but the last are answered 500.
    fn attempts(numbers: &[u64]) -> Scenario {
        let mut scenario = Scenario::configured();
        scenario.change(10, "i-1", "a");
        for (index, number) in numbers.iter().enumerate() {
            let last = index + 1 == numbers.len();
            let at = 10 + 10 * i64::try_from(index).unwrap();
            scenario.answered(at, "i-1", "a", if last { 200 } else { 500 }).attempt = *number;
        }
        scenario.logged(10, "i-1", "a", "delivered");
        scenario
    }

    #[test]
    fn gaps_and_repeats_are_found() {
        attempts(&[1, 2, 3]).is_clean();
        for numbers in [&[2][..], &[1, 3], &[1, 1], &[1, 2, 1]] {
            let found = attempts(numbers).sole_violation(super::RULE.id);
            assert_eq!(found.event.as_deref(), Some("i-1/a"), "{numbers:?}");
        }
    }

    #[test]
    fn a_repeat_after_a_kill_is_explained() {
        let mut scenario = attempts(&[1, 1]);
        scenario.fault(11, FaultKind::Kill);
        scenario.is_clean();
    }

    #[test]
    fn a_request_that_was_sent_again_on_another_connection_is_explained() {
        let mut scenario = Scenario::configured();
        scenario.change(10, "i-1", "a");
        scenario.arrival(10, "i-1", "a").answer = None;
        scenario.arrival(10, "i-1", "a").attempt = 1;
        scenario.logged(10, "i-1", "a", "delivered");
        scenario.is_clean();
    }

    #[test]
    fn attempts_that_did_not_arrive_are_explained() {
        let mut scenario = attempts(&[1, 3]);
        scenario.fault(15, FaultKind::Unreachable).until = Some(crate::scenario::second(16));
        scenario.is_clean();
        let mut scenario = attempts(&[1, 3]);
        let refused = LoggedAttempt { number: 2, status: None };
        scenario.logged(10, "i-1", "a", "delivered").attempts = vec![refused];
        scenario.is_clean();
    }

    #[test]
    fn attempts_that_a_held_up_one_let_pass_are_explained() {
        let overtaken = |given_up: bool| {
            let mut scenario = attempts(&[1, 2, 4]);
            scenario.fault(12, FaultKind::Unreachable).until = Some(crate::scenario::second(14));
            if given_up {
                scenario.fault(11, FaultKind::GivenUpInvocation).until = Some(crate::scenario::second(19));
            }
            scenario
        };
        overtaken(true).is_clean();
        overtaken(false).sole_violation(super::RULE.id);
    }

    #[test]
    fn the_count_goes_on_at_a_url_that_replaces_another() {
        let moved = |made: &[u64]| {
            let mut scenario = Scenario::configured();
            scenario.change(10, "i-1", "a");
            for number in made {
                scenario.answered(10, "i-1", "a", 500).attempt = *number;
            }
            scenario.replaced(50);
            let arrival = scenario.arrival(60, "i-1", "a");
            (arrival.url, arrival.target, arrival.attempt) = (OTHER.into(), None, 3);
            scenario.logged(10, "i-1", "a", "delivered").url = OTHER.into();
            scenario
        };
        moved(&[1, 2]).is_clean();
        moved(&[1]).sole_violation(super::RULE.id);
    }

    #[test]
    fn attempts_of_a_replaced_url_are_not_after_those_here() {
        let both = |unreachable: bool| {
            let mut scenario = Scenario::configured();
            scenario.callbacks(1, &[URL, OTHER]);
            scenario.change(10, "i-1", "a");
            scenario.answered(12, "i-1", "a", 500).attempt = 1;
            if unreachable {
                scenario.fault(13, FaultKind::Unreachable).until = Some(crate::scenario::second(14));
            }
            let here = scenario.answered(15, "i-1", "a", 500);
            (here.url, here.target, here.attempt) = (OTHER.into(), None, 1);
            scenario.replaced(50);
            let arrival = scenario.arrival(60, "i-1", "a");
            (arrival.url, arrival.target, arrival.attempt) = (OTHER.into(), None, 3);
            scenario.logged(10, "i-1", "a", "delivered").url = OTHER.into();
            scenario
        };
        both(true).is_clean();
        both(false).sole_violation(super::RULE.id);
    }

    #[test]
    fn a_count_goes_on_after_a_repeat() {
        let mut scenario = attempts(&[1, 2, 1, 3]);
        scenario.fault(21, FaultKind::Kill);
        scenario.is_clean();
        let mut scenario = attempts(&[1, 2, 1, 4]);
        scenario.fault(21, FaultKind::Kill);
        scenario.sole_violation(super::RULE.id);
    }
}
