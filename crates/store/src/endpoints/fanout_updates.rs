//! What the fan-out records of an endpoint.

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

/// What later deliveries to an endpoint queue behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Those of these instances queue, others do not.
    Instances(BTreeSet<InstanceKey>),
    /// All queue, until the backlog is drained.
    Everything,
}

/// From the record of what is put into a backlog to the last of it no more than this passes: the functions that do it have half
/// a minute (`template.yaml`), and clocks differ.
const APPENDING: Duration = Duration::from_secs(60);

/// That deliveries are put into a backlog.
#[derive(Clone, Copy, Debug)]
pub struct Append<'a> {
    /// What waits behind them.
    pub hold: &'a Hold,
    /// Where they are put.
    pub partitions: &'a BTreeSet<u8>,
    /// What attempts came to.
    pub evidence: Evidence,
    /// The time, before they are there; `None` when they are.
    pub begins: Option<Timestamp>,
}

/// What attempts came to since an endpoint's record was last written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Whether a delivery was acknowledged.
    pub acknowledged: bool,
    /// Different deliveries missed since then, or in all.
    pub misses: u32,
    /// Different deliveries rejected since then, or in all.
    pub rejections: u32,
    /// Time of the last attempt that was not acknowledged.
    pub last_failure_at: Option<Timestamp>,
}

impl Evidence {
    /// Whether an endpoint's record says something else.
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
    /// Records that deliveries are put into the backlog: before they are, and once more when they are (docs/adr/0006). Should
    /// what puts them there die in between, the endpoint is looked at once that is certain. Returns the record as it is then.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Invalid`] when an attribute is damaged.
    pub async fn append(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        append: Append<'_>,
    ) -> Result<EndpointRecord, StoreError> {
        let Append { hold, partitions, evidence, begins } = append;
        let mut update = evidence.add_to(Update::new()).set("url", text(endpoint.url.as_str()));
        update = match hold {
            Hold::Everything => update.set("hasBacklog", AttributeValue::Bool(true)),
            Hold::Instances(held) => keys(held).into_iter().fold(update, |update, keys| update.add("held", keys)),
        };
        if let Some(until) = begins.map(|now| now + APPENDING) {
            update = update.set("appendingUntil", milliseconds(until)).wake_unless_known(&endpoint.id, until);
        }
        update = update.add("appends", number(1));
        update = partitions.iter().fold(update, |update, it| update.add(&appends_of(*it), number(1)));
        match self.write(workspace, &endpoint.id, update).await {
            Err(StoreError::Invalid { cause, .. }) => {
                tracing::error!(%workspace, endpoint_id = %endpoint.id, cause, "an endpoint's damaged record is counted from new");
                self.write(workspace, &endpoint.id, recounted(endpoint)).await
            }
            written => written,
        }
    }

    /// Records what attempts came to, where nothing is put into the backlog. Returns the record as it is then.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Invalid`] when an attribute is damaged.
    pub async fn observe(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        evidence: Evidence,
    ) -> Result<EndpointRecord, StoreError> {
        let update = evidence.add_to(Update::new()).set("url", text(endpoint.url.as_str()));
        self.write(workspace, &endpoint.id, update).await
    }

    /// Records that an endpoint fails or is disabled. A drain that knows better in the meantime is not overruled: only an
    /// endpoint that is healthy becomes failing or disabled.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Invalid`] when an attribute is damaged.
    pub async fn fail(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        health: Health,
    ) -> Result<Option<EndpointRecord>, StoreError> {
        let update = Update::new()
            .set("url", text(endpoint.url.as_str()))
            .health(health)
            .value(":was", text("healthy"))
            .only_if("attribute_not_exists(#health) OR #health = :was", &["health"]);
        self.write_if(workspace, &endpoint.id, update).await
    }

    /// Records that a batch had to end before the endpoint had answered, or that it answered in time.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Invalid`] when an attribute is damaged.
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

    /// Lets instances go of which nothing is pending any more, and records what attempts came to. Returns false, and changes
    /// nothing, when something was appended since the record said `appends`: it may be one of theirs.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Invalid`] when an attribute is damaged.
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

    /// Records when an endpoint was last acknowledged by.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Invalid`] when an attribute is damaged.
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

/// Replaces what cannot be added to, because it is no number or no set: everything queues until the backlog is drained,
/// which is right whatever was held, and the counts begin from a number that no drain has seen.
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

/// A count that no drain has seen.
fn fresh_count() -> u64 {
    u64::from_str_radix(&Machine.unique_name()[..12], 16).unwrap_or(1)
}
