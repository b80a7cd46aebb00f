//! Endpoint updates by the fan-out.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::Timestamp;

use super::EndpointsStore;
use super::item::from_item;
use super::update::{Update, appends_of, keys, milliseconds, number, text};
use crate::StoreError;
use webhooks_model::endpoint::{Endpoint, EndpointId, EndpointRecord, Health};
use webhooks_model::event::{InstanceKey, PARTITIONS};
use webhooks_model::workspace::WorkspaceId;
use webhooks_model::world::World;
use webhooks_runtime::machine::Machine;

/// The deliveries that queue behind the backlog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The deliveries of these instances.
    Instances(BTreeSet<InstanceKey>),
    /// All deliveries, until the backlog is drained.
    Everything,
}

/// Maximum time between recording an append and its last write: functions that append run for half a minute
/// (`template.yaml`), and clocks differ.
const APPENDING: Duration = Duration::from_secs(60);

/// An append to a backlog.
#[derive(Clone, Copy, Debug)]
pub struct Append<'a> {
    /// The deliveries that queue behind it.
    pub hold: &'a Hold,
    /// The partitions of the appended deliveries.
    pub partitions: &'a BTreeSet<u8>,
    /// Outcomes of attempts.
    pub evidence: Evidence,
    /// Whether the deliveries are written.
    pub stage: AppendStage,
}

/// Whether the deliveries of an append are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendStage {
    /// They are to be written, from this time on.
    Begins(Timestamp),
    /// They are written. Until this time, others may append without a record of it; `None` if they may not.
    Written(Option<Timestamp>),
}

impl<'a> Append<'a> {
    /// Returns the append before its deliveries are written, without outcomes of attempts.
    pub fn begins(hold: &'a Hold, partitions: &'a BTreeSet<u8>, now: Timestamp) -> Self {
        Self { hold, partitions, evidence: Evidence::default(), stage: AppendStage::Begins(now) }
    }

    /// Returns the append after its deliveries are written, without outcomes of attempts.
    pub fn written(hold: &'a Hold, partitions: &'a BTreeSet<u8>) -> Self {
        Self { hold, partitions, evidence: Evidence::default(), stage: AppendStage::Written(None) }
    }
}

/// Outcomes of attempts since the last write of an endpoint's record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Whether a delivery was acknowledged.
    pub acknowledged: bool,
    /// Number of different deliveries missed since the acknowledgement, or in total without one.
    pub misses: u32,
    /// Number of different deliveries rejected since the acknowledgement, or in total without one.
    pub rejections: u32,
    /// Time of the last attempt that was not acknowledged.
    pub last_failure_at: Option<Timestamp>,
}

impl Evidence {
    /// Returns whether the evidence changes an endpoint's record.
    pub fn is_news_to(&self, record: &EndpointRecord) -> bool {
        let clean = record.health == Health::default();
        self.misses > 0 || self.rejections > 0 || (self.acknowledged && !clean)
    }

    fn add_to(self, mut update: Update) -> Update {
        let Self { acknowledged, misses, rejections, last_failure_at } = self;
        for (name, count) in [("misses", misses), ("rejections", rejections)] {
            update = match (acknowledged, count) {
                (true, _) => update.set(name, number(count)),
                (false, 0) => update,
                (false, _) => update.add(name, number(count)),
            };
        }
        match last_failure_at {
            Some(at) => update.set("lastFailureAt", milliseconds(at)),
            None => update,
        }
    }
}

impl EndpointsStore {
    /// Records an append to the backlog: once before the deliveries are written, and again afterwards (docs/adr/0006).
    ///
    /// If the function dies in between, the endpoint is woken once no write can follow. Returns the new record.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; [`StoreError::Invalid`] if an attribute is damaged.
    pub async fn append(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        append: Append<'_>,
    ) -> Result<EndpointRecord, StoreError> {
        let Append { hold, partitions, evidence, stage } = append;
        let mut update = evidence.add_to(Update::new()).set("url", text(endpoint.url.as_str()));
        update = match hold {
            Hold::Everything => update.set("hasBacklog", AttributeValue::Bool(true)),
            Hold::Instances(held) => keys(held).into_iter().fold(update, |update, keys| update.add("held", keys)),
        };
        update = match stage {
            AppendStage::Begins(now) => {
                let until = now + APPENDING;
                update.set("appendingUntil", milliseconds(until)).wake_unless_known(&endpoint.id, until)
            }
            AppendStage::Written(Some(until)) => update.set("uncountedUntil", milliseconds(until)),
            AppendStage::Written(None) => update,
        };
        update = update.add("appends", number(1));
        update = partitions.iter().fold(update, |update, it| update.add(&appends_of(*it), number(1)));
        match self.write(workspace, &endpoint.id, update).await {
            Err(StoreError::Invalid { cause, .. }) => {
                tracing::error!(%workspace, endpoint_id = %endpoint.id, cause, "an endpoint's record was damaged; its counts start again");
                self.write(workspace, &endpoint.id, recounted(endpoint)).await
            }
            written => written,
        }
    }

    /// Records outcomes of attempts without an append. Returns the new record.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; [`StoreError::Invalid`] if an attribute is damaged.
    pub async fn observe(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        evidence: Evidence,
    ) -> Result<EndpointRecord, StoreError> {
        let update = evidence.add_to(Update::new()).set("url", text(endpoint.url.as_str()));
        self.write(workspace, &endpoint.id, update).await
    }

    /// Records that an endpoint is failing or disabled.
    ///
    /// Only a healthy endpoint changes, so that a newer state by a drain is not overwritten.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; [`StoreError::Invalid`] if an attribute is damaged.
    pub async fn fail(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        health: Health,
    ) -> Result<Option<EndpointRecord>, StoreError> {
        let update = Update::new()
            .set("url", text(endpoint.url.as_str()))
            .health(&endpoint.id, health)
            .value(":was", text("healthy"))
            .only_if("attribute_not_exists(#health) OR #health = :was", &["health"]);
        self.write_if(workspace, &endpoint.id, update).await
    }

    /// Records whether the endpoint responded before the end of a batch.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; [`StoreError::Invalid`] if an attribute is damaged.
    pub async fn answered(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        in_time: bool,
    ) -> Result<EndpointRecord, StoreError> {
        let update = Update::new().set("url", text(endpoint.url.as_str()));
        let update = if in_time { update.set("late", number(0)) } else { update.add("late", number(1)) };
        self.write(workspace, &endpoint.id, update).await
    }

    /// Releases held instances without pending deliveries, and records outcomes of attempts.
    ///
    /// Returns false, without changes, if there was an append since the record had `appends`: it may be for one of
    /// these instances.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; [`StoreError::Invalid`] if an attribute is damaged.
    pub async fn release_instances(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        instances: &BTreeSet<InstanceKey>,
        evidence: Evidence,
        appends: u64,
    ) -> Result<bool, StoreError> {
        let Some(instances) = keys(instances) else { return Ok(true) };
        let update = evidence
            .add_to(Update::new())
            .delete("held", instances)
            .value(":seen", number(appends))
            .only_if("appends = :seen", &[]);
        Ok(self.write_if(workspace, &endpoint.id, update).await?.is_some())
    }

    /// Records the time of the last acknowledgement.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; [`StoreError::Invalid`] if an attribute is damaged.
    pub async fn succeeded(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let update = Update::new().set("url", text(endpoint.url.as_str())).set("lastSuccessAt", milliseconds(at));
        self.write(workspace, &endpoint.id, update).await.map(drop)
    }

    async fn write(
        &self,
        workspace: &WorkspaceId,
        endpoint: &EndpointId,
        update: Update,
    ) -> Result<EndpointRecord, StoreError> {
        let update = self.update(workspace, endpoint, update).return_values(ReturnValue::AllNew);
        let written = update.send().await.map_err(|error| StoreError::failed(&self.table, "UpdateItem", &error))?;
        Ok(from_item(written.attributes.unwrap_or_default()))
    }

    async fn write_if(
        &self,
        workspace: &WorkspaceId,
        endpoint: &EndpointId,
        update: Update,
    ) -> Result<Option<EndpointRecord>, StoreError> {
        let update = self.update(workspace, endpoint, update).return_values(ReturnValue::AllNew);
        Ok(self.conditional(update).await?.map(from_item))
    }
}

/// Replaces attributes that cannot be added to, because they are not a number or not a set.
///
/// Everything queues until the backlog is drained, which is right whatever was held, and the counts start with a number
/// that no drain has seen.
fn recounted(endpoint: &Endpoint) -> Update {
    let update = Update::new()
        .set("url", text(endpoint.url.as_str()))
        .set("hasBacklog", AttributeValue::Bool(true))
        .set("appends", number(fresh_count()))
        .remove("held")
        .remove("misses")
        .remove("rejections");
    (0..PARTITIONS).fold(update, |update, partition| update.set(&appends_of(partition), number(fresh_count())))
}

/// Returns a count that no drain has seen.
fn fresh_count() -> u64 {
    u64::from_str_radix(&Machine.unique_name()[..12], 16).unwrap_or(1)
}
