//! Nothing is lost.

use super::Rule;
use crate::ledger::Ledger;
use crate::subscriptions::Asked;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule {
    id: "accounted-for",
    promise: "Each acknowledged change was acknowledged by every endpoint that was configured for it and asks for it, or \
              stands in the log.",
    check,
};

fn check(ledger: &Ledger<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (index, change) in ledger.changes.iter().enumerate() {
        if !change.acknowledged || change.at > ledger.log_read {
            continue;
        }
        let asked = |url: &&str| ledger.asked(index, url) == Asked::Yes;
        for url in ledger.urls(index).always.into_iter().filter(asked) {
            let kept = |it: &crate::delivery::Delivery<'_>| it.acknowledged_at().is_some() || !it.logged.is_empty();
            let urls = ledger.configuration.successors(&change.record().workspace, url);
            if urls.into_iter().any(|url| ledger.deliveries_of(index, url).any(kept)) {
                continue;
            }
            let arrived = ledger.deliveries_of(index, url).map(|it| it.arrivals.len()).sum::<usize>();
            let message = format!(
                "the change {} at {} is to be acknowledged by the endpoint or to stand in the log; it arrived {arrived} \
                 times without an acknowledgement, and the log has no delivery of it",
                change.event_type.as_str(),
                change.at,
            );
            let arrivals = ledger.deliveries_of(index, url).flat_map(|it| it.arrival_sources());
            let violation = Violation::new(RULE.id, message).endpoint(url).instance(&change.record().instance);
            violations.push(violation.records([change.source].into_iter().chain(arrivals)));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use crate::scenario::{OTHER, Scenario, URL, second};

    #[test]
    fn a_change_that_neither_arrives_nor_is_logged_is_lost() {
        let mut scenario = Scenario::delivered();
        scenario.change(60, "i-9", "lost");
        let found = scenario.sole_violation(super::RULE.id);
        assert_eq!((found.instance.as_deref(), found.endpoint.as_deref()), (Some("i-9"), Some(URL)));
        assert_eq!(found.records.len(), 1);
    }

    #[test]
    fn a_change_that_arrived_without_an_acknowledgement_and_is_not_logged_is_lost() {
        let mut scenario = Scenario::delivered();
        scenario.change(60, "i-9", "lost");
        scenario.arrival(60, "i-9", "lost").answer = None;
        assert_eq!(scenario.sole_violation(super::RULE.id).records.len(), 2, "the change and the arrival");
    }

    #[test]
    fn a_change_that_was_not_acknowledged_may_be_missing() {
        let mut scenario = Scenario::delivered();
        scenario.change(60, "i-9", "unknown").acknowledged = false;
        scenario.is_clean();
    }

    #[test]
    fn around_a_change_of_callbacks_an_event_may_go_either_way() {
        for (second, lost) in [(90, true), (97, false), (101, false)] {
            let mut scenario = Scenario::delivered();
            scenario.change(second, "i-9", "either");
            scenario.callbacks(100, &[]);
            assert_eq!(!scenario.check().is_empty(), lost, "written at {second}");
        }
    }

    #[test]
    fn what_is_pending_or_failed_and_listed_is_accounted_for() {
        for status in ["pending", "failed"] {
            let mut scenario = Scenario::delivered();
            scenario.change(60, "i-9", "listed");
            scenario.logged(60, "i-9", "listed", status);
            scenario.is_clean();
        }
    }

    #[test]
    fn what_a_url_that_replaces_another_acknowledges_is_accounted_for() {
        let mut scenario = Scenario::delivered();
        scenario.change(60, "i-9", "moved");
        scenario.replaced(70);
        scenario.sole_violation(super::RULE.id);
        let arrival = scenario.arrival(80, "i-9", "moved");
        (arrival.url, arrival.target) = (OTHER.into(), None);
        scenario.logged(60, "i-9", "moved", "delivered").url = OTHER.into();
        scenario.is_clean();
    }

    #[test]
    fn callbacks_that_were_not_acknowledged_may_count_or_not() {
        let mut scenario = Scenario::delivered();
        scenario.callbacks(30, &[]).acknowledged = false;
        scenario.change(60, "i-9", "either");
        scenario.is_clean();
        scenario.deliver(61, "i-8", "a");
        scenario.is_clean();
        scenario.callbacks(70, &[URL]);
        scenario.change(80, "i-9", "lost");
        scenario.sole_violation(super::RULE.id);
    }

    #[test]
    fn until_a_change_is_known_to_be_handled_its_callbacks_may_change() {
        let mut scenario = Scenario::delivered();
        scenario.change(60, "i-9", "lost").handled = Some(second(100));
        scenario.callbacks(90, &[]);
        scenario.is_clean();
        scenario.change(59, "i-8", "lost").handled = Some(second(80));
        scenario.sole_violation(super::RULE.id);
    }
}
