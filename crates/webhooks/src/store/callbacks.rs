//! A workspace's callbacks: one item, replaced as a whole and only by whom has seen what he replaces.
//!
//! | attribute | |
//! |---|---|
//! | `pk` | the workspace |
//! | `sk` | `callbacks` |
//! | `version` | 1 at the first write, then one more at each |
//! | `revision` | a random id of this very write: after a deletion versions begin again at 1, revisions never repeat |
//! | `created`, `updated`, `deleted` | `{enabled, urls}` |
//! | `changedAt` | when it was written |

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::transaction::{self, Change, key};
use crate::access::Caller;
use crate::audit::Entry;
use crate::callbacks::Callbacks;
use crate::workspace::WorkspaceId;
use crate::world::{Machine, World};

const SORT_KEY: &str = "callbacks";

/// Reads and writes callbacks.
#[derive(Clone, Debug)]
pub struct CallbacksStore {
    client: Client,
    table: String,
}

/// What tells one write from every other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision(String);

impl Revision {
    pub(super) fn random() -> Self {
        Self(Machine.unique_name())
    }

    /// The revision as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Callbacks as they are stored; the default is that of a workspace never set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredCallbacks {
    /// 0 for a workspace never set, then one more at each write.
    pub version: u64,
    /// `None` for a workspace never set.
    pub revision: Option<Revision>,
    /// What was set.
    #[serde(flatten)]
    pub callbacks: Callbacks,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    pk: &'a WorkspaceId,
    sk: &'static str,
    #[serde(flatten)]
    stored: &'a StoredCallbacks,
    changed_at: Timestamp,
}

impl CallbacksStore {
    /// Callbacks in the given table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// The callbacks that count now: a strongly consistent read.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn get(&self, workspace: &WorkspaceId) -> Result<StoredCallbacks, StoreError> {
        let read = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(workspace, SORT_KEY)))
            .consistent_read(true);
        let item = read.send().await.map_err(|error| StoreError::unavailable(&self.table, "GetItem", &error))?.item;
        let Some(item) = item else { return Ok(StoredCallbacks::default()) };
        serde_dynamo::from_item(item).map_err(|source| StoreError::Damaged {
            table: self.table.clone(),
            key: format!("{workspace}/{SORT_KEY}"),
            source,
        })
    }

    /// Replaces what `seen` describes, and says in the audit that `caller` did.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is no longer what is stored; [`StoreError::Unavailable`].
    pub async fn replace(
        &self,
        workspace: &WorkspaceId,
        seen: &StoredCallbacks,
        callbacks: Callbacks,
        caller: &Caller,
    ) -> Result<StoredCallbacks, StoreError> {
        let entry = Entry::callbacks_set(caller, &seen.callbacks, &callbacks);
        let stored = StoredCallbacks { version: seen.version + 1, revision: Some(Revision::random()), callbacks };
        let item = Item { pk: workspace, sk: SORT_KEY, stored: &stored, changed_at: entry.at };
        let item = serde_dynamo::to_item(item).map_err(|source| StoreError::Damaged {
            table: self.table.clone(),
            key: format!("{workspace}/{SORT_KEY}"),
            source,
        })?;
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        let put = match &seen.revision {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(seen) => put
                .condition_expression("revision = :seen")
                .expression_attribute_values(":seen", AttributeValue::S(seen.0.clone())),
        };
        let put = put.build().map_err(|error| StoreError::unbuilt(&self.table, &error))?;
        transaction::write(&self.client, &self.table, workspace, Change::Put(put), &entry).await?;
        Ok(stored)
    }

    /// Removes what `seen` describes, so that the workspace is as never set, and says in the audit that `caller` did.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is no longer what is stored; [`StoreError::Unavailable`].
    pub async fn remove(
        &self,
        workspace: &WorkspaceId,
        seen: &StoredCallbacks,
        caller: &Caller,
    ) -> Result<(), StoreError> {
        let Some(revision) = &seen.revision else { return Ok(()) };
        let entry = Entry::callbacks_reset(caller, &seen.callbacks);
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key(workspace, SORT_KEY)))
            .condition_expression("revision = :seen")
            .expression_attribute_values(":seen", AttributeValue::S(revision.0.clone()))
            .build()
            .map_err(|error| StoreError::unbuilt(&self.table, &error))?;
        transaction::write(&self.client, &self.table, workspace, Change::Delete(delete), &entry).await
    }
}
