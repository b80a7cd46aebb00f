//! The log tells what happened.

use super::Rule;
use crate::delivery::Delivery;
use crate::history::Line;
use crate::ledger::Ledger;
use crate::record::{Arrival, Status};
use crate::settings::{earlier, later};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule {
    id: "log-agrees",
    promise: "The log says delivered exactly when the endpoint acknowledged, and lists only what was written.",
    check,
};

fn check(ledger: &Ledger<'_>) -> Vec<Violation> {
    let found = |it| [unknown(it), never_acknowledged(ledger, it), not_delivered(ledger, it)];
    ledger.deliveries.iter().flat_map(found).flatten().collect()
}

/// A row of a change that its writer does not know.
fn unknown(delivery: &Delivery<'_>) -> Option<Violation> {
    let row = delivery.logged.first().filter(|_| delivery.change.is_none())?;
    let message =
        format!("the log lists only what was written; it has a {} delivery of no change", row.status.as_str());
    Some(delivery.violation(RULE.id, message).records(delivery.logged_sources()))
}

/// A row that says delivered, of a delivery that no receiver acknowledged.
fn never_acknowledged(ledger: &Ledger<'_>, delivery: &Delivery<'_>) -> Option<Violation> {
    let says_so = delivery.is_logged_as(Status::Delivered) && ledger.settings.observes(delivery.url);
    if !says_so || delivery.acknowledged_at().is_some() {
        return None;
    }
    let message = format!(
        "the log says delivered, so an arrival was to be acknowledged; of {} arrivals none was",
        delivery.arrivals.len()
    );
    let sources = delivery.logged_sources().chain(delivery.arrival_sources());
    Some(delivery.violation(RULE.id, message).records(sources))
}

/// An acknowledgement that the log does not know.
fn not_delivered(ledger: &Ledger<'_>, delivery: &Delivery<'_>) -> Option<Violation> {
    delivery.change?;
    let settings = &ledger.settings;
    let read = earlier(ledger.log_read, settings.tolerance);
    // What was sent again after it has a later outcome, which counts.
    let last = delivery.arrivals.last().filter(|it| it.answer_surely_arrived(settings))?;
    let acknowledged_at = last.acknowledged_at().filter(|at| *at < read)?;
    let missing = delivery.logged.is_empty() && settings.log_is_complete;
    let row = delivery.logged.iter().find(|row| row.status != Status::Delivered);
    let written_by = later(acknowledged_at, settings.grace);
    let explained = match row {
        Some(_) => explained_until(ledger, delivery, last, ledger.log_read) || moved_here(ledger, delivery),
        None if missing => explained_until(ledger, delivery, last, written_by) || moved_away(ledger, delivery, last),
        None => true,
    };
    if explained {
        return None;
    }
    let seen = row.map_or("has no delivery".into(), |row| format!("says {}", row.status.as_str()));
    let message =
        format!("the endpoint acknowledged it at {acknowledged_at}, so the log was to say delivered; it {seen}");
    let sources = [last.source].into_iter().chain(delivery.logged_sources());
    Some(delivery.violation(RULE.id, message).records(sources))
}

/// Whether a fault or a replay since the arrival explains what the log says at that time.
fn explained_until(
    ledger: &Ledger<'_>,
    delivery: &Delivery<'_>,
    since: &Line<'_, Arrival>,
    at: jiff::Timestamp,
) -> bool {
    ledger.interrupted(delivery, since.at, at) || ledger.replayed(delivery.subject(), since.at, at)
}

/// Whether the row may be that of a URL that this one replaced, where it was not acknowledged: what was pending there came here.
fn moved_here(ledger: &Ledger<'_>, delivery: &Delivery<'_>) -> bool {
    let Some(change) = delivery.change else { return false };
    let ever = ledger.urls(change).ever;
    // What it acknowledged after this URL had replaced it came back there.
    let from = ledger.configuration.replaces_from(delivery.workspace.unwrap_or_default(), delivery.url);
    let was_pending = |it: &Delivery<'_>| {
        let mut before = it.arrivals.iter().rev().filter(|it| from.is_none_or(|from| it.at <= from));
        let last = before.find(|it| it.acknowledged_at().is_some());
        // Without its answer it is a failed attempt for those who sent it.
        let is_known = |last: &Line<'_, Arrival>| last.answer_surely_arrived(&ledger.settings);
        last.is_none_or(|last| !is_known(last) || explained_until(ledger, it, last, ledger.log_read))
    };
    let replaced = ledger.replaced_by(delivery, ledger.log_read);
    let mut there = replaced.into_iter().filter(|url| *url != delivery.url && ever.contains(url));
    there.any(|url| ledger.deliveries_of(change, url).all(was_pending))
}

/// Whether it was replayed, and its row then moved to a URL that replaced this one.
fn moved_away(ledger: &Ledger<'_>, delivery: &Delivery<'_>, since: &Line<'_, Arrival>) -> bool {
    let Some(change) = delivery.change else { return false };
    let successors = ledger.configuration.successors(delivery.workspace.unwrap_or_default(), delivery.url);
    let mut there = successors.into_iter().filter(|url| *url != delivery.url);
    ledger.replayed(delivery.subject(), since.at, ledger.log_read)
        && there.any(|url| ledger.deliveries_of(change, url).any(|it| !it.logged.is_empty()))
}

#[cfg(test)]
mod tests {
    use crate::record::{Action, FaultKind};
    use crate::scenario::{OTHER, Scenario, URL};

    #[test]
    fn a_row_of_a_change_that_was_not_written_is_found() {
        let mut scenario = Scenario::delivered();
        scenario.logged(60, "i-9", "invented", "pending");
        let found = scenario.sole_violation(super::RULE.id);
        assert!(found.message.contains("pending delivery of no change"), "{found}");
    }

    #[test]
    fn a_delivery_logged_as_delivered_that_never_arrived_is_found() {
        let mut scenario = Scenario::delivered();
        scenario.change(60, "i-9", "claimed");
        scenario.logged(60, "i-9", "claimed", "delivered");
        assert_eq!(scenario.sole_violation(super::RULE.id).event.as_deref(), Some("i-9/claimed"));
        scenario.settings.unobserved = vec![URL.into()];
        scenario.is_clean();
    }

    #[test]
    fn a_delivery_logged_as_delivered_that_was_only_rejected_is_found() {
        let mut scenario = Scenario::delivered();
        scenario.change(60, "i-9", "claimed");
        scenario.answered(60, "i-9", "claimed", 422);
        scenario.logged(60, "i-9", "claimed", "delivered");
        assert_eq!(scenario.sole_violation(super::RULE.id).records.len(), 2, "the row and the arrival");
    }

    #[test]
    fn an_acknowledged_delivery_that_is_pending_needs_a_fault() {
        let mut scenario = Scenario::delivered();
        scenario.change(99_900, "i-9", "left");
        scenario.arrival(99_900, "i-9", "left");
        scenario.logged(99_900, "i-9", "left", "pending");
        assert!(scenario.sole_violation(super::RULE.id).message.ends_with("it says pending"));
        scenario.fault(99_901, FaultKind::StoreWrite);
        scenario.is_clean();
    }

    #[test]
    fn an_acknowledged_delivery_without_a_row_needs_a_fault_then() {
        let mut scenario = Scenario::delivered();
        scenario.change(60, "i-9", "absent");
        scenario.arrival(60, "i-9", "absent");
        assert!(scenario.sole_violation(super::RULE.id).message.ends_with("it has no delivery"));
        scenario.fault(80, FaultKind::Kill);
        assert!(!scenario.check().is_empty(), "it was to be written long before");
        scenario.fault(61, FaultKind::Kill);
        scenario.is_clean();
    }

    #[test]
    fn an_answer_that_came_too_late_is_no_acknowledgement_for_the_log() {
        let mut scenario = Scenario::delivered();
        scenario.change(60, "i-9", "late");
        scenario.arrival(60, "i-9", "late").answer.as_mut().unwrap().at = crate::scenario::second(70);
        scenario.logged(60, "i-9", "late", "pending");
        scenario.is_clean();
    }

    #[test]
    fn a_replay_may_fail() {
        let mut scenario = Scenario::delivered();
        scenario.change(60, "i-9", "again");
        scenario.arrival(60, "i-9", "again");
        scenario.operation(70, Action::Replay);
        scenario.answered(71, "i-9", "again", 410);
        scenario.logged(60, "i-9", "again", "failed");
        scenario.is_clean();
    }

    #[test]
    fn what_a_replaced_url_left_may_fail_at_its_successor() {
        let moved = |replaced: bool, replayed: bool, (status, answered_at)| {
            let mut scenario = Scenario::configured();
            scenario.callbacks(1, &[URL, OTHER]);
            scenario.change(10, "i-1", "a");
            scenario.answered(10, "i-1", "a", status).answer.as_mut().unwrap().at =
                crate::scenario::second(answered_at);
            let arrival = scenario.arrival(10, "i-1", "a");
            (arrival.url, arrival.target, arrival.attempt) = (OTHER.into(), None, 1);
            if status == 200 && answered_at == 10 {
                scenario.logged(10, "i-1", "a", "delivered");
            }
            scenario.logged(10, "i-1", "a", "failed").url = OTHER.into();
            if replayed {
                scenario.operation(15, Action::Replay).url = Some(OTHER.into());
            }
            scenario.callbacks(20, &[URL]);
            if replaced {
                scenario.replaced(30);
            }
            scenario.check().into_iter().filter(|it| it.rule == super::RULE.id).count()
        };
        assert_eq!(moved(true, false, (500, 10)), 0);
        assert_eq!(moved(false, false, (500, 10)), 1);
        assert_eq!(moved(true, false, (200, 10)), 1, "nothing was pending there");
        assert_eq!(moved(true, true, (200, 10)), 0, "it was pending again");
        assert_eq!(moved(true, false, (200, 20)), 0, "its acknowledgement came too late there");
        assert_eq!(moved(false, false, (200, 20)), 1);
    }

    #[test]
    fn what_was_replayed_may_have_its_row_at_the_url_that_replaced_its_own() {
        let moved = |replayed: bool, row: &str| {
            let mut scenario = Scenario::configured();
            scenario.change(10, "i-1", "a");
            scenario.arrival(10, "i-1", "a");
            if replayed {
                scenario.operation(45, Action::Replay);
            }
            scenario.replaced(50);
            if !row.is_empty() {
                let arrival = scenario.arrival(60, "i-1", "a");
                (arrival.url, arrival.target, arrival.attempt) = (OTHER.into(), None, 2);
                scenario.logged(10, "i-1", "a", row).url = OTHER.into();
            }
            scenario.check().into_iter().filter(|it| it.rule == super::RULE.id).count()
        };
        assert_eq!(moved(true, "delivered"), 0);
        assert_eq!(moved(false, "delivered"), 1);
        assert_eq!(moved(true, ""), 1);
    }
}
