//! What an endpoint does not ask for.

use super::Rule;
use crate::delivery::Delivery;
use crate::ledger::Ledger;
use crate::subscriptions::Asked;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule {
    id: "only-what-is-asked-for",
    promise: "Nothing arrives at an endpoint or stands in its log that it does not ask for.",
    check,
};

fn check(ledger: &Ledger<'_>) -> Vec<Violation> {
    let is_unasked = |it: &&Delivery<'_>| it.change.is_some_and(|change| ledger.asked(change, it.url) == Asked::No);
    let violation = |it: &Delivery<'_>| {
        let message = "the endpoint does not ask for this change".to_owned();
        it.violation(RULE.id, message).records(it.arrival_sources().chain(it.logged_sources()))
    };
    ledger.deliveries.iter().filter(is_unasked).map(violation).collect()
}

#[cfg(test)]
mod tests {
    use crate::scenario::Scenario;

    /// An instance is created, and its status becomes `b`, while the endpoint asks for this.
    fn changed(changed: &[&str], conditions: &[(&str, &[&str])]) -> Scenario {
        let mut scenario = Scenario::configured();
        scenario.asks(1, changed, conditions);
        scenario.deliver(10, "i-1", "a");
        let update = scenario.change(20, "i-1", "b");
        (update.attributes, update.changed) = ([("status".into(), "b".into())].into(), ["status".into()].into());
        scenario
    }

    #[test]
    fn what_is_asked_for_has_to_arrive() {
        let mut scenario = changed(&["status"], &[]);
        assert_eq!(scenario.sole_violation("accounted-for").event.as_deref(), None);
        scenario.arrival(20, "i-1", "b");
        scenario.logged(20, "i-1", "b", "delivered");
        scenario.is_clean();
    }

    #[test]
    fn what_is_not_asked_for_must_not_arrive() {
        for (attributes, conditions) in [(&["other"][..], &[][..]), (&[], &[("status", &["a", "c"][..])])] {
            let mut scenario = Scenario::configured();
            scenario.deliver(10, "i-1", "a");
            scenario.asks(15, attributes, conditions);
            let update = scenario.change(20, "i-1", "b");
            (update.attributes, update.changed) = ([("status".into(), "b".into())].into(), ["status".into()].into());
            scenario.is_clean();
            scenario.arrival(20, "i-1", "b");
            scenario.logged(20, "i-1", "b", "delivered");
            scenario.sole_violation(super::RULE.id);
        }
    }

    #[test]
    fn at_about_the_time_of_a_change_of_settings_either_is_right() {
        let mut scenario = changed(&[], &[]);
        scenario.asks(20, &["other"], &[]);
        scenario.is_clean();
        scenario.arrival(20, "i-1", "b");
        scenario.logged(20, "i-1", "b", "delivered");
        scenario.is_clean();
    }
}
