//! A page of what waits for one endpoint: what is to be sent of it, and what came of that. Pure.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use super::RetrySettings;
use crate::delivery::{Delivery, GivenUp, Status};
use crate::dispatch::{Done, End, Job, Target};
use crate::endpoint::{Endpoint, EndpointRecord, Health, HealthSettings};
use crate::fanout::Log;
use crate::signing::SigningSecrets;
use crate::store::{Change, Place, StoredDelivery};

/// Deliveries of one endpoint that wait, and some that were set aside and are due.
pub(super) struct Page {
    deliveries: Vec<StoredDelivery>,
}

impl Page {
    pub(super) fn new(backlog: Vec<StoredDelivery>, aside: Vec<StoredDelivery>) -> Self {
        Self { deliveries: backlog.into_iter().chain(aside).collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.deliveries.is_empty()
    }

    /// How long the oldest of them has waited.
    pub(super) fn age(&self, now: Timestamp) -> Duration {
        let oldest = self.deliveries.iter().map(|delivery| delivery.event.changed_at).min();
        oldest.and_then(|at| Duration::try_from(now.duration_since(at)).ok()).unwrap_or_default()
    }

    /// All are for one endpoint.
    pub(super) fn endpoint(&self) -> Option<&Endpoint> {
        self.deliveries.first().map(|delivery| &delivery.endpoint)
    }

    /// Takes out what `why` gives a reason for.
    pub(super) fn take(&mut self, why: impl Fn(&StoredDelivery) -> Option<GivenUp>) -> Vec<(StoredDelivery, GivenUp)> {
        let (taken, left): (Vec<_>, Vec<_>) = std::mem::take(&mut self.deliveries)
            .into_iter()
            .map(|delivery| (why(&delivery), delivery))
            .partition(|(why, _)| why.is_some());
        self.deliveries = left.into_iter().map(|(_, delivery)| delivery).collect();
        taken.into_iter().filter_map(|(why, delivery)| Some((delivery, why?))).collect()
    }

    /// The events of one instance in one lane, in order; each one that was set aside by itself. A failing endpoint is
    /// probed with the delivery that has been refused least, lest a single bad one keep it failing.
    pub(super) fn target<'a>(
        &'a self,
        endpoint: &'a Endpoint,
        record: &EndpointRecord,
        secrets: &'a SigningSecrets,
        tries_in_place: usize,
    ) -> Target<'a> {
        let mut lanes: Vec<Vec<Job<'a>>> = Vec::new();
        let mut of_instance: HashMap<&str, usize> = HashMap::new();
        for delivery in &self.deliveries {
            let job = Job { event: &delivery.event, made: delivery.attempts.len() };
            if delivery.due.is_some() {
                lanes.push(vec![Job { made: job.made.max(tries_in_place), ..job }]);
                continue;
            }
            let lane = *of_instance.entry(&delivery.event.instance_id).or_insert_with(|| {
                lanes.push(Vec::new());
                lanes.len() - 1
            });
            lanes[lane].push(job);
        }
        if matches!(record.health, Health::Failing { .. }) {
            lanes.sort_by_key(|lane| lane.first().map_or(0, |job| job.made));
        }
        Target { endpoint, health: record.health, max_per_second: record.settings.max_per_second, secrets, lanes }
    }

    /// What is to be written down. A delivery that still waits and was not tried stays as it is.
    pub(super) fn changes<'a>(
        &'a self,
        endpoint: &'a Endpoint,
        done: Vec<Done<'a>>,
        health: &HealthSettings,
        settings: &RetrySettings,
        now: Timestamp,
    ) -> Vec<Change<'a>> {
        let stored: HashMap<&str, &StoredDelivery> =
            self.deliveries.iter().map(|delivery| (&*delivery.event.sequence_number, delivery)).collect();
        let change = |done: Done<'a>| {
            let was = *stored.get(&*done.event.sequence_number)?;
            let waits = was.due.map_or(Place::Backlog, Place::Aside);
            if done.end == End::Waits && done.attempts.is_empty() {
                return None;
            }
            let mut attempts = was.attempts.clone();
            attempts.extend(done.attempts);
            let (status, place, given_up) = match done.end {
                End::Taken if settings.log == Log::None => (Status::Delivered, Place::Nowhere, None),
                End::Taken => (Status::Delivered, Place::Over, None),
                End::Waits => (Status::Pending, waits, None),
                End::Refused => match aside_until(&attempts, health, settings, now) {
                    Some(due) => (Status::Pending, Place::Aside(due), None),
                    None => (Status::Failed, Place::Over, Some(GivenUp::Refused)),
                },
            };
            let delivery = Delivery { event: done.event, endpoint, status, attempts, given_up };
            Some(Change { delivery, place, was: Some(was) })
        };
        done.into_iter().filter_map(change).collect()
    }

    /// The end of a delivery that is not to be sent any more.
    pub(super) fn given_up(was: &StoredDelivery, why: GivenUp) -> Change<'_> {
        let delivery = Delivery {
            event: &was.event,
            endpoint: &was.endpoint,
            status: Status::Failed,
            attempts: was.attempts.clone(),
            given_up: Some(why),
        };
        Change { delivery, place: Place::Over, was: Some(was) }
    }

    /// Whether one of the changes sets aside, or ends what was.
    pub(super) fn touches_aside(&self, changes: &[Change<'_>]) -> bool {
        let aside = |change: &Change<'_>| {
            matches!(change.place, Place::Aside(_)) || change.was.is_some_and(|was| was.due.is_some())
        };
        changes.iter().any(aside)
    }
}

/// When a delivery that its endpoint has refused is tried again; `None` when it has been for long enough.
fn aside_until(
    attempts: &[crate::delivery::Attempt],
    health: &HealthSettings,
    settings: &RetrySettings,
    now: Timestamp,
) -> Option<Timestamp> {
    let first = attempts.first().map_or(now, |attempt| attempt.at);
    let refused_for = Duration::try_from(now.duration_since(first)).unwrap_or_default();
    if refused_for >= settings.aside_give_up {
        return None;
    }
    let step = attempts.len().saturating_sub(settings.tries_in_place);
    Some(now + health.delay(step, fastrand::f64()))
}
