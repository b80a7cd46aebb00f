//! The log, newest first: a merge of index partitions, each of them a query.
//!
//! | filter | read |
//! |---|---|
//! | `status` pending or failed | index `byStatus`, which holds nothing else |
//! | `instanceID` | index `byInstance`: one partition |
//! | `endpointID` | the endpoint's partitions in the table itself, and what waits from `byStatus` |
//! | none of these | index `byTime` |
//!
//! What remains of the filters is checked on what these give. A page may therefore be short, or even empty, and still have
//! a cursor: so many items were looked at, and no more for one call.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use super::item::{from_item, log_pk, status_pk};
use super::key::{DeliveryId, Place, SHARDS, Turn, instance_pk, partition_pk, shard};
use super::{DeliveriesStore, StoredDelivery};
use crate::delivery::Status;
use crate::endpoint::EndpointId;
use crate::event::{EventType, LAST_MILLISECOND, PARTITIONS};
use crate::store::{StoreError, cursor, readable};
use crate::workspace::WorkspaceId;

/// Items that one partition looks at for one page.
const LOOKED_AT: usize = 2_000;

/// Queries at a time.
pub(super) const CONCURRENT: usize = 16;

/// Which deliveries; what is `None` does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Where they stand.
    pub status: Option<Status>,
    /// What happened.
    pub event_type: Option<EventType>,
    /// Whom they are for.
    pub endpoint: Option<EndpointId>,
    /// Whose event it is.
    pub instance_id: Option<String>,
    /// Changed then or later.
    pub since: Option<Timestamp>,
    /// Changed before then.
    pub until: Option<Timestamp>,
}

/// Where the next page begins, in the log of one workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

/// A text that no page of this workspace has given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no cursor that a page of this workspace has given")]
pub struct InvalidCursor;

impl Cursor {
    /// Reads what [`Self::text`] has written for the same workspace.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn read(text: &str, workspace: &WorkspaceId) -> Result<Self, InvalidCursor> {
        let position = cursor::unmarked(text, workspace).ok_or(InvalidCursor)?;
        let (time, id) = position.split_once('.').ok_or(InvalidCursor)?;
        let valid =
            time.len() == 13 && time.bytes().all(|byte| byte.is_ascii_digit()) && id.parse::<DeliveryId>().is_ok();
        if valid { Ok(Self(position.to_owned())) } else { Err(InvalidCursor) }
    }

    /// For the next call.
    pub fn text(&self, workspace: &WorkspaceId) -> String {
        cursor::marked(&self.0, workspace)
    }

    fn of(log_sk: &str) -> Self {
        Self(log_sk.replacen('#', ".", 1))
    }

    fn log_sk(&self) -> String {
        self.0.replacen('.', "#", 1)
    }
}

/// A page of the log.
#[derive(Debug)]
pub struct LogPage {
    /// Newest first, without their attempts.
    pub deliveries: Vec<StoredDelivery>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<Cursor>,
}

/// One partition to read.
pub(super) struct Source {
    index: Option<&'static str>,
    pk_name: &'static str,
    pk: String,
    /// What stands before the log's own order in the sort key.
    prefix: &'static str,
}

/// What one partition gave: its newest, and how far it looked if it did not get to its end.
struct Read {
    deliveries: Vec<StoredDelivery>,
    stopped_at: Option<String>,
}

impl DeliveriesStore {
    /// A page of at most `limit` deliveries; one that cannot be read is left out.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn log(
        &self,
        workspace: &WorkspaceId,
        filter: &LogFilter,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<LogPage, StoreError> {
        let before = after.map(Cursor::log_sk);
        let sources = sources(workspace, filter);
        let reads = sources.into_iter().map(|source| self.read(source, filter, before.as_deref(), limit));
        let reads: Vec<Read> = stream::iter(reads).buffer_unordered(CONCURRENT).try_collect().await?;
        Ok(merge(reads, limit))
    }

    /// One delivery with its attempts.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn get(&self, workspace: &WorkspaceId, id: &DeliveryId) -> Result<Option<StoredDelivery>, StoreError> {
        let pk = id.pk(workspace);
        for place in [Place::Completed, Place::Backlog(Turn::Next)] {
            if let Some(found) = self.get_item(&pk, &id.sk(place)).await? {
                return Ok(Some(found));
            }
        }
        // Set aside: only the index knows until when.
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("byTime")
            .key_condition_expression("logPk = :pk AND logSk = :sk")
            .expression_attribute_values(":pk", AttributeValue::S(log_pk(workspace, id.shard())))
            .expression_attribute_values(":sk", AttributeValue::S(id.log_sk()));
        let answer = query.send().await.map_err(|error| StoreError::failed(&self.table, "Query", &error))?;
        let sk = answer.items.and_then(|items| items.first()?.get("sk")?.as_s().ok().cloned());
        match sk {
            Some(sk) => self.get_item(&pk, &sk).await,
            None => Ok(None),
        }
    }

    async fn get_item(&self, pk: &str, sk: &str) -> Result<Option<StoredDelivery>, StoreError> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let key = HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))]);
        let get = self.client.get_item().table_name(&self.table).set_key(Some(key)).consistent_read(true);
        let item = get.send().await.map_err(|error| StoreError::failed(&self.table, "GetItem", &error))?.item;
        item.map(|item| self.stored(item)).transpose()
    }

    pub(super) fn stored(&self, item: HashMap<String, AttributeValue>) -> Result<StoredDelivery, StoreError> {
        let key = item.get("deliveryID").and_then(|id| id.as_s().ok()).cloned().unwrap_or_default();
        from_item(item).map_err(|error| StoreError::damaged(&self.table, key, &error))
    }

    async fn read(
        &self,
        source: Source,
        filter: &LogFilter,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Read, StoreError> {
        let before = bound(filter, before);
        let mut read = Read { deliveries: Vec::new(), stopped_at: None };
        let (mut start, mut looked_at) = (None, 0);
        loop {
            let Some(query) = self.query(&source, filter, before.as_deref()) else { return Ok(read) };
            let query = query.set_exclusive_start_key(start).limit(i32::try_from(limit + 1).unwrap_or(i32::MAX));
            let query =
                if filter.status.is_some() { query.expression_attribute_names("#status", "status") } else { query };
            let answer = query.send().await.map_err(|error| StoreError::failed(&self.table, "Query", &error))?;
            looked_at += usize::try_from(answer.scanned_count).unwrap_or_default();
            for item in answer.items.unwrap_or_default() {
                let Some(delivery) = readable(self.stored(item)) else { continue };
                if before.as_deref().is_none_or(|before| *delivery.id.log_sk() < *before) {
                    read.deliveries.push(delivery);
                }
            }
            start = answer.last_evaluated_key;
            let Some(last) = &start else { return Ok(read) };
            if read.deliveries.len() >= limit || looked_at >= LOOKED_AT {
                read.stopped_at = Some(source.position(last));
                return Ok(read);
            }
        }
    }

    /// A query of one partition, newest first, from just before `before` on; `None` when nothing can be there. Its filter
    /// may speak of `#status`.
    pub(super) fn query(
        &self,
        source: &Source,
        filter: &LogFilter,
        before: Option<&str>,
    ) -> Option<QueryFluentBuilder> {
        let prefix = source.prefix;
        let from = format!("{prefix}{:013}", filter.since.map_or(0, log_time));
        let to = format!("{prefix}{}", before.unwrap_or("~"));
        if from > to {
            return None;
        }
        let (pk, sk) = (source.pk_name, source.sk_name());
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(source.index.map(str::to_owned))
            .key_condition_expression(format!("{pk} = :pk AND {sk} BETWEEN :from AND :to"))
            .expression_attribute_values(":pk", AttributeValue::S(source.pk.clone()))
            .expression_attribute_values(":from", AttributeValue::S(from))
            .expression_attribute_values(":to", AttributeValue::S(to))
            .scan_index_forward(false);
        let (expression, values) = remaining(filter);
        for (name, value) in values {
            query = query.expression_attribute_values(name, AttributeValue::S(value));
        }
        Some(if expression.is_empty() { query } else { query.filter_expression(expression) })
    }
}

impl Source {
    fn sk_name(&self) -> &'static str {
        if self.index.is_some() { "logSk" } else { "sk" }
    }

    /// The place in the log of a key that this partition has given.
    pub(super) fn position(&self, key: &HashMap<String, AttributeValue>) -> String {
        let sk = key.get(self.sk_name()).and_then(|sk| sk.as_s().ok()).map_or("", |sk| sk.as_str());
        sk.strip_prefix(self.prefix).unwrap_or(sk).to_owned()
    }
}

/// What is read lies before this: the cursor or `until`. BETWEEN includes its bounds, and a text just below does not exist, so
/// what is equal has to be dropped.
pub(super) fn bound(filter: &LogFilter, before: Option<&str>) -> Option<String> {
    let until = filter.until.map(|until| format!("{:013}", log_time(until)));
    match (before, until) {
        (Some(before), Some(until)) => Some(until.min(before.to_owned())),
        (before, until) => before.map(str::to_owned).or(until),
    }
}

/// The keys of the log have 13 digits: the times from 1970 to 2286. No instance changed at another.
fn log_time(time: Timestamp) -> i64 {
    time.as_millisecond().clamp(0, LAST_MILLISECOND)
}

pub(super) fn sources(workspace: &WorkspaceId, filter: &LogFilter) -> Vec<Source> {
    let shards = |endpoint: &Option<EndpointId>| -> Vec<u16> {
        match endpoint {
            None => (0..SHARDS).collect(),
            Some(endpoint) => {
                let mut shards: Vec<_> = (0..PARTITIONS).map(|partition| shard(endpoint, partition)).collect();
                shards.sort_unstable();
                shards.dedup();
                shards
            }
        }
    };
    let by_status = |status: Status| {
        shards(&filter.endpoint).into_iter().map(move |shard| Source {
            index: Some("byStatus"),
            pk_name: "statusPk",
            pk: status_pk(workspace, status, shard),
            prefix: "",
        })
    };
    match (filter.status, &filter.instance_id, &filter.endpoint) {
        (Some(status @ (Status::Pending | Status::Failed)), _, _) => by_status(status).collect(),
        (_, Some(instance_id), _) => vec![Source {
            index: Some("byInstance"),
            pk_name: "instancePk",
            pk: instance_pk(workspace, instance_id),
            prefix: "",
        }],
        (_, None, Some(endpoint)) => {
            let over = (0..PARTITIONS).map(|partition| Source {
                index: None,
                pk_name: "pk",
                pk: partition_pk(endpoint, partition, workspace),
                prefix: "d#",
            });
            over.chain(by_status(Status::Pending)).collect()
        }
        (_, None, None) => (0..SHARDS)
            .map(|shard| Source { index: Some("byTime"), pk_name: "logPk", pk: log_pk(workspace, shard), prefix: "" })
            .collect(),
    }
}

/// The filters that no key answers, as an expression. A repeated check costs nothing.
fn remaining(filter: &LogFilter) -> (String, Vec<(&'static str, String)>) {
    let checks = [
        ("#status = :status", ":status", filter.status.map(|status| status.as_str().to_owned())),
        ("eventType = :eventType", ":eventType", filter.event_type.map(|event_type| event_type.to_string())),
        ("endpointID = :endpoint", ":endpoint", filter.endpoint.as_ref().map(ToString::to_string)),
        ("instanceID = :instance", ":instance", filter.instance_id.clone()),
    ];
    let checks: Vec<_> = checks.into_iter().filter_map(|(check, name, value)| Some((check, name, value?))).collect();
    let expression = checks.iter().map(|(check, _, _)| *check).collect::<Vec<_>>().join(" AND ");
    (expression, checks.into_iter().map(|(_, name, value)| (name, value)).collect())
}

/// The newest of all partitions, but nothing older than where one of them stopped looking. Pure.
fn merge(reads: Vec<Read>, limit: usize) -> LogPage {
    let floor = reads.iter().filter_map(|read| read.stopped_at.clone()).max();
    let mut deliveries: Vec<_> = reads.into_iter().flat_map(|read| read.deliveries).collect();
    // A delivery on its way from the backlog to the log may be found in both: the log is right.
    deliveries
        .sort_by_cached_key(|delivery| std::cmp::Reverse((delivery.id.log_sk(), delivery.status != Status::Pending)));
    deliveries.dedup_by(|a, b| a.id == b.id);
    if let Some(floor) = &floor {
        deliveries.retain(|delivery| delivery.id.log_sk() >= *floor);
    }
    let more = deliveries.len() > limit;
    deliveries.truncate(limit);
    let last = deliveries.last().map(|delivery| delivery.id.log_sk());
    let next = if more { last } else { floor };
    LogPage { deliveries, next: next.map(|log_sk| Cursor::of(&log_sk)) }
}
