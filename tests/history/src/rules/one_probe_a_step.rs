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
mod tests;
