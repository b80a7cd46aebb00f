//! At least once, and never twice without a reason.

use super::Rule;
use crate::delivery::Delivery;
use crate::ledger::Ledger;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule {
    id: "duplicates-have-a-cause",
    promise: "A delivery that was acknowledged arrives again only after a fault, a late or lost answer, a replay, or as that of a \
              URL that this one replaced.",
    check,
};

fn check(ledger: &Ledger<'_>) -> Vec<Violation> {
    ledger.deliveries.iter().flat_map(|delivery| of_delivery(ledger, delivery)).collect()
}

fn of_delivery(ledger: &Ledger<'_>, delivery: &Delivery<'_>) -> Vec<Violation> {
    let of = delivery.subject();
    let mut violations = Vec::new();
    for again in &delivery.arrivals {
        let acknowledged = |it: &&crate::history::Line<'_, crate::record::Arrival>| {
            it.acknowledged_at().is_some_and(|at| at < again.at)
        };
        let Some(taken) = delivery.arrivals.iter().rfind(acknowledged) else { continue };
        let explained = !taken.answer_surely_arrived(&ledger.settings)
            || delivery.logged_without_answer(taken.attempt)
            || ledger.interrupted(delivery, taken.at, again.at)
            || ledger.replayed(of, taken.at, again.at)
            || ledger.moved(delivery, again.at);
        if explained {
            continue;
        }
        let message = format!(
            "it was acknowledged after it arrived at {}, so it was to arrive again only with a cause; it arrived again at \
             {} as attempt {}; {}",
            taken.at,
            again.at,
            again.attempt,
            ledger.causes.last_before(of, again.at)
        );
        violations.push(delivery.violation(RULE.id, message).records([taken.source, again.source]));
    }
    violations
}

#[cfg(test)]
mod tests {
    use crate::record::{Action, FaultKind, LoggedAttempt};
    use crate::scenario::{OTHER, Scenario, second};

    /// The last event arrives twice, two minutes apart.
    fn twice() -> Scenario {
        let mut scenario = Scenario::delivered();
        scenario.arrival(133, "i-1", "c");
        scenario
    }

    #[test]
    fn a_second_arrival_without_a_cause_is_found() {
        let found = twice().sole_violation(super::RULE.id);
        assert_eq!((found.event.as_deref(), found.records.len()), (Some("i-1/c"), 2));
    }

    #[test]
    fn each_fault_between_is_a_cause_but_unreachability() {
        use FaultKind::*;
        for kind in [Kill, GivenUpInvocation, LostAnswer, StoreWrite, RedeliveredBatch, ClocksApart] {
            let mut scenario = twice();
            scenario.fault(14, kind);
            scenario.is_clean();
        }
        let mut scenario = twice();
        scenario.fault(14, Unreachable);
        scenario.sole_violation(super::RULE.id);
    }

    #[test]
    fn a_fault_too_early_too_late_or_elsewhere_is_no_cause() {
        for at in [5, 60, 140] {
            let mut scenario = twice();
            scenario.fault(at, FaultKind::Kill);
            scenario.sole_violation(super::RULE.id);
        }
        let mut scenario = twice();
        scenario.fault(14, FaultKind::LostAnswer).url = Some(OTHER.into());
        scenario.sole_violation(super::RULE.id);
        let mut scenario = twice();
        scenario.fault(14, FaultKind::Kill);
        scenario.arrival(800, "i-1", "c");
        scenario.sole_violation(super::RULE.id);
    }

    #[test]
    fn a_batch_that_comes_again_after_a_kill_is_a_cause_though_a_drain_was_faster() {
        let repeated = |killed: i64| {
            let mut scenario = Scenario::configured();
            scenario.change(10, "i-1", "a");
            scenario.fault(killed, FaultKind::Kill);
            scenario.arrival(20, "i-1", "a");
            scenario.arrival(27, "i-1", "a");
            scenario.logged(10, "i-1", "a", "delivered");
            scenario
        };
        repeated(11).is_clean();
        let found = repeated(9).sole_violation(super::RULE.id);
        assert!(found.message.contains("the last fault before is Kill from"), "{found}");
    }

    #[test]
    fn an_answer_that_the_log_does_not_have_is_a_cause() {
        let mut scenario = twice();
        let attempts = vec![LoggedAttempt { number: 1, status: None }, LoggedAttempt { number: 2, status: Some(200) }];
        scenario.logged(13, "i-1", "c", "delivered").attempts = attempts;
        scenario.is_clean();
    }

    #[test]
    fn a_replay_and_a_late_answer_are_causes() {
        let mut scenario = twice();
        scenario.operation(100, Action::Replay);
        scenario.is_clean();
        let mut scenario = Scenario::configured();
        scenario.change(10, "i-1", "a");
        scenario.arrival(10, "i-1", "a").answer.as_mut().unwrap().at = second(20);
        scenario.arrival(21, "i-1", "a");
        scenario.logged(10, "i-1", "a", "delivered");
        scenario.is_clean();
    }

    #[test]
    fn what_was_pending_for_a_replaced_url_may_come_to_its_successor_again() {
        let both = |replaced: bool| {
            let mut scenario = Scenario::configured();
            scenario.callbacks(1, &[crate::scenario::URL, OTHER]);
            scenario.change(10, "i-1", "a");
            for at in [10, 60] {
                let arrival = scenario.arrival(at, "i-1", "a");
                (arrival.url, arrival.target) = (OTHER.into(), None);
            }
            scenario.logged(10, "i-1", "a", "delivered").url = OTHER.into();
            scenario.logged(10, "i-1", "a", "failed");
            if replaced {
                scenario.replaced(50);
            }
            scenario
        };
        both(true).is_clean();
        both(false).sole_violation(super::RULE.id);
    }
}
