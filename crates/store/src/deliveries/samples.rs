//! Reads the samples of a range of the log: from the same partitions as a page, newest first, until the limit is
//! reached.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde::Deserialize;
use tokio::time::Instant;

use super::key::{DeliveryId, InvalidDeliveryId};
use super::source::{CONCURRENT, Partition, bound, sources, turn};
use super::{DeliveriesStore, LogFilter};
use crate::{StoreError, readable};
use webhooks_model::delivery::Status;
use webhooks_model::statistics::Sample;
use webhooks_model::workspace::WorkspaceId;

/// Number of items of one query. A thousand are about 1 MB, DynamoDB's limit for one response.
///
/// It is small enough that a busy partition is not read far beyond the others' remaining share, and large enough that
/// an hour does not take a hundred queries.
const PAGE: std::ops::RangeInclusive<usize> = 50..=1_000;

/// Result of the read.
#[derive(Debug)]
pub struct Samples {
    /// Samples, each delivery once, in no particular order.
    pub samples: Vec<Sample>,
    /// If not all were read: the time from which the samples are complete. Earlier ones are left out.
    pub complete_since: Option<Timestamp>,
}

/// The counted attributes of a delivery. Its id contains the time of its instance's change.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(rename = "deliveryID")]
    id: String,
    status: Status,
    #[serde(default)]
    last_latency_ms: Option<u64>,
}

/// Attributes of a [`Row`]. Reading them costs as much as reading whole items, but transfers and parses a quarter of
/// it.
const ROW: &str = "deliveryID, #status, lastLatencyMs";

impl DeliveriesStore {
    /// Returns the samples of the deliveries that match the filter.
    ///
    /// They are those of the newest deliveries if there are more than about `most`, or if `until` passes.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn samples(
        &self,
        workspace: &WorkspaceId,
        filter: &LogFilter,
        most: usize,
        until: Instant,
    ) -> Result<Samples, StoreError> {
        let mut open: Vec<_> = sources(workspace, filter).into_iter().map(Partition::unread).collect();
        let (mut rows, mut looked_at) = (Vec::new(), 0);
        while !open.is_empty() && looked_at < most && Instant::now() < until {
            let turn = turn(&mut open, CONCURRENT);
            let page = ((most - looked_at) / turn.len()).clamp(*PAGE.start(), *PAGE.end());
            let reads = turn.into_iter().map(|partition| self.read_rows(partition, filter, page));
            let reads: Vec<_> = stream::iter(reads).buffer_unordered(CONCURRENT).try_collect().await?;
            for (partition, read, scanned) in reads {
                rows.extend(read);
                looked_at += scanned;
                open.extend(partition);
            }
        }
        let floor = open.iter().map(Partition::position).max();
        let samples = self.once_each(rows);
        Ok(Samples::complete(samples, floor.as_deref()))
    }

    /// Reads the next rows of a partition, and returns the partition if there are more.
    async fn read_rows(
        &self,
        partition: Partition,
        filter: &LogFilter,
        page: usize,
    ) -> Result<(Option<Partition>, Vec<HashMap<String, AttributeValue>>, usize), StoreError> {
        let Partition { source, next, looked_at } = partition;
        let before = bound(filter, None);
        let Some(query) = self.query(&source, filter, before.as_deref()) else { return Ok((None, Vec::new(), 0)) };
        let query = query
            .set_exclusive_start_key(next)
            .limit(i32::try_from(page).unwrap_or(i32::MAX))
            .projection_expression(ROW)
            .expression_attribute_names("#status", "status");
        let answer = query.send().await.map_err(|error| StoreError::failed(&self.table, "Query", &error))?;
        let scanned = usize::try_from(answer.scanned_count).unwrap_or_default();
        let looked_at = looked_at + scanned;
        let next = answer.last_evaluated_key.map(|key| Partition { source, next: Some(key), looked_at });
        Ok((next, answer.items.unwrap_or_default(), scanned))
    }

    /// Drops duplicates. A delivery that is moving from the backlog to the log may be found in both: the log is right.
    fn once_each(&self, items: Vec<HashMap<String, AttributeValue>>) -> Vec<(DeliveryId, Sample)> {
        let mut samples: HashMap<DeliveryId, Sample> = HashMap::with_capacity(items.len());
        for item in items {
            let Some((id, sample)) = readable(self.sample(item)) else { continue };
            samples
                .entry(id)
                .and_modify(|known| {
                    if known.status == Status::Pending {
                        *known = sample;
                    }
                })
                .or_insert(sample);
        }
        samples.into_iter().collect()
    }

    fn sample(&self, item: HashMap<String, AttributeValue>) -> Result<(DeliveryId, Sample), StoreError> {
        let key = item.get("deliveryID").and_then(|id| id.as_s().ok()).cloned().unwrap_or_default();
        let damaged = |cause: &dyn std::fmt::Display| StoreError::damaged(&self.table, key.clone(), &cause);
        let row: Row = serde_dynamo::from_item(item).map_err(|error| damaged(&error))?;
        let id: DeliveryId = row.id.parse().map_err(|error: InvalidDeliveryId| damaged(&error))?;
        let changed_at = Timestamp::from_millisecond(id.changed_ms).map_err(|error| damaged(&error))?;
        let latency = row.last_latency_ms.map(Duration::from_millis);
        Ok((id, Sample { changed_at, status: row.status, latency }))
    }
}

impl Samples {
    /// Drops samples at or before the floor, down to which all was read: those of its millisecond may be incomplete.
    fn complete(samples: Vec<(DeliveryId, Sample)>, floor: Option<&str>) -> Self {
        let floor_ms: Option<i64> =
            floor.map(|floor| floor.get(..13).and_then(|ms| ms.parse().ok()).unwrap_or(i64::MAX));
        let kept = |id: &DeliveryId| floor_ms.is_none_or(|floor| id.changed_ms > floor);
        Self {
            samples: samples.into_iter().filter(|(id, _)| kept(id)).map(|(_, sample)| sample).collect(),
            complete_since: floor_ms
                .map(|ms| Timestamp::from_millisecond(ms.saturating_add(1)).unwrap_or(Timestamp::MAX)),
        }
    }
}
