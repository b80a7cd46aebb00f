//! The work after a batch is acknowledged: attempts in flight continue, their deliveries are settled as they end, and
//! acknowledged deliveries are logged.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use super::batch::{EndpointBatch, Rules, Settled};
use super::flight::{Flights, Landed};
use super::keep::Kept;
use super::{Fanout, Log};
use crate::dispatch::DeliveryNo;
use crate::fanout::plan::EndpointPlan;
use webhooks_model::delivery::Status;
use webhooks_model::endpoint::{EndpointRecord, Health};
use webhooks_model::event::InstanceKey;
use webhooks_store::{Append, DeliveryWrite, Evidence, Hold, StorageState, StoreError};

/// Handed-over deliveries of one endpoint whose attempts have ended.
struct Ended<'a> {
    plan: &'a EndpointPlan<'a>,
    appends: u64,
    settled: Vec<Settled<'a>>,
    evidence: Evidence,
    health: Health,
}

/// The write in progress: it settles deliveries, or records slow endpoints. There is one at a time; attempts that end
/// in the meantime are settled together by the next one.
type Writing<'f> = Pin<Box<dyn Future<Output = ()> + 'f>>;

impl Fanout {
    /// Continues until all handed-over deliveries are settled.
    pub(super) async fn finish<'a>(
        &self,
        batches: &mut [EndpointBatch<'a>],
        flights: &mut Flights<'a>,
        mut landed: Vec<Landed>,
        kept: &[Kept<'a>],
        rules: &Rules<'_>,
    ) {
        let Rules { hold_until, write_until: until, .. } = *rules;
        batches.iter_mut().zip(kept).for_each(|(batch, kept)| batch.give_back(&kept.lost));
        let mut writing: Option<Writing<'_>> = Some(Box::pin(self.record(batches, until)));
        let mut ended: BTreeMap<usize, Vec<DeliveryNo>> = BTreeMap::new();
        let mut lateness_is_due = true;
        loop {
            for one in landed.drain(..) {
                let (batch, delivery) = (one.batch, one.delivery);
                flights.land(batches, one, rules);
                let unretried = batches[batch].take_unretried();
                let has_ended = (!batches[batch].is_open(delivery)).then_some(delivery);
                let now_ended: Vec<_> = has_ended.into_iter().chain(unretried).collect();
                if !now_ended.is_empty() {
                    ended.entry(batch).or_default().extend(now_ended);
                }
            }
            flights.start(batches, rules.last_start);
            if lateness_is_due && (Instant::now() >= hold_until || flights.is_empty()) && writing.is_none() {
                lateness_is_due = false;
                writing = Some(Box::pin(self.record_lateness(late(batches))));
            }
            if writing.is_none() && !ended.is_empty() {
                let all = std::mem::take(&mut ended).into_iter();
                let all = all.map(|(index, deliveries)| {
                    let batch = &mut batches[index];
                    let storage =
                        if self.settings.log == Log::None { StorageState::Discarded } else { StorageState::Completed };
                    let settled = batch.settled(&deliveries, storage);
                    let (plan, evidence, health) = (batch.plan, batch.take_evidence(), batch.shown_health());
                    Ended { plan, appends: kept[index].appends, settled, evidence, health }
                });
                writing = Some(Box::pin(self.settle(all.collect(), until)));
            }
            let rest = batches.iter().filter_map(|batch| batch.calls.next_start(Instant::now())).min();
            if writing.is_none() && flights.is_empty() && rest.is_none() && !lateness_is_due {
                return;
            }
            let next = rest.into_iter().chain(lateness_is_due.then_some(hold_until)).min();
            tokio::select! {
                biased; // writes first, because attempts may end without a pause between them
                () = async { if let Some(writing) = &mut writing { writing.await } }, if writing.is_some() => writing = None,
                Some(one) = flights.next() => landed.push(one),
                () = sleep_until(next.unwrap_or(hold_until)), if next.is_some_and(|at| at > Instant::now()) => {}
            }
        }
    }

    /// Logs direct deliveries, and records the endpoints' last successes.
    fn record<'f, 'a: 'f>(
        &'f self,
        batches: &mut [EndpointBatch<'a>],
        until: Instant,
    ) -> impl Future<Output = ()> + use<'f, 'a> {
        let log = self.settings.log == Log::All;
        let mut entries: Vec<DeliveryWrite<'a>> = Vec::new();
        let mut successes = Vec::new();
        for batch in batches {
            if log {
                entries.extend(batch.delivered());
            }
            let record = &batch.plan.record;
            let news = batch.last_success_at.filter(|at| record.stores_success(*at));
            successes.extend(news.map(|at| (batch.plan, at)));
        }
        async move {
            for (plan, at) in successes {
                if let Err(error) = self.endpoints.succeeded(plan.workspace, &plan.endpoint, at).await {
                    tracing::warn!(endpoint_id = %plan.endpoint.id, %error, "a success could not be recorded");
                }
            }
            let written = self.deliveries.write(&entries, self.world.now(), until).await;
            if let Some(error) = written.iter().find_map(|it| it.as_ref().err()) {
                let deliveries = written.iter().filter(|it| it.is_err()).count();
                tracing::error!(deliveries, %error, "deliveries were made and could not be logged");
            }
        }
    }

    /// Records of each endpoint whether it responded within the hold.
    async fn record_lateness(&self, late: Vec<(&EndpointPlan<'_>, bool)>) {
        for (plan, in_time) in late {
            if let Err(error) = self.endpoints.answered(plan.workspace, &plan.endpoint, in_time).await {
                tracing::warn!(endpoint_id = %plan.endpoint.id, %error, "the lateness of an endpoint could not be recorded");
            }
        }
    }

    /// Writes the results of handed-over deliveries, and releases their instances.
    async fn settle(&self, all: Vec<Ended<'_>>, until: Instant) {
        for ended in all {
            let plan = ended.plan;
            if let Err(error) = self.settle_endpoint(ended, until).await {
                tracing::error!(endpoint_id = %plan.endpoint.id, %error, "the results of attempts could not be written; the drain will repeat the deliveries");
            }
        }
    }

    async fn settle_endpoint(&self, ended: Ended<'_>, until: Instant) -> Result<(), StoreError> {
        let Ended { plan, appends, settled, evidence, health } = ended;
        let (workspace, endpoint) = (plan.workspace, &plan.endpoint);
        let (mut free, mut followed, mut pending) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let (mut writes, mut wake_at) = (Vec::new(), None::<Timestamp>);
        for Settled { write, instance, followed: behind } in settled {
            if write.delivery.status == Status::Pending {
                pending.insert(instance);
                let at = write.storage.due().unwrap_or_else(|| self.world.now());
                wake_at = Some(wake_at.map_or(at, |known| known.min(at)));
            } else if behind {
                followed.insert(instance);
            } else {
                free.insert(instance);
            }
            writes.push(write);
        }
        let now = self.world.now();
        for written in self.deliveries.write(&writes, now, until).await {
            match written {
                Err(error @ StoreError::Invalid { .. }) => {
                    tracing::error!(endpoint_id = %endpoint.id, %error, "the item of a delivery would be damaged: its outcome is not in the log");
                }
                written => written?,
            }
        }
        let released = self.endpoints.release_instances(workspace, endpoint, &free, evidence, appends).await?;
        let left: BTreeSet<InstanceKey> = if released { followed } else { &followed | &free };
        let evidence = if released && !free.is_empty() { Evidence::default() } else { evidence };
        if left.is_empty() && pending.is_empty() {
            return Ok(());
        }
        // A running drain learns from the count of appends that it has to read again.
        let partitions: BTreeSet<u8> = left.iter().chain(&pending).map(|it| it.partition()).collect();
        let hold = &Hold::Instances(BTreeSet::new());
        let append = Append { evidence, ..Append::written(hold, &partitions) };
        let record = self.endpoints.append(workspace, endpoint, append).await?;
        let record: EndpointRecord = self.fail_if(workspace, endpoint, health, record, now).await?;
        let at = if left.is_empty() { wake_at.unwrap_or(now) } else { now };
        if let Some(at) = record.settings.sent_from(at, now) {
            self.wake(plan, &record, at, now).await?;
        }
        Ok(())
    }
}

/// Returns the endpoints whose lateness changes: those without any response within the hold, and formerly late ones
/// that have responded in time.
fn late<'a>(batches: &[EndpointBatch<'a>]) -> Vec<(&'a EndpointPlan<'a>, bool)> {
    let of = |batch: &EndpointBatch<'a>| match batch.answered_in_time {
        true => (batch.plan.record.late > 0).then_some((batch.plan, true)),
        false => (batch.overdue > 0 && batch.calls.in_flight() > 0).then_some((batch.plan, false)),
    };
    batches.iter().filter_map(of).collect()
}
