//! The attempts of a batch in flight.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::task::yield_now;
use tokio::time::Instant;

use super::batch::{EndpointBatch, Rules};
use crate::dispatch::{DeliveryNo, Moment, Via, attempt};
use webhooks_model::attempt::Attempt;
use webhooks_model::world::World;

/// The attempts in flight.
pub(super) struct Flights<'a> {
    via: Via<'a>,
    world: &'a dyn World,
    on_their_way: FuturesUnordered<Pin<Box<dyn Future<Output = Landed> + 'a>>>,
}

/// A completed attempt; `None` if it never started for lack of a slot.
pub(super) struct Landed {
    pub(super) batch: usize,
    pub(super) delivery: DeliveryNo,
    attempt: Option<Attempt>,
}

impl<'a> Flights<'a> {
    pub(super) fn new(via: Via<'a>, world: &'a dyn World) -> Self {
        Self { via, world, on_their_way: FuturesUnordered::new() }
    }

    /// Starts all attempts that may start. One without a slot by `start_until` does not start.
    pub(super) fn start(&mut self, batches: &mut [EndpointBatch<'a>], start_until: Instant) {
        let now = Instant::now();
        for (index, batch) in batches.iter_mut().enumerate() {
            let Some(credentials) = batch.credentials.clone() else { continue };
            while let Some((delivery, number)) = batch.start(now) {
                let (via, endpoint) = (self.via, &batch.plan.endpoint);
                let (event, credentials) = (batch.deliveries[delivery].event, Arc::clone(&credentials));
                self.on_their_way.push(Box::pin(async move {
                    let attempt = attempt(via, endpoint, &credentials, (event, number), start_until).await;
                    Landed { batch: index, delivery, attempt }
                }));
            }
        }
    }

    /// Passes a completed attempt on to its endpoint's share of the batch.
    pub(super) fn land(&self, batches: &mut [EndpointBatch<'a>], landed: Landed, rules: &Rules<'_>) {
        let Landed { batch, delivery, attempt } = landed;
        let batch = &mut batches[batch];
        let moment = Moment {
            now: self.world.now(),
            jitter: self.world.fraction(),
            last_success_at: batch.plan.record.last_success_at,
        };
        batch.landed(delivery, attempt, rules, Instant::now(), moment);
    }

    /// Waits until an attempt has completed, and passes on all that have.
    ///
    /// Starting one by one, as each completes, would cost more: connections become idle only when their tasks have run, and
    /// an attempt that finds none idle opens another.
    pub(super) async fn land_some(&mut self, batches: &mut [EndpointBatch<'a>], rules: &Rules<'_>) {
        let mut landed = self.next().await;
        while let Some(one) = landed {
            self.land(batches, one, rules);
            landed = self.next().now_or_never().flatten();
        }
        yield_now().await;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.on_their_way.is_empty()
    }

    /// Returns the next completed attempt; `None` if none is in flight.
    pub(super) async fn next(&mut self) -> Option<Landed> {
        self.on_their_way.next().await
    }

    /// Executes other work while attempts continue, and collects those that complete.
    pub(super) async fn while_flying<T>(&mut self, landed: &mut Vec<Landed>, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                Some(one) = self.next() => landed.push(one),
            }
        }
    }
}
