//! No receiver delays another.

use super::Rule;
use crate::causes::Subject;
use crate::delivery::Delivery;
use crate::history::Line;
use crate::ledger::Ledger;
use crate::record::{Action, Arrival};
use crate::settings::{Settings, later};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule {
    id: "holds-bounded",
    promise: "The deliveries of a healthy endpoint arrive within the bound that the settings give, whatever others do.",
    check,
};

fn check(ledger: &Ledger<'_>) -> Vec<Violation> {
    let Some(bound) = ledger.settings.hold_bound else { return Vec::new() };
    let mut violations = Vec::new();
    let mut healthy = std::collections::HashMap::new();
    for (endpoint, arrivals) in ledger.by_endpoint() {
        healthy.insert(endpoint, healthy_until(ledger, endpoint, &arrivals));
    }
    for delivery in &ledger.deliveries {
        let (Some(change), Some(first)) = (delivery.change, delivery.arrivals.first()) else { continue };
        let change = &ledger.changes[change];
        let late = later(change.at, bound) < first.at;
        let was_healthy =
            healthy.get(&delivery.endpoint()).is_some_and(|until| until.is_none_or(|until| first.at < until));
        if late && was_healthy && !excused(ledger, delivery, first) {
            let took = first.at.duration_since(change.at);
            let message = format!("the endpoint is healthy, so it was to arrive within {bound:#}; it took {took:#}");
            violations.push(delivery.violation(RULE.id, message).records([change.source, first.source]));
        }
    }
    violations
}

/// Returns the time at which an endpoint misbehaved first, or was paused.
fn healthy_until(
    ledger: &Ledger<'_>,
    (workspace, url): crate::ledger::Endpoint<'_>,
    arrivals: &[Line<'_, Arrival>],
) -> Option<jiff::Timestamp> {
    let of = Subject { workspace, url, event: None };
    let paused = ledger.causes.operations(Action::Pause, of).map(|it| it.began.unwrap_or(it.at));
    let misbehaved = arrivals.iter().filter(|it| !behaves(it, &ledger.settings)).map(|it| it.at);
    paused.chain(misbehaved).min()
}

/// Whether the endpoint acknowledged this well within the hold.
fn behaves(arrival: &Arrival, settings: &Settings) -> bool {
    arrival.acknowledged_at().is_some_and(|at| at.duration_since(arrival.at) <= settings.hold)
}

/// Whether a fault since the change delays what is on its way, or what was written during it.
fn excused(ledger: &Ledger<'_>, delivery: &Delivery<'_>, first: &Arrival) -> bool {
    let change = delivery.change.map(|change| ledger.changes[change].at).unwrap_or(first.at);
    ledger.causes.faults(delivery.subject()).any(|fault| {
        let ended = fault.until.unwrap_or(fault.at);
        fault.at <= first.at && later(ended, ledger.settings.fault_reach) >= change
    })
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use crate::record::{Action, FaultKind};
    use crate::scenario::Scenario;

    /// The last event takes a minute to arrive.
    fn late() -> Scenario {
        let mut scenario = Scenario::delivered();
        scenario.settings.hold_bound = Some(SignedDuration::from_secs(1));
        scenario.change(20, "i-9", "late");
        scenario.arrival(80, "i-9", "late");
        scenario.logged(20, "i-9", "late", "delivered");
        scenario
    }

    #[test]
    fn a_delivery_of_a_healthy_endpoint_that_is_late_is_found() {
        let found = late().sole_violation(super::RULE.id);
        assert!(found.message.ends_with("within 1s; it took 1m 50ms"), "{found}");
        assert_eq!(found.records.len(), 2);
    }

    #[test]
    fn without_a_bound_nothing_is_late() {
        let mut scenario = late();
        scenario.settings.hold_bound = None;
        scenario.is_clean();
    }

    #[test]
    fn an_endpoint_that_missed_one_or_was_paused_or_a_fault_may_be_late() {
        let mut scenario = late();
        scenario.change(15, "i-8", "missed");
        scenario.answered(15, "i-8", "missed", 500);
        scenario.logged(15, "i-8", "missed", "pending");
        scenario.is_clean();
        let mut scenario = late();
        scenario.operation(15, Action::Pause);
        scenario.operation(79, Action::Resume);
        scenario.is_clean();
        let mut scenario = late();
        scenario.fault(21, FaultKind::Kill);
        scenario.is_clean();
    }
}
