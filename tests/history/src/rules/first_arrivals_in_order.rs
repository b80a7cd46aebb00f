//! Order within an instance.

use jiff::Timestamp;

use super::Rule;
use crate::causes::begun;
use crate::delivery::Delivery;
use crate::ledger::Ledger;
use crate::record::{Action, Status};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule {
    id: "first-arrivals-in-order",
    promise: "The events of an instance arrive at an endpoint in the order of its changes, each once those before it are \
              acknowledged; only what was rejected three times or replayed by hand is passed.",
    check,
};

fn check(ledger: &Ledger<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for life in ledger.lives().values() {
        let urls: std::collections::BTreeSet<_> = life.iter().flat_map(|change| ledger.urls(*change).ever).collect();
        for url in urls {
            let deliveries: Vec<_> =
                life.iter().filter_map(|change| ledger.deliveries_of(*change, url).next()).collect();
            violations.extend(of_instance(ledger, &deliveries));
        }
    }
    violations
}

/// The deliveries of one instance to one endpoint, in the order of their changes: at most one violation each.
fn of_instance(ledger: &Ledger<'_>, deliveries: &[&Delivery<'_>]) -> Vec<Violation> {
    // Whatever lets later ones pass once does so for good, so only these are to be looked at again.
    let mut violations = Vec::new();
    for (index, later) in deliveries.iter().enumerate() {
        let Some(first) = later.arrivals.first() else { continue };
        let mut before = deliveries[..index].iter().rev();
        let Some(earlier) = before.find(|earlier| is_overtaken(ledger, earlier, later, first.at)) else { continue };
        let seen = match earlier.arrivals.first() {
            None => "has not arrived".to_owned(),
            Some(arrival) if arrival.at > first.at => format!("arrived first at {}", arrival.at),
            Some(_) => match earlier.acknowledged_at() {
                Some(at) => format!("was acknowledged at {at}"),
                None => "was not acknowledged".into(),
            },
        };
        let message = format!(
            "event {} of the same instance was to be acknowledged before this one arrived at {}; it {seen}",
            earlier.event, first.at
        );
        let sources = earlier.arrival_sources().chain(earlier.logged_sources()).chain([first.source]);
        violations.push(later.violation(RULE.id, message).records(sources));
    }
    violations
}

/// Whether an event arrived at `at` though this earlier one still held its instance.
fn is_overtaken(ledger: &Ledger<'_>, earlier: &Delivery<'_>, later: &Delivery<'_>, at: Timestamp) -> bool {
    if earlier.let_pass(at, &ledger.settings) {
        return false;
    }
    // One that failed holds nothing, and the log does not say since when.
    let failed = earlier.is_logged_as(Status::Failed);
    let never_tracked = earlier.arrivals.is_empty() && !earlier.is_logged_as(Status::Pending);
    !failed && !never_tracked && !was_replayed(ledger, earlier, later, at)
}

/// Whether the earlier one was completed, and is here only because it was replayed: later than the other one came, or without it.
fn was_replayed(ledger: &Ledger<'_>, earlier: &Delivery<'_>, later: &Delivery<'_>, at: Timestamp) -> bool {
    let changed_at = |it: &Delivery<'_>| it.change.map_or(Timestamp::MIN, |change| ledger.changes[change].at);
    let concerns_later = |replay: &crate::record::Operation| {
        let mut same = ledger.causes.operations(Action::Replay, later.subject());
        same.any(|it| std::ptr::eq(it.record(), replay)) && changed_at(later) < replay.at && at >= begun(replay)
    };
    let mut replays = ledger.causes.operations(Action::Replay, earlier.subject());
    replays.any(|replay| replay.at >= changed_at(earlier) && !concerns_later(replay.record()))
}

#[cfg(test)]
mod tests {
    use crate::record::Action;
    use crate::scenario::Scenario;

    /// Two changes of one instance; the first is answered like this at these seconds, the second arrives at 30.
    fn two(first: &[(i64, u16)]) -> Scenario {
        let mut scenario = Scenario::configured();
        scenario.change(10, "i-1", "a");
        scenario.change(11, "i-1", "b");
        for (at, status) in first {
            scenario.answered(*at, "i-1", "a", *status);
        }
        scenario.arrival(30, "i-1", "b");
        scenario.logged(11, "i-1", "b", "delivered");
        scenario
    }

    #[test]
    fn a_later_event_that_arrives_first_is_found() {
        let mut scenario = two(&[(31, 200)]);
        scenario.logged(10, "i-1", "a", "delivered");
        let found = scenario.sole_violation(super::RULE.id);
        assert_eq!(found.event.as_deref(), Some("i-1/b"));
        assert!(found.message.contains("event i-1/a of the same instance"), "{found}");
        assert!(found.message.contains("it arrived first at"), "{found}");
    }

    #[test]
    fn a_later_event_that_arrives_while_an_earlier_one_is_retried_is_found() {
        let mut scenario = two(&[(10, 500), (20, 500), (40, 200)]);
        scenario.logged(10, "i-1", "a", "delivered");
        assert!(scenario.sole_violation(super::RULE.id).message.contains("it was acknowledged at"));
    }

    #[test]
    fn a_later_event_that_passes_a_pending_one_is_found() {
        let mut scenario = two(&[]);
        scenario.logged(10, "i-1", "a", "pending");
        assert!(scenario.sole_violation(super::RULE.id).message.ends_with("it has not arrived"));
    }

    #[test]
    fn one_that_was_rejected_three_times_is_passed() {
        let mut scenario = two(&[(10, 422), (11, 422), (12, 422), (40, 200)]);
        scenario.logged(10, "i-1", "a", "delivered");
        scenario.is_clean();
        let mut scenario = two(&[(10, 422), (11, 422), (40, 200)]);
        scenario.logged(10, "i-1", "a", "delivered");
        assert_eq!(scenario.sole_violation(super::RULE.id).records.len(), 5);
    }

    #[test]
    fn one_that_failed_is_passed_and_may_be_replayed() {
        let mut scenario = two(&[(10, 500)]);
        scenario.logged(10, "i-1", "a", "failed");
        scenario.is_clean();
        let mut scenario = two(&[(10, 500), (50, 200)]);
        scenario.logged(10, "i-1", "a", "delivered");
        scenario.operation(45, Action::Replay);
        scenario.is_clean();
    }

    #[test]
    fn what_is_replayed_together_comes_in_order() {
        let mut scenario = two(&[(31, 200)]);
        scenario.logged(10, "i-1", "a", "delivered");
        scenario.operation(25, Action::Replay);
        scenario.sole_violation(super::RULE.id);
    }

    #[test]
    fn the_writers_numbers_count_more_than_the_lines() {
        let mut scenario = Scenario::configured();
        for (at, process, number) in [(11, "b", 2), (10, "a", 1)] {
            scenario.change(at, "i-1", process).number = Some(number);
        }
        for (at, process) in [(12, "a"), (13, "b")] {
            scenario.arrival(at, "i-1", process);
            scenario.logged(at, "i-1", process, "delivered");
        }
        scenario.is_clean();
    }
}
