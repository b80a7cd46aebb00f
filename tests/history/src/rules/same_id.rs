//! One event, one id.

use std::collections::{BTreeMap, BTreeSet};

use super::Rule;
use crate::delivery::Delivery;
use crate::ledger::Ledger;
use crate::matching::Identity;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule {
    id: "same-id",
    promise: "Every attempt of a delivery carries the id of its event, and no two events share one.",
    check,
};

fn check(ledger: &Ledger<'_>) -> Vec<Violation> {
    let mut of_event: BTreeMap<&str, BTreeSet<Identity<'_>>> = BTreeMap::new();
    let mut of_identity: BTreeMap<Identity<'_>, BTreeSet<&str>> = BTreeMap::new();
    let arrivals = ledger.arrivals.iter().map(|it| (it.record().event.as_str(), it.record().identity()));
    let logged = ledger.logged.iter().map(|it| (it.record().event.as_str(), it.record().identity()));
    for (event, identity) in arrivals.chain(logged) {
        of_event.entry(event).or_default().insert(identity);
        of_identity.entry(identity).or_default().insert(event);
    }
    let mut changes: BTreeMap<Identity<'_>, usize> = BTreeMap::new();
    for change in &ledger.changes {
        *changes.entry(change.record().identity()).or_default() += 1;
    }
    let shared = of_event.iter().filter(|(_, identities)| identities.len() > 1);
    let shared = shared.map(|(event, identities)| {
        let message = format!("the id is one event's; it came with {}", listed(identities.iter().map(in_words)));
        with_records(ledger, Violation::new(RULE.id, message).event(event), |it| it.event == *event)
    });
    let many = of_identity.iter().filter_map(|(identity, events)| {
        let expected = *changes.get(identity)?;
        (events.len() > expected).then_some((identity, events, expected))
    });
    let many = many.map(|(identity, events, expected)| {
        let message = format!(
            "{} was written {expected} times, so it was to have so many ids; it came with {}",
            in_words(identity),
            listed(events.iter().map(ToString::to_string))
        );
        with_records(ledger, Violation::new(RULE.id, message).instance(identity.0), |it| events.contains(it.event))
    });
    shared.chain(many).collect()
}

fn with_records(ledger: &Ledger<'_>, violation: Violation, which: impl Fn(&Delivery<'_>) -> bool) -> Violation {
    let deliveries = ledger.deliveries.iter().filter(|it| which(it));
    violation.records(deliveries.flat_map(|it| it.arrival_sources().chain(it.logged_sources())))
}

fn in_words((instance, event_type, process): &Identity<'_>) -> String {
    format!("{} of instance {instance}, process {process}", event_type.as_str())
}

fn listed(values: impl Iterator<Item = String>) -> String {
    values.collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use crate::scenario::Scenario;

    #[test]
    fn a_retry_with_another_id_is_found() {
        let mut scenario = Scenario::configured();
        scenario.change(10, "i-1", "a");
        scenario.arrival(10, "i-1", "a").answer = None;
        let again = scenario.arrival(11, "i-1", "a");
        (again.event, again.attempt) = ("another".into(), 1);
        scenario.logged(10, "i-1", "a", "delivered").event = "another".into();
        let found = scenario.sole_violation(super::RULE.id);
        assert!(found.message.ends_with("came with another and i-1/a"), "{found}");
        assert_eq!(found.records.len(), 3);
    }

    #[test]
    fn two_events_with_one_id_are_found() {
        let mut scenario = Scenario::configured();
        for (at, process) in [(10, "a"), (20, "b")] {
            scenario.change(at, "i-1", process);
            scenario.arrival(at, "i-1", process).event = "shared".into();
        }
        scenario.logged(10, "i-1", "a", "delivered").event = "shared".into();
        let found: Vec<_> = scenario.check().into_iter().filter(|it| it.rule == super::RULE.id).collect();
        assert_eq!(found.iter().map(|it| it.event.as_deref()).collect::<Vec<_>>(), [Some("shared")]);
    }

    #[test]
    fn changes_that_are_alike_have_an_id_each() {
        let mut scenario = Scenario::configured();
        scenario.deliver(9, "i-1", "first");
        for (at, event) in [(10, "one"), (20, "two")] {
            scenario.change(at, "i-1", "a");
            let arrival = scenario.arrival(at, "i-1", "a");
            (arrival.event, arrival.attempt) = (event.into(), 1);
            scenario.logged(at, "i-1", "a", "delivered").event = event.into();
        }
        scenario.is_clean();
        scenario.arrival(30, "i-1", "a").event = "three".into();
        assert!(scenario.check().iter().any(|it| it.rule == super::RULE.id));
    }
}
