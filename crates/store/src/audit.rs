//! The audit: one item for each change of a setting.
//!
//! | attribute | |
//! |---|---|
//! | `pk`, `sk` | the workspace, `audit#{id}` |
//! | `at` | time of the change, RFC 3339 |
//! | `callerID`, `callerName` | its author |
//! | `action` | its kind |
//! | `from`, `to` | the state before and after it |
//! | `expiresAt` | seconds since 1970; an entry of an earlier release has none, and never expires |
//!
//! Entries never change.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Put};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{StoreError, readable, transaction};
use webhooks_model::audit::Actor;
use webhooks_model::audit::{Action, Entry, EntryId, InvalidEntryId};
use webhooks_model::workspace::WorkspaceId;

const PREFIX: &str = "audit#";

/// Store of the audit entries.
#[derive(Clone, Debug)]
pub struct AuditStore {
    client: Client,
    table: String,
}

/// A page of the audit.
#[derive(Debug)]
pub struct AuditPage {
    /// Entries, newest first.
    pub entries: Vec<Entry>,
    /// Cursor of the next page; `None` on the last page.
    pub next: Option<EntryId>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    pk: String,
    sk: String,
    at: Timestamp,
    #[serde(rename = "callerID")]
    caller_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller_name: Option<String>,
    action: Action,
    from: Value,
    to: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

impl AuditStore {
    /// Creates the store of the given table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Returns at most `limit` entries before `cursor`, newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn page(
        &self,
        workspace: &WorkspaceId,
        cursor: Option<&EntryId>,
        limit: usize,
    ) -> Result<AuditPage, StoreError> {
        let text = |text: String| AttributeValue::S(text);
        let start = cursor.map(|id| transaction::key(workspace, &format!("{PREFIX}{}", id.as_str())));
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .scan_index_forward(false)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", text(workspace.as_str().to_owned()))
            .expression_attribute_values(":prefix", text(PREFIX.to_owned()))
            .set_exclusive_start_key(start)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let page = query.send().await.map_err(|error| StoreError::failed(&self.table, "Query", &error))?;
        let last =
            page.last_evaluated_key.and_then(|key| key.get("sk")?.as_s().ok()?.strip_prefix(PREFIX)?.parse().ok());
        let entries = page.items.unwrap_or_default().into_iter().filter_map(|item| readable(self.entry(item)));
        Ok(AuditPage { entries: entries.collect(), next: last })
    }

    fn entry(&self, item: HashMap<String, AttributeValue>) -> Result<Entry, StoreError> {
        let key = item.get("sk").and_then(|sk| sk.as_s().ok()).cloned().unwrap_or_default();
        let damaged = |cause: &dyn std::fmt::Display| StoreError::damaged(&self.table, key.clone(), &cause);
        let item: Item = serde_dynamo::from_item(item).map_err(|error| damaged(&error))?;
        let id = item.sk.strip_prefix(PREFIX).unwrap_or_default().parse();
        let id = id.map_err(|error: InvalidEntryId| damaged(&error))?;
        let actor = Actor { id: item.caller_id, name: item.caller_name };
        Ok(Entry { id, at: item.at, actor, action: item.action, from: item.from, to: item.to })
    }
}

/// Returns the write of an entry.
pub(super) fn put(table: &str, workspace: &WorkspaceId, entry: &Entry, retention: Duration) -> Result<Put, StoreError> {
    let Entry { id, at, actor, action, from, to } = entry.clone();
    let item = Item {
        pk: workspace.as_str().to_owned(),
        sk: format!("{PREFIX}{}", id.as_str()),
        at,
        caller_id: actor.id,
        caller_name: actor.name,
        action,
        from,
        to,
        expires_at: Some(at.saturating_add(retention).unwrap_or(Timestamp::MAX).as_second()),
    };
    let item = serde_dynamo::to_item(item).map_err(|error| StoreError::damaged(table, "audit", &error))?;
    let put = Put::builder().table_name(table).set_item(Some(item));
    // An entry is never overwritten.
    put.condition_expression("attribute_not_exists(pk)").build().map_err(|error| StoreError::unbuilt(table, &error))
}
