//! A failing endpoint costs one probe a step.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::Rule;
use crate::causes::Subject;
use crate::history::{Line, Source};
use crate::ledger::{Endpoint, Ledger};
use crate::outcome::Outcome;
use crate::record::{Action, Arrival};
use crate::settings::later;
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule {
    id: "one-probe-a-step",
    promise: "An endpoint that missed 5 different deliveries in a row, or one for a day, is sent at most one probe a backoff \
              step until it acknowledges one or is resumed.",
    check,
};

fn check(ledger: &Ledger<'_>) -> Vec<Violation> {
    let of_endpoint = |(endpoint, arrivals): (Endpoint<'_>, Vec<Line<'_, Arrival>>)| {
        let mut watch = Watch::new(ledger, endpoint);
        for (at, moment) in moments(ledger, endpoint, &arrivals) {
            watch.see(at, moment);
        }
        watch.violations
    };
    ledger.by_endpoint().into_iter().flat_map(of_endpoint).collect()
}

/// What happens at an endpoint.
enum Moment<'a, 'h> {
    /// Its URL was added or removed: what was known of it is forgotten, and attempts of before need not count any more.
    Begins,
    /// An administrator restarts the steps, or a fault may have cost what was known of the endpoint.
    StartsOver,
    /// An attempt ended.
    Ended(&'a Line<'h, Arrival>),
    /// An attempt arrived.
    Arrived(&'a Line<'h, Arrival>),
}

/// In time; what happens at the same time in the order of the variants.
fn moments<'a, 'h>(
    ledger: &Ledger<'h>,
    (workspace, url): Endpoint<'_>,
    arrivals: &'a [Line<'h, Arrival>],
) -> Vec<(Timestamp, Moment<'a, 'h>)> {
    let of = Subject { workspace, url, event: None };
    let resumed = [Action::Resume, Action::Probe, Action::Replay]
        .into_iter()
        .flat_map(|action| ledger.causes.operations(action, of));
    let resumed = resumed.flat_map(|it| [it.began.unwrap_or(it.at), it.at]);
    let faults = ledger.causes.faults(of).filter(|it| it.fault.sends_again());
    let faults = faults.flat_map(|it| [it.at, it.until.unwrap_or(it.at)]);
    let beginnings = ledger.configuration.beginnings(workspace.unwrap_or_default(), url);
    let mut moments: Vec<_> = beginnings.map(|at| (at, Moment::Begins)).collect();
    moments.extend(resumed.chain(faults).map(|at| (at, Moment::StartsOver)));
    let ended = |it: &'a Line<'h, Arrival>| (it.ended_at_the_latest(&ledger.settings), Moment::Ended(it));
    moments.extend(arrivals.iter().map(ended));
    moments.extend(arrivals.iter().map(|it| (it.at, Moment::Arrived(it))));
    moments.sort_by_key(|(at, moment)| {
        let order = match moment {
            Moment::Begins => 0,
            Moment::StartsOver => 1,
            Moment::Ended(_) => 2,
            Moment::Arrived(_) => 3,
        };
        (*at, order)
    });
    moments
}

/// What is known of an endpoint at a moment.
struct Watch<'a, 'h> {
    ledger: &'a Ledger<'h>,
    endpoint: Endpoint<'a>,
    /// When its URL was added or removed last.
    begun: Timestamp,
    /// Events missed since the last acknowledgement, and where.
    missed: BTreeSet<&'h str>,
    rejected: BTreeSet<&'h str>,
    /// Events missed since then, each with the end of its first attempt. One that was ever rejected is not among them: it fails
    /// by itself.
    missed_since: BTreeMap<&'h str, Timestamp>,
    ever_rejected: BTreeSet<&'h str>,
    evidence: Vec<&'h Source>,
    failing: Option<Failing<'h>>,
    violations: Vec<Violation>,
}

struct Failing<'h> {
    /// From then on every arrival is a probe; before, attempts may arrive that were decided earlier.
    probes_from: Timestamp,
    /// Pause that the endpoint asked for with its last answer.
    asked: SignedDuration,
    /// The last probe.
    last: Option<Line<'h, Arrival>>,
    /// Number of probes so far.
    probes: usize,
    /// Arrivals so far that came before their step.
    early: usize,
}

impl<'a, 'h> Watch<'a, 'h> {
    fn new(ledger: &'a Ledger<'h>, endpoint: Endpoint<'a>) -> Self {
        let [missed, rejected, ever_rejected] = [const { BTreeSet::new() }; 3];
        let (missed_since, evidence, violations) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self {
            ledger,
            endpoint,
            begun: Timestamp::MIN,
            missed,
            rejected,
            missed_since,
            ever_rejected,
            evidence,
            failing: None,
            violations,
        }
    }

    fn see(&mut self, at: Timestamp, moment: Moment<'_, 'h>) {
        match moment {
            Moment::Begins => {
                self.begun = at;
                self.start_over();
            }
            Moment::StartsOver => self.start_over(),
            Moment::Ended(arrival) => self.ended(arrival),
            Moment::Arrived(arrival) => self.arrived(arrival),
        }
    }

    fn start_over(&mut self) {
        self.missed.clear();
        self.rejected.clear();
        self.missed_since.clear();
        self.evidence.clear();
        self.failing = None;
    }

    fn ended(&mut self, arrival: &Line<'h, Arrival>) {
        let settings = &self.ledger.settings;
        let event = arrival.record().event.as_str();
        let acknowledged = arrival.outcome() == Outcome::Acknowledged;
        if arrival.outcome() == Outcome::Missed && self.ended_unseen(arrival)
            || !acknowledged && arrival.at < self.begun
        {
            return;
        }
        let ended = arrival.ended_at_the_latest(settings);
        let mut too_long = false;
        match arrival.outcome() {
            Outcome::Rejected => _ = self.ever_rejected.insert(event),
            Outcome::Missed if !self.ever_rejected.contains(event) => {
                let since = *self.missed_since.entry(event).or_insert(ended);
                too_long = ended >= later(since, settings.deferred_expiry + settings.tolerance);
            }
            _ => {}
        }
        let mut asked = None;
        match arrival.outcome() {
            Outcome::Acknowledged | Outcome::Gone => return self.start_over(),
            // Only first attempts are evidence.
            Outcome::Rejected if arrival.attempt == 1 => _ = self.rejected.insert(event),
            Outcome::Missed | Outcome::Throttled(_) if arrival.attempt == 1 => _ = self.missed.insert(event),
            _ => {}
        }
        if let Outcome::Throttled(Some(pause)) = arrival.outcome()
            && arrival.answer_surely_arrived(settings)
        {
            asked = Some(pause.min(settings.max_retry_after));
        }
        let many = self.missed.len() >= settings.misses_to_fail || self.rejected.len() >= settings.rejections_to_fail;
        if let Some(failing) = &mut self.failing {
            failing.asked = asked.unwrap_or_default();
        } else if many || too_long || asked.is_some() {
            let probes_from = later(ended, settings.grace);
            self.failing =
                Some(Failing { probes_from, asked: asked.unwrap_or_default(), last: None, probes: 0, early: 0 });
        }
        self.evidence.push(arrival.source);
    }

    /// Whether a fault ended its sender before the attempt itself ended.
    fn ended_unseen(&self, arrival: &Line<'h, Arrival>) -> bool {
        let (workspace, url) = self.endpoint;
        let ended = arrival.ended_at_the_latest(&self.ledger.settings);
        let of = Subject { workspace, url, event: Some(&arrival.record().event) };
        let mut faults = self.ledger.causes.faults(of).filter(|it| it.fault.sends_again());
        faults.any(|it| (arrival.at..=ended).contains(&it.at))
    }

    fn arrived(&mut self, arrival: &Line<'h, Arrival>) {
        let settings = &self.ledger.settings;
        let Some(failing) = self.failing.as_mut().filter(|it| arrival.at > it.probes_from) else { return };
        let Some(last) = failing.last.replace(*arrival) else {
            failing.probes = 1;
            return;
        };
        if last.may_be_resent_as(arrival) {
            return;
        }
        // At least so many probes failed before; there may have been others before the first that is counted.
        let step = settings.shortest_step(failing.probes).max(failing.asked);
        let pause = arrival.at.duration_since(last.ended_at_the_earliest());
        failing.probes += 1;
        let is_early = pause + settings.tolerance < step;
        failing.early += usize::from(is_early);
        if is_early && failing.early > settings.decided_before {
            let message = format!(
                "{} deliveries were missed and {} rejected in a row, so the next probe was to come {step:#} after the last; \
                 it came {pause:#} after it",
                self.missed.len(),
                self.rejected.len()
            );
            let sources = self.evidence.iter().copied().take(3).chain([last.source, arrival.source]);
            let violation =
                Violation::new(RULE.id, message).endpoint(self.endpoint.1).instance(&arrival.record().instance);
            self.violations.push(violation.event(&arrival.record().event).records(sources));
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use crate::record::{Action, FaultKind};
    use crate::scenario::Scenario;

    /// Five events are missed at 10 to 14. The first one is attempted again at these seconds, and misses.
    fn failing(probes: &[i64]) -> Scenario {
        let mut scenario = Scenario::configured();
        for number in 0..5 {
            let instance = format!("i-{number}");
            scenario.change(10 + number, &instance, "a");
            scenario.answered(10 + number, &instance, "a", 503);
            scenario.logged(10 + number, &instance, "a", "pending");
        }
        for probe in probes {
            scenario.answered(*probe, "i-0", "a", 503);
        }
        scenario
    }

    #[test]
    fn a_probe_that_comes_before_its_step_is_found() {
        failing(&[19, 50, 180, 800]).is_clean();
        let found = failing(&[19, 50, 75, 800]).sole_violation(super::RULE.id);
        assert!(found.message.contains("5 deliveries were missed"), "{found}");
        assert!(found.message.contains("it came 24s 990ms after it"), "{found}");
        assert_eq!(found.event.as_deref(), Some("i-0/a"));
    }

    #[test]
    fn what_was_decided_before_may_come_late_once() {
        let mut scenario = failing(&[40, 41, 42]);
        scenario.settings.decided_before = 2;
        scenario.is_clean();
        scenario.answered(43, "i-0", "a", 503);
        scenario.sole_violation(super::RULE.id);
    }

    #[test]
    fn the_steps_grow() {
        failing(&[40, 71, 192, 793]).is_clean();
        failing(&[40, 71, 150]).sole_violation(super::RULE.id);
    }

    #[test]
    fn four_misses_are_no_evidence() {
        let mut scenario = failing(&[19, 50, 75]);
        scenario.settings.misses_to_fail = 6;
        scenario.is_clean();
    }

    #[test]
    fn an_acknowledgement_a_resume_or_a_kill_starts_over() {
        let mut scenario = failing(&[40, 75]);
        scenario.deliver(200, "i-9", "a");
        for at in [201, 202] {
            scenario.answered(at, "i-0", "a", 503);
        }
        scenario.is_clean();
        let mut scenario = failing(&[40, 75, 77]);
        scenario.operation(76, Action::Resume);
        scenario.is_clean();
        let mut scenario = failing(&[40, 75, 77]);
        scenario.fault(76, FaultKind::Kill);
        scenario.is_clean();
    }

    #[test]
    fn an_endpoint_whose_url_is_removed_and_added_again_is_a_new_one() {
        let added = |acknowledged| {
            let mut scenario = failing(&[40, 75, 77]);
            scenario.callbacks(75, &[]).acknowledged = acknowledged;
            scenario.callbacks(76, &[crate::scenario::URL]);
            scenario
        };
        added(true).is_clean();
        added(false).is_clean();
        let mut scenario = failing(&[40, 75, 77]);
        scenario.callbacks(76, &[crate::scenario::URL, crate::scenario::OTHER]);
        scenario.sole_violation(super::RULE.id);
        let mut scenario = failing(&[40, 75, 77, 79]);
        scenario.callbacks(75, &[]);
        scenario.callbacks(76, &[crate::scenario::URL]);
        for at in 0..5 {
            let instance = format!("i-1{at}");
            scenario.change(80 + at, &instance, "a");
            scenario.answered(80 + at, &instance, "a", 503);
            scenario.logged(80 + at, &instance, "a", "pending");
        }
        scenario.is_clean();
        for at in [110, 111] {
            scenario.answered(at, "i-10", "a", 503);
        }
        scenario.sole_violation(super::RULE.id);
    }

    #[test]
    fn a_removal_of_which_the_outcome_is_not_known_may_count_until_the_next_that_is() {
        let removed = |known| {
            let mut scenario = failing(&[40, 91, 93]);
            scenario.callbacks(0, &[]).acknowledged = false;
            scenario.callbacks(1, &[crate::scenario::URL]).acknowledged = known;
            scenario.callbacks(92, &[crate::scenario::URL]);
            scenario
        };
        removed(false).is_clean();
        removed(true).sole_violation(super::RULE.id);
    }

    #[test]
    fn what_was_in_flight_when_its_url_was_added_is_no_evidence() {
        let hanging = |added| {
            let mut scenario = failing(&[60, 61]);
            for arrival in scenario.arrivals().filter(|it| it.attempt == 1) {
                arrival.answer = None;
            }
            scenario.callbacks(added - 1, &[]);
            scenario.callbacks(added, &[crate::scenario::URL]);
            scenario
        };
        hanging(15).is_clean();
        hanging(9).sole_violation(super::RULE.id);
    }

    #[test]
    fn rejections_and_a_pause_that_was_asked_for_count_too() {
        let mut scenario = failing(&[]);
        scenario.settings.rejections_to_fail = 2;
        for (at, instance) in [(16, "i-7"), (17, "i-8")] {
            scenario.change(at, instance, "a");
            scenario.answered(at, instance, "a", 422);
            scenario.logged(at, instance, "a", "pending");
        }
        scenario.settings.misses_to_fail = 6;
        for at in [40, 45] {
            scenario.answered(at, "i-0", "a", 503);
        }
        scenario.sole_violation(super::RULE.id);

        let mut scenario = failing(&[]);
        for (at, asked) in [(40, 300), (100, 0)] {
            let answer = scenario.answered(at, "i-0", "a", 503).answer.as_mut().unwrap();
            answer.retry_after = Some(SignedDuration::from_secs(asked));
        }
        assert!(scenario.sole_violation(super::RULE.id).message.contains("come 5m after"));
    }

    #[test]
    fn what_ended_after_its_sender_is_no_evidence() {
        let hanging = |killed| {
            let mut scenario = Scenario::configured();
            for number in 0..5 {
                let instance = format!("i-{number}");
                scenario.change(10, &instance, "a");
                scenario.arrival(10, &instance, "a").answer = None;
                scenario.logged(10, &instance, "a", "pending");
            }
            for at in [60, 61] {
                scenario.answered(at, "i-0", "a", 503);
            }
            scenario.fault(killed, FaultKind::Kill);
            scenario
        };
        hanging(15).is_clean();
        hanging(9).sole_violation(super::RULE.id);
    }

    #[test]
    fn one_delivery_that_is_missed_for_a_day_is_enough_unless_it_was_rejected() {
        let missed = |first, last| {
            let mut scenario = Scenario::configured();
            scenario.change(10, "i-0", "a");
            scenario.logged(10, "i-0", "a", "pending");
            for (at, status) in [(10, first), (last, 503), (100_000, 503), (100_001, 503)] {
                scenario.answered(at, "i-0", "a", status);
            }
            scenario.log_read(200_000);
            scenario
        };
        missed(503, 86_500).sole_violation(super::RULE.id);
        missed(503, 86_400).is_clean();
        missed(422, 86_500).is_clean();
        let mut scenario = missed(503, 86_500);
        scenario.deliver(50_000, "i-1", "a");
        scenario.is_clean();
    }
}
