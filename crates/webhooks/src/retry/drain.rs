//! Drains one endpoint, as the only one who does.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use uuid::Uuid;

use super::Retry;
use super::page::Page;
use crate::access::Caller;
use crate::delivery::{GivenUp, Status};
use crate::dispatch::{Limits, dispatch};
use crate::endpoint::{EndpointRecord, Health};
use crate::metrics::{Summary, Unit};
use crate::notice;
use crate::signing::SigningSecrets;
use crate::store::{Change, Lease, StoreError, StoredCallbacks, WorkspaceState};
use crate::wake_up::WakeUp;

/// What is left of the function's time, after the last attempt can have ended, for writing what came of it.
const WRITE_RESERVE: Duration = Duration::from_secs(4);

/// Attempts of one page begin within this time, so that a page is written down before the next is read.
const PAGE_WINDOW: Duration = Duration::from_secs(5);

/// A lease outlives its holder's time by this: for clocks that differ a little.
const LEASE_MARGIN: Duration = Duration::from_secs(5);

/// Deliveries of each lane in one page.
const PER_LANE: i32 = 40;

/// Of each lane so many waiting deliveries are counted for the metric.
const MOST_COUNTED: i32 = 1_000;

/// After a failure of our own, the endpoint is looked at again.
const AFTER_TROUBLE: Duration = Duration::from_secs(30);

/// When a page's attempts may begin at the latest, and when everything has to be written down.
struct Bounds {
    last_start: Instant,
    deadline: Instant,
}

impl Retry {
    /// Drains the endpoint until nothing waits, it fails, or `deadline` is near; then it is woken again when that is due.
    /// Does nothing when somebody else is at it.
    ///
    /// # Errors
    /// When a table could not be read or written. What was sent and not written down is sent again.
    pub async fn wake(&self, wake_up: &WakeUp, deadline: Instant) -> Result<(), StoreError> {
        let WakeUp { workspace, endpoint } = wake_up.clone();
        let lease = Lease { workspace, endpoint, owner: Uuid::new_v4().simple().to_string() };
        let begun = Instant::now();
        let mut summary = Summary::default();
        let drained = self.drain(&lease, deadline, &mut summary).await;
        self.metrics.write(&summary, "wake-up", begun.elapsed());
        if drained.is_err() {
            // The queue brings the message again, or the sweep does: nobody has to wait for the lease to end.
            let released = self.endpoints.release(&lease, Timestamp::now() + AFTER_TROUBLE).await;
            if let Err(error) = released {
                tracing::warn!(endpoint_id = %lease.endpoint, %error, "a lease is left to end by itself");
            }
        }
        drained
    }

    async fn drain(&self, lease: &Lease, deadline: Instant, summary: &mut Summary) -> Result<(), StoreError> {
        let last_start = deadline.checked_sub(self.sender.timeout() + WRITE_RESERVE).unwrap_or(deadline);
        let hold = deadline.saturating_duration_since(Instant::now()) + LEASE_MARGIN;
        let until = Timestamp::now() + hold;
        // Taking it again as its holder renews nothing; it reads what has been set or appended in the meantime.
        while let Some(mut record) = self.endpoints.lease(lease, Timestamp::now(), until).await? {
            let now = Timestamp::now();
            self.announce(lease, &mut record).await?;
            if Instant::now() >= last_start {
                return self.leave(lease, now, summary).await;
            }
            let WorkspaceState { callbacks, secrets, .. } = self.endpoints.workspace(&lease.workspace).await?;
            let mut page = self.page(lease, &record, &callbacks, now).await?;
            summary.gauge("BacklogAge", Unit::Seconds, page.age(now).as_secs());
            if page.is_empty() {
                summary.gauge("Backlog", Unit::Count, 0);
                if self.endpoints.finish(lease, record.appends, record.aside_due).await? {
                    return self.wake_at(lease, record.aside_due).await;
                }
                continue;
            }
            let ended = self.end_unwanted(&mut page, &callbacks, record.health, deadline).await?;
            summary.add("GivenUp", ended);
            if ended > 0 {
                self.forget_aside(lease, &mut record).await?;
                continue;
            }
            if record.settings.paused {
                if self.endpoints.release_paused(lease).await? {
                    return Ok(());
                }
                continue;
            }
            let probe_at = if let Health::Failing { probe_at, .. } = record.health { probe_at } else { now };
            if probe_at > now {
                return self.leave(lease, probe_at, summary).await;
            }
            let secrets = match secrets {
                Some(stored) => stored.secrets,
                None => self.secrets.get_or_make(&lease.workspace, &Caller::service()).await?.secrets,
            };
            let bounds = Bounds { last_start, deadline };
            self.send(lease, &mut record, &page, &secrets, bounds, summary).await?;
        }
        Ok(())
    }

    /// Sends a page and writes down what came of it.
    async fn send(
        &self,
        lease: &Lease,
        record: &mut EndpointRecord,
        page: &Page,
        secrets: &SigningSecrets,
        Bounds { last_start, deadline }: Bounds,
        summary: &mut Summary,
    ) -> Result<(), StoreError> {
        let Some(endpoint) = page.endpoint() else { return Ok(()) };
        let limits = Limits {
            in_flight_per_endpoint: self.settings.max_in_flight,
            start_until: last_start.min(Instant::now() + PAGE_WINDOW),
            tries_in_place: self.settings.tries_in_place,
            pause_in_place: Some(self.settings.pause_in_place),
        };
        let target = page.target(endpoint, record, secrets, self.settings.tries_in_place);
        let outcomes = dispatch(vec![target], &self.sender, &self.health, &limits).await;
        for outcome in outcomes {
            record.health = outcome.health;
            record.last_success = outcome.last_success.or(record.last_success);
            record.last_failure = outcome.last_failure.or(record.last_failure);
            let now = Timestamp::now();
            for done in &outcome.done {
                done.attempts.iter().for_each(|attempt| summary.latency("AttemptLatency", attempt.latency));
            }
            let changes = page.changes(endpoint, outcome.done, &self.health, &self.settings, now);
            self.write(&changes, deadline).await?;
            let of = |status| changes.iter().filter(|change| change.delivery.status == status).count();
            summary.add("Delivered", of(Status::Delivered));
            summary.add("GivenUp", of(Status::Failed));
            if page.touches_aside(&changes) {
                record.aside_due = self.earliest_aside(lease).await?;
            }
        }
        self.endpoints.save(lease, record).await?;
        Ok(())
    }

    /// Ends what is no longer to be sent: its URL is not called for its event type any more, or the endpoint is disabled.
    async fn end_unwanted(
        &self,
        page: &mut Page,
        callbacks: &StoredCallbacks,
        health: Health,
        deadline: Instant,
    ) -> Result<usize, StoreError> {
        let disabled = matches!(health, Health::Disabled { .. });
        let unwanted = page.take(|delivery| {
            let urls = callbacks.callbacks.urls_for(delivery.event.event_type);
            if disabled {
                Some(GivenUp::EndpointDisabled)
            } else {
                (!urls.contains(&delivery.endpoint.url)).then_some(GivenUp::NoLongerConfigured)
            }
        });
        let changes: Vec<_> = unwanted.iter().map(|(delivery, why)| Page::given_up(delivery, *why)).collect();
        self.write(&changes, deadline).await?;
        Ok(changes.len())
    }

    /// After deliveries have ended, some of them perhaps set aside: when is the next one due?
    async fn forget_aside(&self, lease: &Lease, record: &mut EndpointRecord) -> Result<(), StoreError> {
        if record.aside_due.is_some() {
            record.aside_due = self.earliest_aside(lease).await?;
            self.endpoints.save(lease, record).await?;
        }
        Ok(())
    }

    async fn earliest_aside(&self, lease: &Lease) -> Result<Option<Timestamp>, StoreError> {
        let firsts = self.deliveries.aside(&lease.workspace, &lease.endpoint, Timestamp::MAX, 1).await?;
        Ok(firsts.iter().filter_map(|delivery| delivery.due).min())
    }

    async fn page(
        &self,
        lease: &Lease,
        record: &EndpointRecord,
        callbacks: &StoredCallbacks,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        let (workspace, endpoint) = (&lease.workspace, &lease.endpoint);
        let backlog = self.deliveries.backlog(workspace, endpoint, PER_LANE).await?;
        // An endpoint that is disabled, or that nobody configures any more, keeps nothing for later.
        let over = matches!(record.health, Health::Disabled { .. }) || !callbacks.callbacks.have(endpoint);
        let until = if over { Timestamp::MAX } else { now };
        let aside = match record.aside_due {
            Some(due) if due <= until => self.deliveries.aside(workspace, endpoint, until, PER_LANE).await?,
            _ => Vec::new(),
        };
        Ok(Page::new(backlog, aside))
    }

    async fn write(&self, changes: &[Change<'_>], deadline: Instant) -> Result<(), StoreError> {
        self.deliveries.write(changes, Timestamp::now(), deadline).await.into_iter().collect()
    }

    /// Tells the outside how the endpoint fares, when that is not what it was last told.
    async fn announce(&self, lease: &Lease, record: &mut EndpointRecord) -> Result<(), StoreError> {
        let announced = notice::to_announce(record.health);
        if announced == record.announced {
            return Ok(());
        }
        match self.notices.publish(&lease.workspace, &lease.endpoint, record.health).await {
            Ok(()) => {
                record.announced = announced;
                self.endpoints.save(lease, record).await.map(drop)
            }
            Err(error) => {
                tracing::error!(endpoint_id = %lease.endpoint, %error, "an announcement is left to the next wake-up");
                Ok(())
            }
        }
    }

    /// Gives the lease back and has the endpoint woken at `at`.
    async fn leave(&self, lease: &Lease, at: Timestamp, summary: &mut Summary) -> Result<(), StoreError> {
        let waiting = self.deliveries.waiting(&lease.workspace, &lease.endpoint, MOST_COUNTED).await?;
        summary.gauge("Backlog", Unit::Count, waiting.count as u64);
        if self.endpoints.release(lease, at).await? { self.wake_at(lease, Some(at)).await } else { Ok(()) }
    }

    async fn wake_at(&self, lease: &Lease, at: Option<Timestamp>) -> Result<(), StoreError> {
        let Some(at) = at else { return Ok(()) };
        let wake_up = WakeUp { workspace: lease.workspace.clone(), endpoint: lease.endpoint.clone() };
        let delay = Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default();
        if let Err(error) = self.wake_ups.send(&wake_up, delay).await {
            tracing::error!(endpoint_id = %lease.endpoint, %error, "a wake-up is left to the sweep");
        }
        Ok(())
    }
}
