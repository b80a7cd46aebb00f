//! The log, newest first: a merge of index partitions, each of them a query.
//!
//! | filter | source |
//! |---|---|
//! | a search for a delivery's id | the time of that delivery in one partition of the table, and of `byTime` |
//! | pending or failed, by `status`, `reason` or `statusCode` | index `byStatus`, which contains nothing else |
//! | `instanceID` | index `byInstance`: one partition |
//! | none of these | the table for completed ones, index `byTime` for pending ones; of `endpointID` its partitions |
//!
//! DynamoDB applies the remaining filters to these. Therefore a page may be short or even empty and still have a
//! cursor: the call's [`Budget`] was spent.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::item::from_item;
use super::key::{DeliveryId, StorageState, Turn, log_pk};
use super::source::{CONCURRENT, Partition, bound, sources, turn};
use super::{Budget, Conditions, DeliveriesStore, LogFilter, StoredDelivery};
use crate::{StoreError, cursor, readable};
use webhooks_model::delivery::Status;
use webhooks_model::workspace::WorkspaceId;

/// Number of items of one query. A thousand are about 1 MB, DynamoDB's limit for one response.
const PAGE: std::ops::RangeInclusive<usize> = 50..=1_000;

/// Attributes of a delivery in a page: those of the indices. The table has the attempts, too, with what is kept of responses.
const IN_A_PAGE: &str = "pk, sk, deliveryID, workspaceID, endpointID, #url, eventID, eventType, instanceID, processName, \
                         changedAt, #status, attemptCount, lastReason, lastStatus, lastLatencyMs, giveUpReason, due, logSk";

/// Factor by which the next read of a partition grows if its items do not match.
const GROWTH: usize = 4;

/// Position of the next page in the log of one workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

/// Error for a text that is not a cursor of this workspace's log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not the `next` of a page of this workspace")]
pub struct InvalidCursor;

impl Cursor {
    /// Parses a text of [`Self::text`] for the same workspace.
    ///
    /// # Errors
    /// [`InvalidCursor`] for any other text.
    pub fn read(text: &str, workspace: &WorkspaceId) -> Result<Self, InvalidCursor> {
        let position = cursor::unmarked(text, workspace).ok_or(InvalidCursor)?;
        let (time, id) = position.split_once('.').ok_or(InvalidCursor)?;
        let valid =
            time.len() == 13 && time.bytes().all(|byte| byte.is_ascii_digit()) && id.parse::<DeliveryId>().is_ok();
        if valid { Ok(Self(position.to_owned())) } else { Err(InvalidCursor) }
    }

    /// Returns the cursor as text.
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
    /// Deliveries, newest first, without their attempts.
    pub deliveries: Vec<StoredDelivery>,
    /// Cursor of the next page; `None` on the last page.
    pub next: Option<Cursor>,
}

/// Result of one query, and its partition if there is more.
#[derive(Default)]
struct Read {
    deliveries: Vec<StoredDelivery>,
    partition: Option<Partition>,
    scanned: usize,
}

impl DeliveriesStore {
    /// Returns a page of at most `limit` deliveries. Items that cannot be read are left out.
    ///
    /// The page ends early when the budget is spent, but every partition is read once, so that each page advances.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn log(
        &self,
        workspace: &WorkspaceId,
        filter: &LogFilter,
        after: Option<&Cursor>,
        limit: usize,
        budget: &mut Budget,
    ) -> Result<LogPage, StoreError> {
        let before = bound(filter, after.map(Cursor::log_sk).as_deref());
        let mut open: Vec<_> = sources(workspace, filter).into_iter().map(Partition::unread).collect();
        let first = first_page(filter, limit, open.len());
        let mut found = Vec::new();
        loop {
            let turn = turn(&mut open, budget.queries);
            let most = budget.share(turn.len()).clamp(*PAGE.start(), *PAGE.end());
            let reads = turn.into_iter().map(|partition| {
                let page = first.max(GROWTH * partition.looked_at).min(most);
                self.read(partition, filter, before.as_deref(), page)
            });
            let reads: Vec<Read> = stream::iter(reads).buffer_unordered(CONCURRENT).try_collect().await?;
            for read in reads {
                budget.spend(read.scanned);
                found.extend(read.deliveries);
                open.extend(read.partition);
            }
            let floor = open.iter().map(Partition::position).max();
            found = newest_first(found);
            if floor.is_none() || budget.is_spent() || known_down_to(&found, floor.as_deref()) >= limit {
                return Ok(page(found, floor, limit));
            }
        }
    }

    /// Returns a delivery with its attempts.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Damaged`].
    pub async fn get(&self, workspace: &WorkspaceId, id: &DeliveryId) -> Result<Option<StoredDelivery>, StoreError> {
        // One that moves meanwhile, to a place that has been looked at, is found by the second look.
        match self.look_for(workspace, id).await? {
            None => self.look_for(workspace, id).await,
            found => Ok(found),
        }
    }

    /// Looks at each place in which a delivery may be, one after the other.
    async fn look_for(&self, workspace: &WorkspaceId, id: &DeliveryId) -> Result<Option<StoredDelivery>, StoreError> {
        for storage in [StorageState::Completed, StorageState::Pending(Turn::Next)] {
            if let Some(found) = self.get_item(&id.pk(workspace, storage), &id.sk(storage)).await? {
                return Ok(Some(found));
            }
        }
        // Only the index has the due time of a deferred one, which is part of the key, and what earlier versions completed.
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("byTime")
            .key_condition_expression("logPk = :pk AND logSk = :sk")
            .expression_attribute_values(":pk", AttributeValue::S(log_pk(workspace, id.shard())))
            .expression_attribute_values(":sk", AttributeValue::S(id.log_sk()));
        let answer = query.send().await.map_err(|error| StoreError::failed(&self.table, "Query", &error))?;
        let key = answer.items.and_then(|mut items| {
            let mut item = items.pop()?;
            let mut text = |name| item.remove(name)?.as_s().ok().cloned();
            Some((text("pk")?, text("sk")?))
        });
        match key {
            Some((pk, sk)) => self.get_item(&pk, &sk).await,
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

    /// Reads the next matching items of a partition.
    async fn read(
        &self,
        partition: Partition,
        filter: &LogFilter,
        before: Option<&str>,
        page: usize,
    ) -> Result<Read, StoreError> {
        let Partition { source, next, looked_at } = partition;
        let Some(query) = self.query(&source, filter, before) else { return Ok(Read::default()) };
        let query = query
            .set_exclusive_start_key(next)
            .limit(i32::try_from(page).unwrap_or(i32::MAX))
            .projection_expression(IN_A_PAGE)
            .expression_attribute_names("#status", "status")
            .expression_attribute_names("#url", "url");
        let answer = query.send().await.map_err(|error| StoreError::failed(&self.table, "Query", &error))?;
        let stored = answer.items.unwrap_or_default().into_iter().filter_map(|item| readable(self.stored(item)));
        let is_before = |it: &StoredDelivery| before.is_none_or(|before| *it.id.log_sk() < *before);
        let deliveries = stored.filter(is_before).collect();
        let scanned = usize::try_from(answer.scanned_count).unwrap_or_default();
        let looked_at = looked_at + scanned;
        let partition = answer.last_evaluated_key.map(|key| Partition { source, next: Some(key), looked_at });
        Ok(Read { deliveries, partition, scanned })
    }
}

/// Returns the number of items of the first query of each partition. Pure.
///
/// It is twice the partition's share, because partitions are never filled evenly; at most the page's size if all items
/// match, and at least a worthwhile number if they may not.
fn first_page(filter: &LogFilter, limit: usize, partitions: usize) -> usize {
    let page = (2 * limit / partitions.max(1)).max(*PAGE.start());
    if Conditions::of(filter).expression.is_empty() { page.min(limit + 1) } else { page }
}

/// Sorts deliveries in the order of the log, each once. Pure.
///
/// A delivery that is moving from the backlog to the log may be found in both: the log is right.
fn newest_first(mut deliveries: Vec<StoredDelivery>) -> Vec<StoredDelivery> {
    deliveries
        .sort_by_cached_key(|delivery| std::cmp::Reverse((delivery.id.log_sk(), delivery.status != Status::Pending)));
    deliveries.dedup_by(|a, b| a.id == b.id);
    deliveries
}

/// Returns the number of newest deliveries that are complete: none is older than the floor, where a partition's read
/// ended. Pure.
fn known_down_to(newest_first: &[StoredDelivery], floor: Option<&str>) -> usize {
    floor.map_or(newest_first.len(), |floor| newest_first.partition_point(|it| *it.id.log_sk() >= *floor))
}

/// Returns a page of the newest deliveries of all partitions, and its cursor. Pure.
fn page(mut deliveries: Vec<StoredDelivery>, floor: Option<String>, limit: usize) -> LogPage {
    deliveries.truncate(known_down_to(&deliveries, floor.as_deref()));
    let more = deliveries.len() > limit;
    deliveries.truncate(limit);
    let last = deliveries.last().map(|delivery| delivery.id.log_sk());
    let next = if more { last } else { floor };
    LogPage { deliveries, next: next.map(|log_sk| Cursor::of(&log_sk)) }
}
