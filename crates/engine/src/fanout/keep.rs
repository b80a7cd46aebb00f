//! The writes before a batch is acknowledged: pending and failed deliveries, and the holds for later ones.

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use tokio::time::Instant;

use super::batch::{Keep, MARGIN};
use super::plan::EndpointPlan;
use super::record::{is_lost, is_recorded, is_uncounted, is_unsent, uncounted_until, wake_at};
use super::{CONCURRENT, Fanout};
use crate::wake_up::WakeUp;
use webhooks_model::attempt::Attempts;
use webhooks_model::delivery::{Delivery, Status};
use webhooks_model::endpoint::{Endpoint, EndpointRecord, Health};
use webhooks_model::event::Event;
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{Append, AppendStage, DeliveryWrite, StorageState, StoreError, Turn};

/// The stored deliveries of an endpoint's share of a batch.
#[derive(Debug, Default)]
pub(super) struct Kept<'a> {
    /// Events with a delivery that was neither made nor stored.
    pub(super) lost: Vec<&'a Event>,
    /// Number of pending and failed deliveries.
    pub(super) pending: usize,
    pub(super) failed: usize,
    /// Number of deliveries whose item DynamoDB rejects, in every retry.
    pub(super) invalid: usize,
    /// Count of appends after the last of them.
    pub(super) appends: u64,
}

impl Fanout {
    /// Stores the required writes.
    ///
    /// Their order makes it safe (docs/adr/0006, docs/adr/0016): first the hold for later deliveries, then the
    /// deliveries, then the hold again. In the reverse order, a function that died in between would leave pending
    /// deliveries that no drain knows of, and the repeated batch would overtake them.
    pub(super) async fn keep<'a>(&self, mut keeps: Vec<Keep<'a>>, until: Instant) -> Vec<Kept<'a>> {
        let now = self.world.now();
        let written_by = now + until.saturating_duration_since(Instant::now()) + MARGIN;
        let flags = stream::iter(&keeps).map(|keep| self.flag(keep, (now, written_by))).buffered(CONCURRENT);
        let flags: Vec<_> = flags.collect().await;
        let mut kept: Vec<Kept<'a>> = keeps.iter().map(|_| Kept::default()).collect();
        // An earlier run of the batch may have put a delivery that is failed now into the backlog, without being
        // acknowledged. It is removed from there first: anything in the backlog afterwards was replayed.
        let removals: Vec<_> =
            keeps.iter().flat_map(|keep| &keep.writes).filter(|it| has_failed(it)).map(removal).collect();
        let mut removed = self.deliveries.write(&removals, now, until).await.into_iter();
        // Sized at once, and without a second copy: there may be tens of thousands.
        let count = keeps.iter().map(|keep| keep.writes.len()).sum();
        let (mut writes, mut of) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for (index, (keep, flag)) in keeps.iter_mut().zip(&flags).enumerate() {
            for write in std::mem::take(&mut keep.writes) {
                let may_be_kept =
                    if has_failed(&write) { matches!(removed.next(), Some(Ok(()))) } else { flag.is_ok() };
                if may_be_kept {
                    writes.push(write);
                    of.push(index);
                } else {
                    kept[index].lost.push(write.delivery.event);
                }
            }
        }
        let written = self.deliveries.write(&writes, now, until).await;
        let mut pending: Vec<Vec<&'a Event>> = keeps.iter().map(|_| Vec::new()).collect();
        for ((write, index), written) in writes.iter().zip(of).zip(written) {
            let (event, status) = (write.delivery.event, write.delivery.status);
            match (written, status) {
                (Ok(()), Status::Pending) => pending[index].push(event),
                (Ok(()), _) => kept[index].failed += 1,
                (Err(error @ StoreError::Invalid { .. }), _) => {
                    let endpoint = &write.delivery.endpoint.id;
                    tracing::error!(event_id = event.id, endpoint_id = %endpoint, %error, "the item of a delivery would be damaged: it is lost, as it can never be kept");
                    kept[index].invalid += 1;
                }
                (Err(error), _) => {
                    let endpoint = &write.delivery.endpoint.id;
                    tracing::error!(event_id = event.id, endpoint_id = %endpoint, status = status.as_str(), %error, "a delivery could not be kept");
                    kept[index].lost.push(event);
                }
            }
        }

        let confirmed = keeps.iter().zip(&flags).map(|(keep, flag)| self.confirm(keep, flag.as_ref().ok(), now));
        let confirmed: Vec<_> = stream::iter(confirmed).buffered(CONCURRENT).collect().await;
        for (((keep, confirmed), kept), pending) in keeps.iter().zip(confirmed).zip(&mut kept).zip(pending) {
            match confirmed {
                Ok(appends) => (kept.appends, kept.pending) = (appends, pending.len()),
                Err(error) => {
                    tracing::error!(endpoint_id = %keep.plan.endpoint.id, %error, "an endpoint's backlog could not be recorded");
                    kept.lost.extend(pending);
                }
            }
        }
        kept
    }

    /// Records the hold for later deliveries, which are written by then, and the endpoint's health if it has changed.
    async fn flag(
        &self,
        keep: &Keep<'_>,
        (now, written_by): (Timestamp, Timestamp),
    ) -> Result<EndpointRecord, StoreError> {
        let (workspace, endpoint, evidence) = (keep.plan.workspace, &keep.plan.endpoint, keep.evidence);
        let news = evidence.is_news_to(&keep.plan.record);
        let record = match &keep.hold {
            Some(hold) if !news && is_recorded(hold, &keep.plan.record, written_by) => {
                return Ok(keep.plan.record.clone());
            }
            Some(hold) => {
                let append = Append { evidence, ..Append::begins(hold, &keep.partitions, now) };
                self.endpoints.append(workspace, endpoint, append).await
            }
            None if news => self.endpoints.observe(workspace, endpoint, evidence).await,
            None => return Ok(keep.plan.record.clone()),
        };
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                tracing::error!(endpoint_id = %endpoint.id, %error, "an endpoint's record could not be written");
                return Err(error);
            }
        };
        self.fail_if(workspace, endpoint, keep.health, record, now).await
    }

    /// Records that an endpoint is failing, if the current evidence says so.
    pub(super) async fn fail_if(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        seen: Health,
        record: EndpointRecord,
        now: Timestamp,
    ) -> Result<EndpointRecord, StoreError> {
        let Health::Healthy { misses, rejections } = record.health else { return Ok(record) };
        let evident = misses >= self.health.misses_to_fail || rejections >= self.health.rejections_to_fail;
        let health = match seen {
            Health::Healthy { .. } if !evident => return Ok(record),
            Health::Healthy { .. } => Health::failing(now, now + self.health.delay(0, self.world.fraction())),
            Health::Failing { .. } | Health::Disabled { .. } => seen,
        };
        Ok(self.endpoints.fail(workspace, endpoint, health).await?.unwrap_or(record))
    }

    /// Records the hold again after the writes, and wakes the endpoint. Returns the count of appends.
    ///
    /// A drain may have found the backlog empty in between and removed the hold. Pending deliveries are safe only after
    /// this, unless no drain may do so yet.
    async fn confirm(
        &self,
        keep: &Keep<'_>,
        flagged: Option<&EndpointRecord>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let (workspace, endpoint, was) = (keep.plan.workspace, &keep.plan.endpoint, &keep.plan.record);
        let (Some(hold), Some(flagged)) = (&keep.hold, flagged) else { return Ok(0) };
        if is_uncounted(was, flagged, self.world.now()) {
            return Ok(flagged.appends.total);
        }
        let stage = AppendStage::Written(uncounted_until(flagged, now));
        let append = Append { stage, ..Append::written(hold, &keep.partitions) };
        let record = self.endpoints.append(workspace, endpoint, append).await?;
        if let Some(at) = wake_at(keep.wake, was, &record, now) {
            self.wake(keep.plan, &record, at, now).await?;
        }
        Ok(record.appends.total)
    }

    /// Schedules a wake-up of the endpoint at `at`, unless an earlier one is on its way.
    pub(super) async fn wake(
        &self,
        plan: &EndpointPlan<'_>,
        record: &EndpointRecord,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (workspace, endpoint) = (plan.workspace, &plan.endpoint);
        let later = record.wake_at.is_none_or(|known| known > at);
        let (lost, unsent) = (is_lost(record, now), is_unsent(&plan.record, record));
        if (later && self.endpoints.wake_by(workspace, &endpoint.id, at).await?) || lost || unsent {
            let at = if lost { now } else { at };
            let wake_up = WakeUp { workspace: workspace.clone(), endpoint: endpoint.id.clone(), at };
            if let Err(error) = self.wake_ups.send(&wake_up, now).await {
                tracing::error!(endpoint_id = %endpoint.id, %error, "a wake-up could not be sent; the sweep will send it");
            }
        }
        Ok(())
    }
}

fn has_failed(write: &DeliveryWrite<'_>) -> bool {
    write.delivery.status == Status::Failed
}

/// Returns the removal of a delivery from the backlog, if it is there.
fn removal<'a>(of: &DeliveryWrite<'a>) -> DeliveryWrite<'a> {
    let Delivery { event, endpoint, .. } = of.delivery;
    let (status, attempts) = (Status::Pending, Attempts::default());
    let delivery = Delivery { event, endpoint, status, attempts, give_up_reason: None };
    DeliveryWrite { delivery, storage: StorageState::Discarded, was: Some(StorageState::Pending(Turn::Next)) }
}
