//! After the attempts of a batch: every delivery is written down, and every endpoint for which something waits is told of.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use super::{CONCURRENT, Fanout, Log};
use crate::delivery::{Attempt, Delivery, GivenUp, Status};
use crate::dispatch::{End, Outcome};
use crate::endpoint::{Health, Route};
use crate::event::Event;
use crate::fanout::plan::EndpointPlan;
use crate::metrics::Summary;
use crate::store::{Change, Place, StoreError};
use crate::wake_up::WakeUp;

/// A success is noted again after this: an endpoint that takes many is not written at each batch.
const SUCCESS_GRAIN: Duration = Duration::from_secs(60);

/// A wake-up that should have come by now is lost, if the sweep has not seen it either.
const OVERDUE: Duration = Duration::from_secs(60);

/// What an endpoint's record has to say after a batch.
struct News<'a> {
    plan: &'a EndpointPlan<'a>,
    health: Health,
    last_success: Option<Timestamp>,
    last_failure: Option<Timestamp>,
    /// The events now waiting for it.
    waiting: Vec<&'a Event>,
}

impl Fanout {
    /// Writes down what became of each delivery. Answers the events of which one is neither delivered nor safely kept.
    pub(super) async fn account<'a>(
        &self,
        called: Vec<(&'a EndpointPlan<'a>, Outcome<'a>)>,
        others: Vec<&'a EndpointPlan<'a>>,
        events: &'a [Event],
        until: tokio::time::Instant,
        summary: &mut Summary,
    ) -> Vec<&'a Event> {
        let now = Timestamp::now();
        let (mut delivered, mut backlogged, mut given_up) = (0, 0, 0);
        let mut changes = Vec::new();
        // For each change, the news that it is part of.
        let mut of = Vec::new();
        let mut news = Vec::new();
        let mut push = |changes: &mut Vec<Change<'a>>, change, index| {
            changes.push(change);
            of.push(index);
        };
        for (plan, outcome) in called {
            for done in outcome.done {
                let taken = done.end == End::Taken;
                delivered += usize::from(taken);
                if let Some(first) = done.attempts.first() {
                    let since_change = Duration::try_from(first.at.duration_since(done.event.changed_at));
                    summary.latency("ChangeToFirstAttempt", since_change.unwrap_or_default());
                    summary.latency("AttemptLatency", first.latency);
                }
                if !taken || self.settings.log == Log::All {
                    let status = if taken { Status::Delivered } else { Status::Pending };
                    push(&mut changes, change(plan, done.event, status, done.attempts), news.len());
                }
            }
            let Outcome { health, last_success, last_failure, .. } = outcome;
            news.push(News { plan, health, last_success, last_failure, waiting: Vec::new() });
        }
        for plan in others {
            let status = if plan.record.route() == Route::GiveUp { Status::Failed } else { Status::Pending };
            for &index in plan.lanes.iter().flatten() {
                push(&mut changes, change(plan, &events[index], status, Vec::new()), news.len());
            }
            let health = plan.record.health;
            news.push(News { plan, health, last_success: None, last_failure: None, waiting: Vec::new() });
        }

        // First the flag, then what it stands for: were it the other way round, a function that dies in between would leave
        // something waiting of which nobody knows, and the batch, coming again, would pass it by.
        let flags = self.flag(&news, &changes, &of, now).await;
        let mut failed = Vec::new();
        let (changes, of): (Vec<_>, Vec<_>) = changes
            .into_iter()
            .zip(of)
            .filter(|(change, news_index)| {
                let flagged = change.delivery.status != Status::Pending || flags[*news_index].is_ok();
                failed.extend((!flagged).then_some(change.delivery.event));
                flagged
            })
            .unzip();

        let written = self.deliveries.write(&changes, now, until).await;
        for ((change, news_index), written) in changes.iter().zip(of).zip(written) {
            let Delivery { event, endpoint, status, .. } = change.delivery;
            match (written, status) {
                (Ok(()), Status::Pending) => news[news_index].waiting.push(event),
                (Ok(()), Status::Failed) => given_up += 1,
                (Ok(()), Status::Delivered) => {}
                (Err(error), status) => {
                    tracing::error!(event_id = event.id, endpoint_id = %endpoint.id, status = status.as_str(), %error, "a delivery could not be kept");
                    // What was delivered need not come again because nobody will read about it.
                    failed.extend((status != Status::Delivered).then_some(event));
                }
            }
        }

        let news = news.into_iter().zip(flags);
        let told = stream::iter(news)
            .map(|(news, flag)| async move { (self.tell(&news, flag.unwrap_or_default(), now).await, news) });
        for (told, news) in told.buffer_unordered(CONCURRENT).collect::<Vec<_>>().await {
            match told {
                Ok(()) => backlogged += news.waiting.len(),
                Err(error) => {
                    tracing::error!(endpoint_id = %news.plan.endpoint.id, %error, "an endpoint could not be told of its backlog");
                    failed.extend(news.waiting);
                }
            }
        }
        summary.count("Delivered", delivered);
        summary.count("Backlogged", backlogged);
        summary.count("GivenUp", given_up);
        failed
    }

    /// Says of each endpoint for which something is about to be kept that something waits. Answers, for each, whether that
    /// is new.
    async fn flag(
        &self,
        news: &[News<'_>],
        changes: &[Change<'_>],
        of: &[usize],
        now: Timestamp,
    ) -> Vec<Result<bool, StoreError>> {
        let mut waits = vec![false; news.len()];
        for (change, &index) in changes.iter().zip(of) {
            waits[index] |= change.delivery.status == Status::Pending;
        }
        let flags = news.iter().zip(waits).map(|(news, waits)| async move {
            let (workspace, endpoint) = (news.plan.workspace, &news.plan.endpoint);
            if news.health != news.plan.record.health {
                self.endpoints.observed(workspace, endpoint, news.health, news.last_failure).await?;
            }
            if waits { self.endpoints.appended(workspace, endpoint, news.wake_at(now)).await } else { Ok(false) }
        });
        let flags: Vec<Result<bool, StoreError>> = stream::iter(flags).buffered(CONCURRENT).collect().await;
        for (flag, news) in flags.iter().zip(news) {
            if let Err(error) = flag {
                tracing::error!(endpoint_id = %news.plan.endpoint.id, %error, "an endpoint's record could not be written");
            }
        }
        flags
    }

    /// Says once more that something waits, now that it does: a drain may have looked in between, found nothing, and taken
    /// the flag away. What waits is safe only when this has been done. `first` is whether the flag is new.
    async fn tell(&self, news: &News<'_>, first: bool, now: Timestamp) -> Result<(), StoreError> {
        let (workspace, endpoint, record) = (news.plan.workspace, &news.plan.endpoint, &news.plan.record);
        if let Some(at) = news.last_success.filter(|at| is_news(record.last_success, *at))
            && let Err(error) = self.endpoints.succeeded(workspace, endpoint, at).await
        {
            tracing::warn!(endpoint_id = %endpoint.id, %error, "a success could not be noted");
        }
        let wake_at = news.wake_at(now);
        let first = match news.waiting.is_empty() {
            // Nothing could be kept: who has set the flag has it looked at, and taken away.
            true => first,
            false => self.endpoints.appended(workspace, endpoint, wake_at).await? || first,
        };
        let overdue = !news.waiting.is_empty() && record.wake_at.is_some_and(|at| at + OVERDUE < now);
        if first || overdue {
            let wake_up = WakeUp { workspace: workspace.clone(), endpoint: endpoint.id.clone() };
            let delay = Duration::try_from(wake_at.duration_since(now)).unwrap_or_default();
            if let Err(error) = self.wake_ups.send(&wake_up, delay).await {
                tracing::error!(endpoint_id = %endpoint.id, %error, "a wake-up is left to the sweep");
            }
        }
        Ok(())
    }
}

impl News<'_> {
    /// When the endpoint is to be looked at.
    fn wake_at(&self, now: Timestamp) -> Timestamp {
        match self.health {
            Health::Failing { probe_at, .. } => probe_at.max(now),
            Health::Healthy { .. } | Health::Disabled { .. } => now,
        }
    }
}

fn change<'a>(plan: &'a EndpointPlan<'_>, event: &'a Event, status: Status, attempts: Vec<Attempt>) -> Change<'a> {
    let given_up = (status == Status::Failed).then_some(GivenUp::EndpointDisabled);
    let place = if status == Status::Pending { Place::Backlog } else { Place::Over };
    Change { delivery: Delivery { event, endpoint: &plan.endpoint, status, attempts, given_up }, place, was: None }
}

fn is_news(known: Option<Timestamp>, at: Timestamp) -> bool {
    known.is_none_or(|known| {
        at.duration_since(known) >= jiff::SignedDuration::try_from(SUCCESS_GRAIN).unwrap_or_default()
    })
}
