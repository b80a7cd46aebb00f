//! A URL that is not configured is not called.

use super::Rule;
use crate::ledger::Ledger;
use crate::settings::later;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule {
    id: "never-after-removed",
    promise: "Nothing arrives at a URL that is not configured for the event type, or not any more.",
    check,
};

fn check(ledger: &Ledger<'_>) -> Vec<Violation> {
    let settings = &ledger.settings;
    let mut violations = Vec::new();
    for delivery in &ledger.deliveries {
        for arrival in &delivery.arrivals {
            let from = arrival.decided_from(settings);
            let to = later(arrival.at, settings.tolerance);
            let workspace = delivery.workspace.unwrap_or_default();
            if ledger.configuration.urls(workspace, arrival.event_type, from, to).ever.contains(delivery.url) {
                continue;
            }
            let event_type = arrival.event_type.as_str();
            let message = format!(
                "the URL is not configured for {event_type} in workspace {workspace:?} between {from} and {to}, so no such \
                 event was to arrive; one arrived at {}",
                arrival.at
            );
            violations.push(delivery.violation(RULE.id, message).records([arrival.source]));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use crate::scenario::{OTHER, Scenario, second};

    #[test]
    fn an_arrival_after_its_url_was_removed_is_found() {
        let mut scenario = Scenario::delivered();
        scenario.callbacks(100, &[OTHER]);
        scenario.change(99, "i-9", "a");
        scenario.arrival(120, "i-9", "a");
        scenario.logged(99, "i-9", "a", "delivered");
        assert_eq!(scenario.sole_violation(super::RULE.id).event.as_deref(), Some("i-9/a"));
    }

    #[test]
    fn what_was_in_flight_then_may_arrive() {
        let mut scenario = Scenario::delivered();
        scenario.callbacks(100, &[]);
        scenario.change(99, "i-9", "a");
        scenario.arrival(101, "i-9", "a");
        scenario.logged(99, "i-9", "a", "delivered");
        scenario.is_clean();
    }

    #[test]
    fn an_arrival_of_an_event_type_that_is_off_is_found() {
        let mut scenario = Scenario::configured();
        scenario.callbacks(1, &[super::super::super::scenario::URL]).updated.clear();
        scenario.deliver(30, "i-1", "a");
        scenario.is_clean();
        scenario.deliver(40, "i-1", "b");
        scenario.sole_violation(super::RULE.id);
    }

    #[test]
    fn what_began_after_the_removal_is_found_at_once() {
        let mut scenario = Scenario::delivered();
        scenario.callbacks(100, &[]);
        scenario.change(99, "i-9", "a");
        scenario.arrival(103, "i-9", "a").invoked = Some(second(100));
        scenario.logged(99, "i-9", "a", "delivered");
        scenario.is_clean();
        scenario.change(99, "i-8", "a");
        scenario.arrival(103, "i-8", "a").invoked = Some(second(101));
        scenario.logged(99, "i-8", "a", "delivered");
        scenario.sole_violation(super::RULE.id);
    }
}
