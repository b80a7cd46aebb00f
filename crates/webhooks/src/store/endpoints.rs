//! Endpoints: what is set for each, how it fares, and who drains its backlog.
//!
//! | attribute | |
//! |---|---|
//! | `pk`, `sk` | the workspace, `endpoint#{endpointID}` |
//! | `url` | where it is |
//! | `paused`, `processNames`, `maxPerSecond` | its settings |
//! | `health` (`healthy`, `failing`, `disabled`), `refusals`, `since`, `step`, `probeAt`, `warned`, `disabledReason` | [`Health`] |
//! | `hasBacklog`, `appends` | whether deliveries wait; grows with each time that some are put there |
//! | `asideDue` | when the next delivery that was set aside is due |
//! | `leaseOwner`, `leaseUntil` | who drains it, and until when at most |
//! | `wakePk`, `wakeAt` | index `byWakeAt`: there while something waits; when it is to be woken |
//! | `lastSuccess`, `lastFailure`, `announced` | |
//!
//! Several write to one item at a time, so each writes only what is its own, and says what has to be true for it. Times are
//! milliseconds since 1970.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde::Deserialize;

use super::{StoreError, StoredCallbacks};
use crate::endpoint::{Announced, DisabledReason, Endpoint, EndpointId, EndpointRecord, EndpointSettings, Health};
use crate::workspace::WorkspaceId;

/// Partitions of the index of wake-ups: one takes 1,000 writes a second.
const WAKE_PARTITIONS: u8 = 16;

/// A wake-up time is rounded down to this, so that the appends of a busy endpoint do not each rewrite the index.
const WAKE_GRAIN_MS: i64 = 10_000;

/// Reads and writes endpoints.
#[derive(Clone, Debug)]
pub struct EndpointsStore {
    client: Client,
    table: String,
}

/// What the fan-out has to know of a workspace.
#[derive(Clone, Debug, Default)]
pub struct WorkspaceState {
    /// What is configured.
    pub callbacks: StoredCallbacks,
    /// The endpoints that have a record.
    pub endpoints: HashMap<EndpointId, EndpointRecord>,
}

/// A change of an endpoint's settings; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsChange {
    /// Whether it is paused.
    pub paused: Option<bool>,
    /// Whose instances it is told of.
    pub process_names: Option<Vec<String>>,
    /// The most attempts a second; `Some(None)` takes the bound away.
    pub max_per_second: Option<Option<u32>>,
}

/// The right to drain an endpoint, until [`Lease::until`] at most.
#[derive(Clone, Debug)]
pub struct Lease {
    /// Whose endpoint.
    pub workspace: WorkspaceId,
    /// Which endpoint.
    pub endpoint: EndpointId,
    /// A name that nobody else has.
    pub owner: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Item {
    sk: String,
    #[serde(flatten)]
    settings: EndpointSettings,
    health: String,
    refusals: u32,
    since: i64,
    step: usize,
    probe_at: i64,
    warned: bool,
    disabled_reason: Option<DisabledReason>,
    has_backlog: bool,
    appends: u64,
    aside_due: Option<i64>,
    wake_at: Option<i64>,
    last_success: Option<i64>,
    last_failure: Option<i64>,
    announced: Announced,
}

fn time(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}

impl From<Item> for EndpointRecord {
    fn from(item: Item) -> Self {
        let since = time(item.since);
        let health = match &*item.health {
            "failing" => Health::Failing { since, step: item.step, probe_at: time(item.probe_at), warned: item.warned },
            "disabled" => Health::Disabled { since, reason: item.disabled_reason.unwrap_or(DisabledReason::GivenUp) },
            _ => Health::Healthy { refusals: item.refusals },
        };
        Self {
            settings: item.settings,
            health,
            has_backlog: item.has_backlog,
            appends: item.appends,
            aside_due: item.aside_due.map(time),
            wake_at: item.wake_at.map(time),
            last_success: item.last_success.map(time),
            last_failure: item.last_failure.map(time),
            announced: item.announced,
        }
    }
}

fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn milliseconds(at: Timestamp) -> AttributeValue {
    number(at.as_millisecond())
}

/// An update of parts of an endpoint's item.
struct Update {
    set: Vec<String>,
    remove: Vec<&'static str>,
    add: Vec<&'static str>,
    values: HashMap<String, AttributeValue>,
}

impl Update {
    fn new() -> Self {
        Self { set: Vec::new(), remove: Vec::new(), add: Vec::new(), values: HashMap::new() }
    }

    fn set(mut self, name: &str, value: AttributeValue) -> Self {
        self.set.push(format!("#{name} = :{name}"));
        self.values.insert(format!(":{name}"), value);
        self
    }

    fn set_or_remove(mut self, name: &'static str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => {
                self.remove.push(name);
                self
            }
        }
    }

    fn add(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.add.push(name);
        self.values.insert(format!(":{name}"), value);
        self
    }

    fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    fn wake(self, endpoint: &EndpointId, at: Option<Timestamp>) -> Self {
        let at = at.map(|at| at.as_millisecond() / WAKE_GRAIN_MS * WAKE_GRAIN_MS);
        self.set_or_remove("wakePk", at.map(|_| text(wake_pk(endpoint)))).set_or_remove("wakeAt", at.map(number))
    }

    fn health(self, health: Health) -> Self {
        match health {
            Health::Healthy { refusals } => self.set("health", text("healthy")).set("refusals", number(refusals)),
            Health::Failing { since, step, probe_at, warned } => self
                .set("health", text("failing"))
                .set("since", milliseconds(since))
                .set("step", number(step))
                .set("probeAt", milliseconds(probe_at))
                .set("warned", AttributeValue::Bool(warned)),
            Health::Disabled { since, reason } => self
                .set("health", text("disabled"))
                .set("since", milliseconds(since))
                .set("disabledReason", text(reason.as_str())),
        }
    }
}

fn wake_pk(endpoint: &EndpointId) -> String {
    format!("wake#{}", &endpoint.as_str()[..1])
}

impl EndpointsStore {
    /// Endpoints in the given table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Callbacks and endpoints of a workspace, in one strongly consistent query.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn workspace(&self, workspace: &WorkspaceId) -> Result<WorkspaceState, StoreError> {
        let mut items = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", text(workspace.as_str()))
            .expression_attribute_values(":first", text("callbacks"))
            .expression_attribute_values(":last", text("endpoint#~"))
            .into_paginator()
            .items()
            .send();
        let mut state = WorkspaceState::default();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| StoreError::unavailable(&self.table, "Query", &error))?;
            let sk = item.get("sk").and_then(|sk| sk.as_s().ok()).cloned().unwrap_or_default();
            let damaged =
                |source| StoreError::Damaged { table: self.table.clone(), key: format!("{workspace}/{sk}"), source };
            if sk == "callbacks" {
                state.callbacks = serde_dynamo::from_item(item).map_err(damaged)?;
            } else if let Some(Ok(id)) = sk.strip_prefix("endpoint#").map(|id| EndpointId::try_from(id.to_owned())) {
                let item: Item = serde_dynamo::from_item(item).map_err(damaged)?;
                state.endpoints.insert(id, item.into());
            }
        }
        Ok(state)
    }

    /// One endpoint's record; that of one never called if there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn get(&self, workspace: &WorkspaceId, endpoint: &EndpointId) -> Result<EndpointRecord, StoreError> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(key(workspace, endpoint)));
        let item = get.consistent_read(true).send().await;
        let item = item.map_err(|error| StoreError::unavailable(&self.table, "GetItem", &error))?.item;
        item.map_or(Ok(EndpointRecord::default()), |item| self.record(item))
    }

    /// Says that deliveries were put into the backlog, to be called on at `wake_at`. Answers whether somebody has to wake
    /// the endpoint: nobody has been told before.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn appended(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        wake_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = Update::new()
            .set("url", text(endpoint.url.as_str()))
            .set("hasBacklog", AttributeValue::Bool(true))
            .add("appends", number(1))
            .wake(&endpoint.id, Some(wake_at));
        let update = self.update(workspace, &endpoint.id, update).return_values(ReturnValue::UpdatedOld);
        let old = update.send().await.map_err(|error| StoreError::unavailable(&self.table, "UpdateItem", &error))?;
        let had = old.attributes.as_ref().and_then(|old| old.get("hasBacklog")?.as_bool().ok().copied());
        Ok(had != Some(true))
    }

    /// Notes what the stream saw of an endpoint. A drain that knows better in the meantime is not overruled: only an
    /// endpoint that counts as healthy becomes failing or disabled.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn observed(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        health: Health,
        last_failure: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let mut update = Update::new().set("url", text(endpoint.url.as_str())).health(health);
        if let Some(at) = last_failure {
            update = update.set("lastFailure", milliseconds(at));
        }
        let update = update.value(":was", text("healthy"));
        let update = self.update(workspace, &endpoint.id, update);
        self.conditional(update, "attribute_not_exists(#health) OR #health = :was").await.map(drop)
    }

    /// Notes when it last took an event.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn succeeded(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let update = Update::new().set("url", text(endpoint.url.as_str())).set("lastSuccess", milliseconds(at));
        let update = self.update(workspace, &endpoint.id, update);
        update.send().await.map(drop).map_err(|error| StoreError::unavailable(&self.table, "UpdateItem", &error))
    }

    /// Takes the right to drain, unless somebody else has it; answers the record as it is now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn lease(
        &self,
        lease: &Lease,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<EndpointRecord>, StoreError> {
        let update = Update::new()
            .set("leaseOwner", text(&lease.owner))
            .set("leaseUntil", milliseconds(until))
            .value(":now", milliseconds(now));
        let update = self.update(&lease.workspace, &lease.endpoint, update).return_values(ReturnValue::AllNew);
        let condition = "attribute_exists(pk) AND (attribute_not_exists(#leaseUntil) OR #leaseUntil < :now OR #leaseOwner = :leaseOwner)";
        match self.conditional(update, condition).await? {
            Some(item) => self.record(item).map(Some),
            None => Ok(None),
        }
    }

    /// Notes what the holder of the lease saw. Answers false when the lease is another's by now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn save(&self, lease: &Lease, record: &EndpointRecord) -> Result<bool, StoreError> {
        let announced = match record.announced {
            Announced::Working => "working",
            Announced::Failing => "failing",
            Announced::AboutToBeDisabled => "about-to-be-disabled",
            Announced::Disabled => "disabled",
        };
        let update = Update::new()
            .health(record.health)
            .set_or_remove("asideDue", record.aside_due.map(milliseconds))
            .set_or_remove("lastSuccess", record.last_success.map(milliseconds))
            .set_or_remove("lastFailure", record.last_failure.map(milliseconds))
            .set("announced", text(announced));
        self.as_holder(lease, update, "").await
    }

    /// Gives the lease back, to be woken again at `wake_at`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn release(&self, lease: &Lease, wake_at: Timestamp) -> Result<bool, StoreError> {
        let mut update = Update::new().wake(&lease.endpoint, Some(wake_at));
        update.remove.extend(["leaseOwner", "leaseUntil"]);
        self.as_holder(lease, update, "").await
    }

    /// Gives the lease of a paused endpoint back: nothing wakes it but resuming. Answers false when it is no longer paused.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn release_paused(&self, lease: &Lease) -> Result<bool, StoreError> {
        let mut update = Update::new().wake(&lease.endpoint, None).value(":yes", AttributeValue::Bool(true));
        update.remove.extend(["leaseOwner", "leaseUntil"]);
        self.as_holder(lease, update, " AND paused = :yes").await
    }

    /// Gives the lease back, because nothing waits any more. Answers false when something has been put there since the
    /// record said `appends`: then the drain goes on.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn finish(&self, lease: &Lease, appends: u64, wake_at: Option<Timestamp>) -> Result<bool, StoreError> {
        let mut update = Update::new()
            .set("hasBacklog", AttributeValue::Bool(false))
            .wake(&lease.endpoint, wake_at)
            .value(":seen", number(appends))
            .value(":zero", number(0));
        update.remove.extend(["leaseOwner", "leaseUntil"]);
        let condition = " AND (appends = :seen OR (:seen = :zero AND attribute_not_exists(appends)))";
        self.as_holder(lease, update, condition).await
    }

    /// Sets what an administrator or developer sets, all of it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn set(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        settings: &EndpointSettings,
        now: Timestamp,
    ) -> Result<EndpointRecord, StoreError> {
        let change = SettingsChange {
            paused: Some(settings.paused),
            process_names: Some(settings.process_names.clone()),
            max_per_second: Some(settings.max_per_second),
        };
        self.change(workspace, endpoint, change, now).await
    }

    /// Sets some of what an administrator or developer sets. When something waits, it is to be woken now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn change(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        change: SettingsChange,
        now: Timestamp,
    ) -> Result<EndpointRecord, StoreError> {
        let mut update = Update::new().set("url", text(endpoint.url.as_str())).wake(&endpoint.id, Some(now));
        if let Some(paused) = change.paused {
            update = update.set("paused", AttributeValue::Bool(paused));
        }
        if let Some(names) = change.process_names {
            update = update.set("processNames", AttributeValue::L(names.into_iter().map(text).collect()));
        }
        if let Some(rate) = change.max_per_second {
            update = update.set_or_remove("maxPerSecond", rate.map(number));
        }
        let update = self.update(workspace, &endpoint.id, update).return_values(ReturnValue::AllNew);
        let new = update.send().await.map_err(|error| StoreError::unavailable(&self.table, "UpdateItem", &error))?;
        self.record(new.attributes.unwrap_or_default())
    }

    /// Lets a failing or disabled endpoint be tried now.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn resume(
        &self,
        workspace: &WorkspaceId,
        endpoint: &Endpoint,
        now: Timestamp,
    ) -> Result<EndpointRecord, StoreError> {
        let record = self.get(workspace, &endpoint.id).await?;
        let update = Update::new().set("url", text(endpoint.url.as_str())).health(record.health.resumed(now));
        let update = update.wake(&endpoint.id, Some(now));
        let update = self.update(workspace, &endpoint.id, update).return_values(ReturnValue::AllNew);
        let new = update.send().await.map_err(|error| StoreError::unavailable(&self.table, "UpdateItem", &error))?;
        self.record(new.attributes.unwrap_or_default())
    }

    /// Wakes an endpoint of which something may wait, by saying so for the sweep.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn wake(
        &self,
        workspace: &WorkspaceId,
        endpoint: &EndpointId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = self.update(workspace, endpoint, Update::new().wake(endpoint, Some(at)));
        self.conditional(update, "attribute_exists(pk)").await.map(|item| item.is_some())
    }

    /// Endpoints that should have been woken before `until`, the longest overdue of each partition first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn overdue(
        &self,
        until: Timestamp,
        per_partition: i32,
    ) -> Result<Vec<(WorkspaceId, EndpointId)>, StoreError> {
        let partitions = (0..WAKE_PARTITIONS).map(|n| async move {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .index_name("byWakeAt")
                .key_condition_expression("wakePk = :pk AND wakeAt <= :until")
                .expression_attribute_values(":pk", text(format!("wake#{n:x}")))
                .expression_attribute_values(":until", milliseconds(until))
                .limit(per_partition);
            let answer = query.send().await.map_err(|error| StoreError::unavailable(&self.table, "Query", &error))?;
            Ok::<_, StoreError>(answer.items.unwrap_or_default())
        });
        let partitions: Vec<Vec<_>> = stream::iter(partitions).buffer_unordered(8).try_collect().await?;
        let id = |item: HashMap<String, AttributeValue>| {
            let workspace = WorkspaceId::try_from(item.get("pk")?.as_s().ok()?.clone()).ok()?;
            let endpoint = item.get("sk")?.as_s().ok()?.strip_prefix("endpoint#")?.to_owned();
            Some((workspace, EndpointId::try_from(endpoint).ok()?))
        };
        Ok(partitions.into_iter().flatten().filter_map(id).collect())
    }

    fn record(&self, item: HashMap<String, AttributeValue>) -> Result<EndpointRecord, StoreError> {
        let item: Item = serde_dynamo::from_item(item).map_err(|source| StoreError::Damaged {
            table: self.table.clone(),
            key: "endpoint".to_owned(),
            source,
        })?;
        Ok(item.into())
    }

    fn update(&self, workspace: &WorkspaceId, endpoint: &EndpointId, update: Update) -> UpdateItemFluentBuilder {
        let mut expression = String::new();
        if !update.set.is_empty() {
            expression += &format!("SET {} ", update.set.join(", "));
        }
        if !update.remove.is_empty() {
            expression += &format!("REMOVE {} ", update.remove.join(", "));
        }
        if !update.add.is_empty() {
            let add = update.add.iter().map(|name| format!("{name} :{name}")).collect::<Vec<_>>();
            expression += &format!("ADD {}", add.join(", "));
        }
        let mut request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(workspace, endpoint)))
            .update_expression(expression)
            .set_expression_attribute_values(Some(update.values).filter(|values| !values.is_empty()));
        for set in update.set {
            // "#name = :name"
            let name = set.split(' ').next().unwrap_or_default().to_owned();
            request = request.expression_attribute_names(&name, name.trim_start_matches('#'));
        }
        request
    }

    /// Carries an update out under a condition; `None` when it does not hold.
    async fn conditional(
        &self,
        update: UpdateItemFluentBuilder,
        condition: &str,
    ) -> Result<Option<HashMap<String, AttributeValue>>, StoreError> {
        let mut update = update.condition_expression(condition);
        for name in ["leaseOwner", "leaseUntil", "health"] {
            if condition.contains(&format!("#{name}")) {
                update = update.expression_attribute_names(format!("#{name}"), name);
            }
        }
        match update.send().await {
            Ok(answer) => Ok(Some(answer.attributes.unwrap_or_default())),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(None),
                _ => Err(StoreError::unavailable(&self.table, "UpdateItem", &error)),
            },
        }
    }

    async fn as_holder(&self, lease: &Lease, update: Update, further: &str) -> Result<bool, StoreError> {
        let update = update.value(":holder", text(&lease.owner));
        let update = self.update(&lease.workspace, &lease.endpoint, update);
        let held = self.conditional(update, &format!("leaseOwner = :holder{further}")).await?;
        Ok(held.is_some())
    }
}

fn key(workspace: &WorkspaceId, endpoint: &EndpointId) -> HashMap<String, AttributeValue> {
    HashMap::from([
        ("pk".to_owned(), text(workspace.as_str())),
        ("sk".to_owned(), text(format!("endpoint#{endpoint}"))),
    ])
}
