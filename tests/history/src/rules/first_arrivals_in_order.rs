//! Order within an instance.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Rule;
use super::superseded_by_a_later_one::asks_for_the_latest;
use crate::causes::begun;
use crate::configuration::Counts;
use crate::delivery::Delivery;
use crate::history::Line;
use crate::ledger::Ledger;
use crate::outcome::Outcome;
use crate::record::{Action, EventType, Failed, FaultKind, Status};
use crate::settings::{self, Settings};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule {
    id: "first-arrivals-in-order",
    promise: "The events of an instance arrive at an endpoint in the order of its changes, each once those before it are \
              acknowledged; only what was rejected three times or replayed by hand is passed.",
    check,
};

fn check(ledger: &Ledger<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for ((workspace, _), life) in ledger.lives() {
        let urls: BTreeSet<_> = life.iter().flat_map(|change| ledger.urls(*change).ever).collect();
        for url in urls {
            let of = |counts| of_instance(ledger, workspace, &life, (url, counts));
            let mut found = of(Counts::All);
            // Of a request that was not acknowledged it is not known which of the two URLs counts: there is a fault if there
            // is one both ways.
            if !found.is_empty() {
                let certain = of(Counts::Acknowledged);
                found.retain(|it| certain.iter().any(|other| other.event == it.event));
            }
            violations.extend(found);
        }
    }
    violations
}

/// The deliveries of one event that count for an endpoint: its own, and those at the URLs that replaced its URL.
struct Passage<'a, 'h>(Vec<&'a Delivery<'h>>);

/// The deliveries of one instance to one endpoint, in the order of their changes: at most one violation each.
fn of_instance<'h>(
    ledger: &Ledger<'h>,
    workspace: &str,
    life: &[usize],
    (url, counts): (&'h str, Counts),
) -> Vec<Violation> {
    let (way, since) = ledger.configuration.way(workspace, url, counts);
    let is_since = |change: &&usize| since.is_none_or(|since| ledger.changes[**change].at > since);
    let passage = |change: &usize| Passage(way.iter().flat_map(|url| ledger.deliveries_of(*change, url)).collect());
    let passages: Vec<_> = life.iter().filter(is_since).map(|change| (*change, passage(change))).collect();
    // What is moved to a URL that replaces another one comes there in an order with what that one was to get.
    let replaces = !ledger.configuration.predecessors(workspace, url, Timestamp::MAX).is_empty();
    // A batch that comes again after a URL was added brings what came before that, too: it holds once it is there, until the
    // URL is removed.
    let may_hold = |change: usize, earlier: &Passage<'_, '_>, at: Timestamp| {
        let is_there = || earlier.first_at().is_none_or(|first| first <= at && earlier.stays(ledger, change, at));
        ledger.urls(change).always.contains(url) || !replaces && way.len() == 1 && is_there()
    };
    // What came to such a URL before it replaced this one came for its own sake.
    let is_of_the_way = |it: &Delivery<'_>, at: Timestamp| {
        it.url == url || ledger.configuration.replaces_from(workspace, it.url).is_some_and(|from| from <= at)
    };
    // Whatever lets later ones pass once does so for good, so only these are to be looked at again.
    let mut violations = Vec::new();
    for (index, (change, later)) in passages.iter().enumerate() {
        let arrivals = later.0.iter().filter_map(|it| {
            let first = it.arrivals.iter().find(|arrival| is_of_the_way(it, arrival.at));
            first.map(|first| (*it, first))
        });
        let Some((later, first)) = arrivals.min_by_key(|(_, first)| first.at) else { continue };
        // What was deferred, and moved here, goes on by itself.
        let replaced = ledger.configuration.predecessors(workspace, url, first.at);
        let moved =
            replaced.into_iter().filter(|old| !way.contains(old)).flat_map(|old| ledger.deliveries_of(*change, old));
        if Passage(moved.collect()).was_deferred(first.at, &ledger.settings) {
            continue;
        }
        let mut before = passages[..index].iter().rev().filter(|(change, it)| may_hold(*change, it, first.at));
        let Some((_, earlier)) = before.find(|(_, earlier)| earlier.is_overtaken(ledger, later, first.at)) else {
            continue;
        };
        let seen = match earlier.first_at() {
            None => "has not arrived".to_owned(),
            Some(at) if at > first.at => format!("arrived first at {at}"),
            Some(_) => match earlier.0.iter().filter_map(|it| it.acknowledged_at()).min() {
                Some(at) => format!("was acknowledged at {at}"),
                None => "was not acknowledged".into(),
            },
        };
        let event = earlier.0.first().map_or("", |it| it.event);
        let message = format!(
            "event {event} of the same instance was to be acknowledged before this one arrived at {}; it {seen}",
            first.at
        );
        let sources = earlier.0.iter().flat_map(|it| it.arrival_sources().chain(it.logged_sources()));
        violations.push(later.violation(RULE.id, message).records(sources.chain([first.source])));
    }
    violations
}

impl<'h> Passage<'_, 'h> {
    fn first_at(&self) -> Option<Timestamp> {
        self.0.iter().filter_map(|it| it.arrivals.first()).map(|it| it.at).min()
    }

    /// Whether its URL was configured from its last attempt to `at`: it was not given up in between.
    fn stays(&self, ledger: &Ledger<'h>, change: usize, at: Timestamp) -> bool {
        let before = self.0.iter().flat_map(|it| &it.arrivals).filter(|it| it.at <= at);
        let Some(last) = before.max_by_key(|it| it.at) else { return true };
        let (from, change) = (last.decided_from(&ledger.settings), &ledger.changes[change]);
        let urls = ledger.configuration.urls(&change.workspace, change.event_type, from, at);
        urls.always.contains(last.url.as_str())
    }

    /// Whether an event arrived at `at` though this earlier one still held its instance.
    fn is_overtaken(&self, ledger: &Ledger<'h>, later: &Delivery<'_>, at: Timestamp) -> bool {
        let is_kept = self.0.iter().any(|it| !it.arrivals.is_empty() || it.is_logged_as(Status::Pending));
        let replayed = || self.0.iter().any(|it| was_replayed(ledger, it, later, at));
        // When it was superseded is not known. That it was so rightly is another rule's matter.
        let superseded = || self.0.iter().any(|it| it.is_logged_as(Status::Superseded));
        let passed = || self.failed(ledger, at) || superseded() || self.came_again(ledger) || replayed();
        is_kept && !self.let_pass(at, &ledger.settings) && !passed()
    }

    /// Whether it may have been superseded, and came only when the stream repeated its batch, or as what was pending for a URL
    /// that this one replaced: then nothing waits for it.
    fn came_again(&self, ledger: &Ledger<'h>) -> bool {
        let is_repeated = |it: &Delivery<'h>| {
            ledger.causes.faults(it.subject()).any(|fault| fault.fault == FaultKind::RedeliveredBatch)
        };
        let came_again = |it: &Delivery<'h>| is_repeated(it) || ledger.moved(it, ledger.log_read);
        let is_update = |it: &&Delivery<'h>| {
            it.change.is_some_and(|change| ledger.changes[change].event_type == EventType::Updated)
        };
        let mut updates = self.0.iter().copied().filter(is_update);
        updates.any(|it| asks_for_the_latest(ledger, it) && came_again(it))
    }

    /// Whether later events of the instance could go on at `at`: it was acknowledged, deferred, or its endpoint gone.
    fn let_pass(&self, at: Timestamp, settings: &Settings) -> bool {
        let done = |outcome: Outcome| matches!(outcome, Outcome::Acknowledged | Outcome::Gone);
        self.was_deferred(at, settings) || self.ended(at, settings).any(done)
    }

    /// Whether it was rejected so often until `at` that it was deferred.
    fn was_deferred(&self, at: Timestamp, settings: &Settings) -> bool {
        let rejections = self.ended(at, settings).filter(|outcome| *outcome == Outcome::Rejected).count();
        rejections >= settings.rejections_to_defer
    }

    /// Returns the outcomes of the attempts that have ended by `at`.
    fn ended(&self, at: Timestamp, settings: &Settings) -> impl Iterator<Item = Outcome> {
        let (by, arrivals) = (settings::later(at, settings.tolerance), self.0.iter().flat_map(|it| &it.arrivals));
        arrivals.filter(move |it| it.ended_at_the_earliest() <= by).map(|it| it.outcome())
    }

    /// Whether it had failed, and so held nothing. If only the log says that, it does not say since when. One that fails by its
    /// last attempt does so before that is recorded.
    fn failed(&self, ledger: &Ledger<'h>, at: Timestamp) -> bool {
        let is_mine = |it: &&Line<'h, Failed>| self.0.iter().any(|own| (own.url, own.event) == (&it.url, &it.event));
        match ledger.failed.iter().filter(is_mine).map(|it| it.at).min() {
            Some(since) => {
                since <= settings::later(at, ledger.settings.tolerance) || self.expired(&ledger.settings, at)
            }
            None => self.0.iter().any(|it| it.is_logged_as(Status::Failed)),
        }
    }

    /// Whether its last attempt ended by `at`, and so long after the first one that it is given up.
    fn expired(&self, settings: &Settings, at: Timestamp) -> bool {
        let by = settings::later(at, settings.tolerance);
        let arrivals = || self.0.iter().flat_map(|it| &it.arrivals);
        let (Some(first), Some(last)) = (self.first_at(), arrivals().max_by_key(|it| it.at)) else { return false };
        let ended = last.ended_at_the_earliest();
        ended <= by && ended >= settings::later(first, settings.deferred_expiry)
    }
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
    use crate::record::{Action, EventType};
    use crate::scenario::{OTHER, Scenario, URL};

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

    /// `OTHER` misses the first event, and replaces `URL`, which has answered the second one so.
    fn moved(statuses: &[u16]) -> bool {
        let mut scenario = Scenario::configured();
        scenario.callbacks(1, &[URL, OTHER]);
        scenario.change(10, "i-1", "a");
        scenario.change(11, "i-1", "b");
        scenario.answered(10, "i-1", "a", 200);
        let own = scenario.answered(10, "i-1", "a", 503);
        (own.url, own.target) = (OTHER.into(), None);
        for (at, status) in (11..).zip(statuses) {
            scenario.answered(at, "i-1", "b", *status);
        }
        scenario.replaced(60);
        for (at, process) in [(61, "b"), (62, "a")] {
            let own = scenario.answered(at, "i-1", process, 200);
            (own.url, own.target) = (OTHER.into(), None);
        }
        scenario.check().iter().any(|it| it.rule == super::RULE.id)
    }

    #[test]
    fn what_was_deferred_and_moved_to_another_url_has_no_order_there() {
        assert!(!moved(&[422, 422, 422]));
        assert!(moved(&[503, 503, 503]), "what waited for a retry has one");
    }

    #[test]
    fn an_update_that_was_superseded_may_come_again_after_the_later_one_with_what_a_url_replaced() {
        let came_late = |event_types: [EventType; 2]| {
            let mut scenario = Scenario::configured();
            scenario.operation(1, Action::Latest).url = Some(OTHER.into());
            scenario.callbacks(2, &[URL, OTHER]);
            for (at, process, event_type) in [(10, "a", event_types[0]), (11, "b", event_types[1])] {
                scenario.change(at, "i-1", process).event_type = event_type;
            }
            let own = scenario.answered(30, "i-1", "b", 200);
            (own.url, own.target) = (OTHER.into(), None);
            scenario.replaced(60);
            let own = scenario.answered(61, "i-1", "a", 200);
            (own.url, own.target) = (OTHER.into(), None);
            scenario.check().iter().any(|it| it.rule == super::RULE.id)
        };
        assert!(!came_late([EventType::Updated, EventType::Updated]));
        assert!(came_late([EventType::Created, EventType::Updated]), "a creation is never superseded");
    }

    #[test]
    fn a_later_event_that_passes_a_pending_one_is_found() {
        let mut scenario = two(&[]);
        scenario.logged(10, "i-1", "a", "pending");
        assert!(scenario.sole_violation(super::RULE.id).message.ends_with("it has not arrived"));
    }

    #[test]
    fn what_came_to_a_url_before_it_replaced_another_is_not_in_order_with_what_waited_there() {
        let replaced = |at: i64| {
            let mut scenario = Scenario::configured();
            scenario.change(10, "i-1", "a");
            scenario.callbacks(15, &[URL, OTHER]);
            scenario.change(20, "i-1", "b");
            let own = scenario.answered(21, "i-1", "b", 200);
            (own.url, own.target) = (OTHER.into(), None);
            scenario.replaced(at);
            let moved = scenario.answered(60, "i-1", "a", 200);
            (moved.url, moved.target) = (OTHER.into(), None);
            for (at, process) in [(10, "a"), (20, "b")] {
                scenario.logged(at, "i-1", process, "delivered").url = OTHER.into();
            }
            scenario
        };
        replaced(50).is_clean();
        replaced(18).sole_violation(super::RULE.id);
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

    /// As [`two`], with `OTHER` in the place of `URL` when the second arrives there.
    fn replaced(first: &[(i64, u16)]) -> Scenario {
        let mut scenario = Scenario::configured();
        scenario.change(10, "i-1", "a");
        scenario.replaced(20);
        scenario.change(29, "i-1", "b");
        for (at, status) in first {
            let arrival = scenario.answered(*at, "i-1", "a", *status);
            if *at > 20 {
                (arrival.url, arrival.target) = (OTHER.into(), None);
            }
        }
        let arrival = scenario.arrival(30, "i-1", "b");
        (arrival.url, arrival.target) = (OTHER.into(), None);
        for (at, process) in [(10, "a"), (29, "b")] {
            scenario.logged(at, "i-1", process, "delivered").url = OTHER.into();
        }
        scenario
    }

    #[test]
    fn what_was_pending_for_a_replaced_url_is_not_passed_at_its_successor() {
        replaced(&[(25, 200)]).is_clean();
        replaced(&[(11, 500), (25, 200)]).is_clean();
        let found = replaced(&[(11, 500), (40, 200)]).sole_violation(super::RULE.id);
        assert_eq!((found.event.as_deref(), found.endpoint.as_deref()), (Some("i-1/b"), Some(OTHER)));
    }

    #[test]
    fn a_url_that_perhaps_replaced_another_one_may_have_its_own_events() {
        let perhaps = |acknowledged| {
            let mut scenario = Scenario::configured();
            scenario.change(10, "i-1", "a");
            scenario.replacing(20, acknowledged);
            scenario.callbacks(25, &[OTHER]);
            scenario.change(29, "i-1", "b");
            for at in [11, 22] {
                scenario.answered(at, "i-1", "a", 500);
            }
            let arrival = scenario.arrival(30, "i-1", "b");
            (arrival.url, arrival.target) = (OTHER.into(), None);
            scenario.logged(10, "i-1", "a", "failed");
            scenario.failed(40, "i-1", "a");
            scenario.logged(29, "i-1", "b", "delivered").url = OTHER.into();
            scenario
        };
        perhaps(false).is_clean();
        let found = perhaps(true).check();
        assert!(found.iter().any(|it| it.rule == super::RULE.id), "{found:?}");
    }

    #[test]
    fn what_failed_later_was_pending_before() {
        let failed = |at| {
            let mut scenario = two(&[(10, 500)]);
            scenario.logged(10, "i-1", "a", "failed");
            scenario.failed(at, "i-1", "a");
            scenario
        };
        failed(30).is_clean();
        failed(31).sole_violation(super::RULE.id);
    }

    #[test]
    fn what_came_before_its_url_was_added_may_come_late_with_a_batch_that_comes_again() {
        let added = |second, first: &[(i64, u16)]| {
            let mut scenario = two(first);
            scenario.logged(10, "i-1", "a", "delivered");
            scenario.callbacks(second - 5, &[]);
            scenario.callbacks(second, &[crate::scenario::URL]);
            scenario
        };
        added(11, &[(40, 200)]).is_clean();
        added(9, &[(40, 200)]).sole_violation(super::RULE.id);
        let mut arrived = added(11, &[(12, 500), (40, 200)]);
        arrived.settings.grace = jiff::SignedDuration::ZERO;
        arrived.sole_violation(super::RULE.id);
    }

    #[test]
    fn what_came_before_its_url_was_added_is_passed_once_that_was_removed() {
        let removed = |last, invoked: Option<i64>| {
            let mut scenario = two(&[]);
            scenario.answered(12, "i-1", "a", 500);
            scenario.answered(last, "i-1", "a", 500).invoked = invoked.map(crate::scenario::second);
            scenario.logged(10, "i-1", "a", "delivered");
            scenario.arrival(40, "i-1", "a");
            for (second, urls) in
                [(6, &[][..]), (11, &[crate::scenario::URL]), (15, &[]), (16, &[crate::scenario::URL])]
            {
                scenario.callbacks(second, urls);
            }
            scenario
        };
        removed(13, None).is_clean();
        removed(17, Some(14)).is_clean();
        removed(17, Some(17)).sole_violation(super::RULE.id);
    }

    #[test]
    fn one_that_fails_by_its_last_attempt_does_so_before_that_is_recorded() {
        let expired = |expiry, last| {
            let mut scenario = two(&[(10, 500), (last, 500)]);
            scenario.settings.deferred_expiry = jiff::SignedDuration::from_secs(expiry);
            scenario.logged(10, "i-1", "a", "failed");
            scenario.failed(31, "i-1", "a");
            scenario
        };
        expired(19, 29).is_clean();
        expired(20, 29).sole_violation(super::RULE.id);
        expired(19, 31).sole_violation(super::RULE.id);
    }
}
