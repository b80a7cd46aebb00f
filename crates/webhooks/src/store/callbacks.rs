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

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::StoreError;
use crate::callbacks::Callbacks;
use crate::workspace::WorkspaceId;

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
        let read = self.client.get_item().table_name(&self.table).set_key(Some(key(workspace))).consistent_read(true);
        let item = read.send().await.map_err(|error| StoreError::unavailable(&self.table, "GetItem", &error))?.item;
        let Some(item) = item else { return Ok(StoredCallbacks::default()) };
        serde_dynamo::from_item(item).map_err(|source| StoreError::Damaged {
            table: self.table.clone(),
            key: format!("{workspace}/{SORT_KEY}"),
            source,
        })
    }

    /// Replaces what `seen` describes.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is no longer what is stored; [`StoreError::Unavailable`].
    pub async fn replace(
        &self,
        workspace: &WorkspaceId,
        seen: &StoredCallbacks,
        callbacks: Callbacks,
    ) -> Result<StoredCallbacks, StoreError> {
        let revision = Some(Revision(Uuid::new_v4().simple().to_string()));
        let stored = StoredCallbacks { version: seen.version + 1, revision, callbacks };
        let item = Item { pk: workspace, sk: SORT_KEY, stored: &stored, changed_at: Timestamp::now() };
        let item = serde_dynamo::to_item(item).map_err(|source| StoreError::Damaged {
            table: self.table.clone(),
            key: format!("{workspace}/{SORT_KEY}"),
            source,
        })?;
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = match &seen.revision {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(seen) => put
                .condition_expression("revision = :seen")
                .expression_attribute_values(":seen", AttributeValue::S(seen.0.clone())),
        };
        match put.send().await {
            Ok(_) => Ok(stored),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    // The SDK repeats a write whose answer was lost: then what is in the way is this very write.
                    let standing = failed.item().and_then(|item| item.get("revision")).and_then(|it| it.as_s().ok());
                    let ours = stored.revision.as_ref().map(|revision| &revision.0);
                    if standing.is_some() && standing == ours { Ok(stored) } else { Err(StoreError::Conflict) }
                }
                _ => Err(StoreError::unavailable(&self.table, "PutItem", &error)),
            },
        }
    }

    /// Removes what `seen` describes, so that the workspace is as never set.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is no longer what is stored; [`StoreError::Unavailable`].
    pub async fn remove(&self, workspace: &WorkspaceId, seen: &StoredCallbacks) -> Result<(), StoreError> {
        let Some(seen) = &seen.revision else { return Ok(()) };
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key(workspace)))
            .condition_expression("revision = :seen")
            .expression_attribute_values(":seen", AttributeValue::S(seen.0.clone()));
        match delete.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Err(StoreError::Conflict),
                _ => Err(StoreError::unavailable(&self.table, "DeleteItem", &error)),
            },
        }
    }
}

fn key(workspace: &WorkspaceId) -> HashMap<String, AttributeValue> {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    HashMap::from([("pk".to_owned(), text(workspace.as_str())), ("sk".to_owned(), text(SORT_KEY))])
}
