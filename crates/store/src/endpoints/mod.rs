//! Endpoints: the settings, the health and the drain lease of each.
//!
//! | attribute | |
//! |---|---|
//! | `pk`, `sk` | the workspace, `endpoint#{endpointID}` |
//! | `url` | the callback URL |
//! | `paused`, `pausedUntil`, `processNames`, `changed`, `where`, `maxPerSecond`, `onBacklog`, `name`, `description`, `contact`, `settingsRevision` | its settings, and the unique revision of their last change |
//! | `secretHeaders` | a map of `value` and `changedAt` by name |
//! | `secret` | the sources of its secret: a map of `identity` and `generation`, or `own` (`whsec_…`), `previous`, a list of such maps with `expiresAt`, newest first, and `changedAt` |
//! | `health` (`healthy`, `failing`, `disabled`), `misses`, `rejections`, `since`, `failedProbes`, `probeAt`, `warned`, `disabledReason` | [`Health`](webhooks_model::endpoint::Health) |
//! | `late`, `window` | number of batches in a row that ended before its response; number of sustainable concurrent attempts |
//! | `hasBacklog`, `held` | the later deliveries that queue: all, or those of these instances |
//! | `appends`, `appends0` … `appendsf` | counts of additions to the backlog, in total and by partition |
//! | `appendingUntil` | time until which a counted addition may still be on its way to the table, until a drain has looked for it after that |
//! | `nextDeferredAt` | time of the next deferred delivery |
//! | `leaseOwner`, `leaseUntil` | the drain, and the end of its lease |
//! | `wakePk`, `wakeAt` | index `byWakeAt`, while something is pending or may be on its way; time of the next wake-up |
//! | `lastSuccessAt`, `lastFailureAt`, `lastFailedDelivery`, `publishedState`, `unpublishedFailures`, `failuresPublishedAt` | |
//!
//! An endpoint that is no longer configured has no item once none of its deliveries is pending.
//!
//! Several writers update one item concurrently, so each writes only its own attributes, under its own condition. Times
//! are milliseconds since 1970.

mod fanout_updates;
mod item;
mod lease;
mod secret;
mod secret_headers;
mod settings;
mod update;
mod wake;

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;

use self::item::from_item;
use self::update::{Update, key, text};
use super::transaction::AUDIT_RETENTION;
use super::{StoreError, StoredCallbacks, StoredKeys, secrets};
use webhooks_model::endpoint::{EndpointId, EndpointRecord};
use webhooks_model::workspace::WorkspaceId;

pub use fanout_updates::{Append, AppendStage, Evidence, Hold};
pub use lease::Lease;
pub use settings::{Inherited, SettingsPatch};

/// Store of the endpoints.
#[derive(Clone, Debug)]
pub struct EndpointsStore {
    client: Client,
    table: String,
    audit_retention: Duration,
}

/// State of a workspace for the fan-out.
#[derive(Clone, Debug, Default)]
pub struct WorkspaceState {
    /// The callbacks.
    pub callbacks: StoredCallbacks,
    /// The endpoints that have a record.
    pub endpoints: HashMap<EndpointId, EndpointRecord>,
    /// The keys of signing secrets; `None` before the first signature, and if they cannot be read.
    pub keys: Option<StoredKeys>,
    /// Reason why the keys cannot be read, if they cannot.
    pub damaged_keys: Option<StoreError>,
}

impl WorkspaceState {
    /// Returns the errors of the items that cannot be read.
    pub fn damage(&self) -> Vec<String> {
        let endpoints = self.endpoints.iter().filter(|(_, record)| record.is_damaged());
        let endpoints = endpoints.map(|(id, record)| format!("endpoint#{id}: {}", record.damaged.join(", ")));
        let others = self.callbacks.damage.iter().chain(&self.damaged_keys).map(ToString::to_string);
        let mut all: Vec<_> = endpoints.chain(others).collect();
        all.sort_unstable();
        all
    }

    /// Returns whether events are stored without their endpoints: the callbacks cannot be read, or earlier events are
    /// still stored for that reason.
    pub fn is_unrouted(&self) -> bool {
        let unrouted = self.endpoints.get(&EndpointId::unrouted());
        self.callbacks.damage.is_some() || unrouted.is_some_and(EndpointRecord::has_queued)
    }

    /// Returns the state, if its callbacks can be read.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn checked(self) -> Result<Self, StoreError> {
        self.callbacks.damage.clone().map_or(Ok(self), Err)
    }
}

impl EndpointsStore {
    /// Creates the store of the given table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into(), audit_retention: AUDIT_RETENTION }
    }

    /// Sets the retention of audit entries.
    #[must_use]
    pub fn keeping_audit_for(self, audit_retention: Duration) -> Self {
        Self { audit_retention, ..self }
    }

    /// Returns callbacks, endpoints and keys of a workspace, by one strongly consistent query.
    ///
    /// An item that cannot be read does not affect the others.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn workspace(&self, workspace: &WorkspaceId) -> Result<WorkspaceState, StoreError> {
        let mut items = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", text(workspace.as_str()))
            .expression_attribute_values(":first", text("callbacks"))
            .expression_attribute_values(":last", text(secrets::SORT_KEY))
            .into_paginator()
            .items()
            .send();
        let mut state = WorkspaceState::default();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| StoreError::failed(&self.table, "Query", &error))?;
            let sk = item.get("sk").and_then(|sk| sk.as_s().ok()).cloned().unwrap_or_default();
            if sk == secrets::SORT_KEY {
                match StoredKeys::read(item, &self.table, workspace) {
                    Ok(stored) => state.keys = Some(stored),
                    Err(error) => state.damaged_keys = Some(error),
                }
            } else if sk == "callbacks" {
                state.callbacks = StoredCallbacks::read(item, &self.table, workspace);
            } else if let Some(Ok(id)) = sk.strip_prefix("endpoint#").map(|id| EndpointId::try_from(id.to_owned())) {
                state.endpoints.insert(id, from_item(item));
            }
        }
        Ok(state)
    }

    /// Returns the record of an endpoint; the default if there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn get(&self, workspace: &WorkspaceId, endpoint: &EndpointId) -> Result<EndpointRecord, StoreError> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(key(workspace, endpoint)));
        let item = get.consistent_read(true).send().await;
        let item = item.map_err(|error| StoreError::failed(&self.table, "GetItem", &error))?.item;
        Ok(item.map(from_item).unwrap_or_default())
    }

    fn update(&self, workspace: &WorkspaceId, endpoint: &EndpointId, update: Update) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(workspace, endpoint)))
            .update_expression(update.expression())
            .set_condition_expression(update.condition())
            .set_expression_attribute_names(Some(update.names).filter(|names| !names.is_empty()))
            .set_expression_attribute_values(Some(update.values).filter(|values| !values.is_empty()))
    }

    /// Executes an update; returns `None` if its condition does not hold.
    async fn conditional(
        &self,
        update: UpdateItemFluentBuilder,
    ) -> Result<Option<HashMap<String, AttributeValue>>, StoreError> {
        match update.send().await {
            Ok(answer) => Ok(Some(answer.attributes.unwrap_or_default())),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(None),
                _ => Err(StoreError::failed(&self.table, "UpdateItem", &error)),
            },
        }
    }
}
