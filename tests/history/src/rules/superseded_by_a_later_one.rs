//! What is not sent because it is not the latest.

use super::Rule;
use crate::delivery::Delivery;
use crate::ledger::Ledger;
use crate::record::{Action, EventType, Status};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule {
    id: "superseded-by-a-later-one",
    promise: "Only an update is superseded, only at an endpoint that asks for the latest, and only while a later event of its \
              instance waits for the same endpoint, which is sent or stands in the log as anything else.",
    check,
};

fn check(ledger: &Ledger<'_>) -> Vec<Violation> {
    let superseded = ledger.deliveries.iter().filter(|it| it.is_logged_as(Status::Superseded));
    superseded.filter_map(|it| Some(violation(it, fault(ledger, it)?))).collect()
}

fn violation(delivery: &Delivery<'_>, fault: &str) -> Violation {
    let message = format!("the log says superseded; {fault}");
    delivery.violation(RULE.id, message).records(delivery.logged_sources())
}

/// Returns what is wrong with a superseded delivery. One of no change is another rule's matter.
fn fault(ledger: &Ledger<'_>, delivery: &Delivery<'_>) -> Option<&'static str> {
    let change = &ledger.changes[delivery.change?];
    if change.event_type != EventType::Updated {
        return Some("only an update may be");
    }
    if !asks_for_the_latest(ledger, delivery) {
        return Some("the endpoint asks for every event");
    }
    // What waits moves to a URL that replaces this one.
    let urls = ledger.configuration.successors(delivery.workspace.unwrap_or_default(), delivery.url);
    let later = |other: &&Delivery<'_>| {
        let is_same =
            (other.workspace, other.instance) == (delivery.workspace, delivery.instance) && urls.contains(other.url);
        is_same && other.change.is_some_and(|other| is_after(ledger, other, delivery.change))
    };
    let stands = |other: &Delivery<'_>| {
        !other.arrivals.is_empty() || other.logged.iter().any(|row| row.status != Status::Superseded)
    };
    match ledger.deliveries.iter().filter(later).any(stands) {
        true => None,
        false => Some("no later event of its instance is sent or stands in the log"),
    }
}

/// Whether the endpoint, or one that it replaced, was ever set to get the latest only.
pub(super) fn asks_for_the_latest(ledger: &Ledger<'_>, delivery: &Delivery<'_>) -> bool {
    let mut urls = ledger.replaced_by(delivery, ledger.log_read);
    urls.insert(delivery.url);
    let is_set = |url| {
        let subject = crate::causes::Subject { url, event: None, ..delivery.subject() };
        ledger.causes.operations(Action::Latest, subject).next().is_some()
    };
    urls.into_iter().any(is_set)
}

fn is_after(ledger: &Ledger<'_>, change: usize, other: Option<usize>) -> bool {
    let place = |index: usize| (ledger.changes[index].number, index);
    other.is_some_and(|other| place(change) > place(other))
}

#[cfg(test)]
mod tests {
    use crate::record::Action;
    use crate::scenario::{OTHER, Scenario};

    /// An instance is created, changed twice while its endpoint is paused, and the log says this of the first update.
    fn changed_twice(status: &str, action: Action) -> Scenario {
        let mut scenario = Scenario::configured();
        scenario.operation(1, action);
        scenario.deliver(10, "i-1", "a");
        scenario.change(20, "i-1", "b");
        scenario.logged(20, "i-1", "b", status);
        scenario.change(21, "i-1", "c");
        scenario
    }

    #[test]
    fn an_update_that_a_delivered_or_pending_one_supersedes_is_fine() {
        let mut scenario = changed_twice("superseded", Action::Latest);
        scenario.arrival(60, "i-1", "c");
        scenario.logged(21, "i-1", "c", "delivered");
        scenario.is_clean();
        let mut scenario = changed_twice("superseded", Action::Latest);
        scenario.logged(21, "i-1", "c", "pending");
        scenario.is_clean();
    }

    #[test]
    fn one_that_nothing_supersedes_is_found() {
        let mut scenario = changed_twice("superseded", Action::Latest);
        scenario.logged(21, "i-1", "c", "superseded");
        let found: Vec<_> = scenario.check().into_iter().map(|it| it.rule).collect();
        assert_eq!(found, [super::RULE.id, super::RULE.id], "the last one of all is never superseded");
    }

    #[test]
    fn one_at_an_endpoint_that_asks_for_every_event_is_found() {
        let mut scenario = changed_twice("superseded", Action::Every);
        scenario.logged(21, "i-1", "c", "pending");
        assert!(scenario.sole_violation(super::RULE.id).message.ends_with("asks for every event"));
        let mut scenario = changed_twice("superseded", Action::Latest);
        scenario.logged(21, "i-1", "c", "pending").url = OTHER.into();
        let found: Vec<_> = scenario.check().into_iter().map(|it| it.rule).collect();
        assert!(found.contains(&super::RULE.id), "the later one is another endpoint's: {found:?}");
    }

    #[test]
    fn a_creation_is_never_superseded() {
        let mut scenario = Scenario::configured();
        scenario.operation(1, Action::Latest);
        scenario.change(10, "i-1", "a");
        scenario.logged(10, "i-1", "a", "superseded");
        scenario.deliver(20, "i-1", "b");
        assert!(scenario.sole_violation(super::RULE.id).message.ends_with("only an update may be"));
    }
}
