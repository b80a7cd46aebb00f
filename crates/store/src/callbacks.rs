//! A workspace's callbacks: one item, replaced as a whole under optimistic locking (`revision`).
//!
//! | attribute | |
//! |---|---|
//! | `pk` | the workspace |
//! | `sk` | `callbacks` |
//! | `version` | 1 at the first write, then incremented with each write |
//! | `revision` | a random id of the write: after a deletion versions begin again at 1, revisions never repeat |
//! | `created`, `updated`, `deleted` | `{enabled, urls}` |
//! | `replaced` | a list of `{from, to, at}`: replaced URLs with their successors and times |
//! | `changedAt` | time of the write |
//! | `fleetPk` | the partition of all workspaces in the index `byFleet` |

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::endpoints::Inherited;
use super::fleet::WORKSPACES;
use super::transaction::{self, AUDIT_RETENTION, Change, key};
use webhooks_model::audit::{Author, Entry};
use webhooks_model::callbacks::{Callbacks, Replaced};
use webhooks_model::workspace::WorkspaceId;
use webhooks_model::world::World;
use webhooks_runtime::machine::Machine;

const SORT_KEY: &str = "callbacks";

/// Store of the callbacks.
#[derive(Clone, Debug)]
pub struct CallbacksStore {
    client: Client,
    table: String,
    audit_retention: Duration,
}

/// Unique id of a write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision(String);

impl Revision {
    pub(super) fn random() -> Self {
        Self(Machine.unique_name())
    }

    /// Returns the revision as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Stored callbacks; the default is that of a workspace that was never set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredCallbacks {
    /// 0 for a workspace that was never set, then incremented with each write.
    pub version: u64,
    /// Revision of the last write; `None` for a workspace that was never set.
    pub revision: Option<Revision>,
    /// The callbacks.
    #[serde(flatten)]
    pub callbacks: Callbacks,
    /// Recently replaced URLs. Their pending deliveries move to their successors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<Replaced>,
    /// Reason why the item cannot be read, if it cannot. Version and revision are still known as far as possible.
    #[serde(skip)]
    pub damage: Option<StoreError>,
}

impl StoredCallbacks {
    pub(super) fn read(item: HashMap<String, AttributeValue>, table: &str, workspace: &WorkspaceId) -> Self {
        let version = item.get("version").and_then(|version| version.as_n().ok()?.parse().ok()).unwrap_or_default();
        let revision = item.get("revision").and_then(|revision| revision.as_s().ok().cloned().map(Revision));
        serde_dynamo::from_item(item).unwrap_or_else(|error| {
            let damage = StoreError::damaged(table, format!("{workspace}/{SORT_KEY}"), &error);
            Self { version, revision, damage: Some(damage), ..Self::default() }
        })
    }

    /// Returns the callbacks, if they can be read.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub fn checked(self) -> Result<Self, StoreError> {
        self.damage.clone().map_or(Ok(self), Err)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    pk: &'a WorkspaceId,
    sk: &'static str,
    #[serde(flatten)]
    stored: &'a StoredCallbacks,
    changed_at: Timestamp,
    fleet_pk: &'static str,
}

impl CallbacksStore {
    /// Creates the store of the given table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into(), audit_retention: AUDIT_RETENTION }
    }

    /// Sets the retention of audit entries.
    #[must_use]
    pub fn keeping_audit_for(self, audit_retention: Duration) -> Self {
        Self { audit_retention, ..self }
    }

    /// Returns the current callbacks, by a strongly consistent read. [`StoredCallbacks::damage`] says whether they are
    /// readable.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn get(&self, workspace: &WorkspaceId) -> Result<StoredCallbacks, StoreError> {
        let read = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(workspace, SORT_KEY)))
            .consistent_read(true);
        let item = read.send().await.map_err(|error| StoreError::failed(&self.table, "GetItem", &error))?.item;
        Ok(item.map(|item| StoredCallbacks::read(item, &self.table, workspace)).unwrap_or_default())
    }

    /// Replaces the version that `seen` describes, and writes the audit entry of `author`.
    ///
    /// The endpoints that replace others get their `inherited` records in the same transaction.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the stored version is another one; [`StoreError::Unavailable`].
    pub async fn replace(
        &self,
        workspace: &WorkspaceId,
        seen: &StoredCallbacks,
        (callbacks, replaced): (Callbacks, Vec<Replaced>),
        inherited: Vec<Inherited>,
        author: Author<'_>,
    ) -> Result<StoredCallbacks, StoreError> {
        let entry = Entry::callbacks_set(author, &seen.callbacks, &callbacks, &replaced);
        let (version, revision) = (seen.version + 1, Some(Revision::random()));
        let stored = StoredCallbacks { version, revision, callbacks, replaced, damage: None };
        let item = Item { pk: workspace, sk: SORT_KEY, stored: &stored, changed_at: entry.at, fleet_pk: WORKSPACES };
        let item = serde_dynamo::to_item(item)
            .map_err(|error| StoreError::damaged(&self.table, format!("{workspace}/{SORT_KEY}"), &error))?;
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        let put = match &seen.revision {
            // The revision may be damaged, too.
            None if seen.damage.is_some() => put.condition_expression("attribute_exists(pk)"),
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(seen) => put
                .condition_expression("revision = :seen")
                .expression_attribute_values(":seen", AttributeValue::S(seen.0.clone())),
        };
        let put = put.build().map_err(|error| StoreError::unbuilt(&self.table, &error))?;
        let inherited = inherited.into_iter().map(|it| Change::Update(it.0));
        let changes = std::iter::once(Change::Put(put)).chain(inherited);
        transaction::write(&self.client, &self.table, workspace, changes, (&entry, self.audit_retention)).await?;
        Ok(stored)
    }

    /// Removes the version that `seen` describes, as if the workspace had never been set, and writes the audit entry of
    /// `author`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the stored version is another one; [`StoreError::Unavailable`].
    pub async fn remove(
        &self,
        workspace: &WorkspaceId,
        seen: &StoredCallbacks,
        author: Author<'_>,
    ) -> Result<(), StoreError> {
        let condition = match &seen.revision {
            Some(_) => "revision = :seen",
            None if seen.damage.is_some() => "attribute_exists(pk)",
            None => return Ok(()),
        };
        let values = seen.revision.iter().map(|seen| (":seen".to_owned(), AttributeValue::S(seen.0.clone())));
        let values: HashMap<_, _> = values.collect();
        let entry = Entry::callbacks_reset(author, &seen.callbacks);
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key(workspace, SORT_KEY)))
            .condition_expression(condition)
            .set_expression_attribute_values(Some(values).filter(|values| !values.is_empty()))
            .build()
            .map_err(|error| StoreError::unbuilt(&self.table, &error))?;
        transaction::write(
            &self.client,
            &self.table,
            workspace,
            [Change::Delete(delete)],
            (&entry, self.audit_retention),
        )
        .await
    }
}
