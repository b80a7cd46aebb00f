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
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Put};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::transaction::{self, AUDIT_RETENTION};
use super::{StoreError, readable};
use webhooks_model::audit::Actor;
use webhooks_model::audit::{Action, Entry, EntryId, Filter, InvalidEntryId};
use webhooks_model::workspace::WorkspaceId;

const PREFIX: &str = "audit#";

/// Maximum number of queries for a page.
const QUERIES: usize = 10;

/// Number of entries that a query reads for a filter that looks inside them.
const READ_AT_ONCE: usize = 200;

type Key = HashMap<String, AttributeValue>;

/// Store of the audit entries.
#[derive(Clone, Debug)]
pub struct AuditStore {
    client: Client,
    table: String,
    retention: Duration,
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
        Self { client, table: table.into(), retention: AUDIT_RETENTION }
    }

    /// Sets the retention of entries.
    #[must_use]
    pub fn keeping_for(self, retention: Duration) -> Self {
        Self { retention, ..self }
    }

    /// Writes an entry of a change that is not in this table.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn write(&self, workspace: &WorkspaceId, entry: &Entry) -> Result<(), StoreError> {
        transaction::write(&self.client, &self.table, workspace, [], (entry, self.retention)).await
    }

    /// Returns at most `limit` entries before `cursor` that the filter matches, newest first.
    ///
    /// Reads the keys of the filter's range of time, by up to `QUERIES` queries, so that a filter that matches little
    /// does not read a whole year: then the page ends with a cursor, be it empty.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn page(
        &self,
        workspace: &WorkspaceId,
        filter: &Filter,
        cursor: Option<&EntryId>,
        limit: usize,
    ) -> Result<AuditPage, StoreError> {
        let (lower, upper) = range(filter, cursor);
        let (mut entries, mut start) = (Vec::new(), None);
        if lower > upper {
            return Ok(AuditPage { entries, next: None });
        }
        for _ in 0..QUERIES {
            let read = if filter.looks_inside() { READ_AT_ONCE } else { limit - entries.len() + 1 };
            let query = self.query(workspace, (&lower, &upper), start).limit(i32::try_from(read).unwrap_or(i32::MAX));
            let page = query.send().await.map_err(|error| StoreError::failed(&self.table, "Query", &error))?;
            let found = page.items.unwrap_or_default().into_iter().filter_map(|item| readable(self.entry(item)));
            for entry in found.filter(|entry| Some(&entry.id) != cursor && filter.matches(entry)) {
                if entries.len() == limit {
                    return Ok(AuditPage { next: entries.last().map(|last: &Entry| last.id.clone()), entries });
                }
                entries.push(entry);
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(AuditPage { entries, next: None });
            }
        }
        let next = start.and_then(|key| key.get("sk")?.as_s().ok()?.strip_prefix(PREFIX)?.parse().ok());
        Ok(AuditPage { entries, next })
    }

    fn query(&self, workspace: &WorkspaceId, (lower, upper): (&str, &str), start: Option<Key>) -> QueryFluentBuilder {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        self.client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .scan_index_forward(false)
            .key_condition_expression("pk = :pk AND sk BETWEEN :lower AND :upper")
            .expression_attribute_values(":pk", text(workspace.as_str()))
            .expression_attribute_values(":lower", text(lower))
            .expression_attribute_values(":upper", text(upper))
            .set_exclusive_start_key(start)
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

/// Returns the lowest and the highest sort key of a filter's range of time that is not after `cursor`. Both are
/// inclusive; an id begins with its milliseconds, and has more characters than they have.
fn range(filter: &Filter, cursor: Option<&EntryId>) -> (String, String) {
    let key = |milliseconds: i64| format!("{PREFIX}{:014}", milliseconds.max(0));
    let lower = filter.since.map_or(PREFIX.to_owned(), |since| key(since.as_millisecond()));
    // Of the last millisecond a part may be before `until`: the filter looks closer.
    let upper = filter.until.map(|until| key(until.as_millisecond().saturating_add(1)));
    let cursor = cursor.map(|cursor| format!("{PREFIX}{}", cursor.as_str()));
    let upper = upper.into_iter().chain(cursor).min();
    // The character after the digits.
    (lower, upper.unwrap_or_else(|| format!("{PREFIX}:")))
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
