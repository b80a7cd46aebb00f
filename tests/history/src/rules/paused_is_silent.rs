//! A pause.

use jiff::Timestamp;

use super::Rule;
use crate::causes::{Subject, begun};
use crate::history::Line;
use crate::ledger::{Endpoint, Ledger};
use crate::record::{Action, Arrival, Operation, Status};
use crate::settings::{earlier, later};
use crate::violation::Violation;

pub(super) const RULE: Rule = Rule {
    id: "paused-is-silent",
    promise: "Nothing arrives at an endpoint while it is paused, and everything once it is resumed.",
    check,
};

fn check(ledger: &Ledger<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (endpoint, arrivals) in ledger.by_endpoint() {
        for pause in pauses(ledger, endpoint) {
            violations.extend(pause.arrivals(ledger, endpoint, &arrivals));
            violations.extend(pause.left_behind(ledger, endpoint));
        }
    }
    violations
}

/// A pause and the resume that ended it.
struct Pause<'a, 'h> {
    pause: &'a Line<'h, Operation>,
    resume: Option<&'a Line<'h, Operation>>,
    /// When one may have begun to count: one that takes longer may have begun before that.
    resumed_from: Option<Timestamp>,
}

fn pauses<'a, 'h>(ledger: &'a Ledger<'h>, (workspace, url): Endpoint<'a>) -> Vec<Pause<'a, 'h>> {
    let of = Subject { workspace, url, event: None };
    let resumes: Vec<_> = ledger.causes.operations(Action::Resume, of).collect();
    let pauses = ledger.causes.operations(Action::Pause, of);
    let resumed = |pause: &'a Line<'h, Operation>| {
        let after = || resumes.iter().copied().filter(|it| it.at >= pause.at);
        Pause { pause, resume: after().next(), resumed_from: after().map(|it| begun(it)).min() }
    };
    pauses.map(resumed).collect()
}

impl Pause<'_, '_> {
    fn arrivals(
        &self,
        ledger: &Ledger<'_>,
        (workspace, url): Endpoint<'_>,
        arrivals: &[Line<'_, Arrival>],
    ) -> Vec<Violation> {
        let settings = &ledger.settings;
        let resumed = self.resumed_from.map(|it| earlier(it, settings.tolerance));
        let replaced = ledger.configuration.ended(workspace.unwrap_or_default(), url, self.pause.at);
        let to = resumed.into_iter().chain(replaced).min().unwrap_or(Timestamp::MAX);
        let during = arrivals.iter().filter(|it| it.decided_from(settings) > self.pause.at && it.at < to);
        let violation = |arrival: &Line<'_, Arrival>| {
            let message = format!(
                "the endpoint is paused since {}, so nothing was to arrive; this arrived at {}",
                self.pause.at, arrival.at
            );
            let violation = Violation::new(RULE.id, message).endpoint(url).instance(&arrival.instance);
            violation.event(&arrival.event).records([self.pause.source, arrival.source])
        };
        during.map(violation).collect()
    }

    /// What came during the pause and is still pending long after it.
    fn left_behind(&self, ledger: &Ledger<'_>, endpoint: Endpoint<'_>) -> Vec<Violation> {
        let (Some(bound), Some(resume)) = (ledger.settings.resume_bound, self.resume) else { return Vec::new() };
        if later(resume.at, bound) > ledger.log_read {
            return Vec::new();
        }
        let of_pause = |change: &usize| (self.pause.at..resume.at).contains(&ledger.changes[*change].at);
        let here =
            ledger.deliveries.iter().filter(|it| it.endpoint() == endpoint && it.change.as_ref().is_some_and(of_pause));
        let left = here.filter(|it| it.is_logged_as(Status::Pending) && it.acknowledged_at().is_none());
        let violation = |delivery: &crate::delivery::Delivery<'_>| {
            let message = format!(
                "it came during the pause that ended at {}, so it was to arrive within {bound:#} of that; it is pending",
                resume.at
            );
            delivery.violation(RULE.id, message).records(delivery.logged_sources().chain([resume.source]))
        };
        left.map(violation).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use crate::record::Action;
    use crate::scenario::{Scenario, URL, second};

    /// Paused from 100 to 200.
    fn paused() -> Scenario {
        let mut scenario = Scenario::delivered();
        scenario.operation(100, Action::Pause);
        scenario.operation(200, Action::Resume);
        scenario
    }

    #[test]
    fn an_arrival_during_a_pause_is_found() {
        let mut scenario = paused();
        scenario.deliver(150, "i-9", "a");
        let found = scenario.sole_violation(super::RULE.id);
        assert_eq!((found.event.as_deref(), found.records.len()), (Some("i-9/a"), 2));
    }

    #[test]
    fn what_was_in_flight_and_what_comes_after_the_resume_may_arrive() {
        let mut scenario = paused();
        scenario.deliver(105, "i-8", "a");
        scenario.deliver(200, "i-9", "a");
        scenario.is_clean();
    }

    #[test]
    fn a_resume_that_was_under_way_when_another_one_ended_counts_from_its_beginning() {
        let mut scenario = paused();
        scenario.operation(300, Action::Resume).began = Some(second(120));
        scenario.deliver(150, "i-9", "a");
        scenario.is_clean();
    }

    #[test]
    fn what_came_during_a_pause_and_is_left_behind_is_found() {
        let mut scenario = paused();
        scenario.change(150, "i-9", "a");
        scenario.logged(150, "i-9", "a", "pending");
        scenario.is_clean();
        scenario.settings.resume_bound = Some(SignedDuration::from_secs(60));
        assert!(scenario.sole_violation(super::RULE.id).message.ends_with("it is pending"));
    }

    #[test]
    fn a_pause_without_a_resume_lasts() {
        let mut scenario = Scenario::delivered();
        scenario.operation(100, Action::Pause);
        scenario.deliver(50_000, "i-9", "a");
        scenario.sole_violation(super::RULE.id);
    }

    #[test]
    fn what_began_after_the_pause_is_found_at_once() {
        for (invoked, found) in [(100, 0), (101, 1)] {
            let mut scenario = paused();
            scenario.change(101, "i-9", "a");
            scenario.arrival(103, "i-9", "a").invoked = Some(second(invoked));
            scenario.logged(101, "i-9", "a", "delivered");
            assert_eq!(scenario.check().len(), found, "{invoked}");
        }
    }

    #[test]
    fn a_probe_does_not_end_a_pause_but_a_removal_does() {
        let mut scenario = paused();
        scenario.operation(110, Action::Probe);
        scenario.deliver(150, "i-9", "a");
        scenario.sole_violation(super::RULE.id);
        scenario.callbacks(120, &[]);
        scenario.callbacks(130, &[URL]);
        scenario.is_clean();
    }
}
