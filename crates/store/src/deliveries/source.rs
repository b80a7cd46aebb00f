//! The partitions of a range of the log, and the progress of reading them.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::item::status_pk;
use super::key::{SHARDS, instance_pk, log_pk, shard};
use super::{Conditions, DeliveriesStore, LogFilter};
use webhooks_model::delivery::Status;
use webhooks_model::endpoint::EndpointId;
use webhooks_model::event::{LAST_MILLISECOND, PARTITIONS};
use webhooks_model::workspace::WorkspaceId;

/// Number of concurrent queries.
pub(super) const CONCURRENT: usize = 16;

/// A partition to read.
pub(super) struct Source {
    index: Option<&'static str>,
    pk_name: &'static str,
    pk: String,
    /// Prefix of the sort key before the log's own order.
    prefix: &'static str,
}

/// A partition with the progress of reading it.
pub(super) struct Partition {
    pub(super) source: Source,
    pub(super) next: Option<HashMap<String, AttributeValue>>,
    /// Number of items examined.
    pub(super) looked_at: usize,
}

impl Partition {
    pub(super) fn unread(source: Source) -> Self {
        Self { source, next: None, looked_at: 0 }
    }

    /// Returns the position that was reached, in the log's order; before the first read it is later than any other.
    pub(super) fn position(&self) -> String {
        self.next.as_ref().map_or_else(|| "~".to_owned(), |key| self.source.position(key))
    }
}

/// Removes and returns the partitions to read next: first all, then those that have reached the newest positions.
///
/// Everything that is newer than these is known, and the others' further items are of no use until these have caught
/// up. Except for the first time at most `most` are returned.
pub(super) fn turn(open: &mut Vec<Partition>, most: usize) -> Vec<Partition> {
    if open.iter().all(|partition| partition.next.is_none()) {
        return std::mem::take(open);
    }
    open.sort_by_cached_key(Partition::position);
    open.split_off(open.len().saturating_sub(CONCURRENT.min(most)))
}

impl DeliveriesStore {
    /// Returns a query of one partition, newest first, from just before `before`; `None` if it cannot match anything.
    ///
    /// Its filter may use `#status`.
    pub(super) fn query(
        &self,
        source: &Source,
        filter: &LogFilter,
        before: Option<&str>,
    ) -> Option<QueryFluentBuilder> {
        let prefix = source.prefix;
        // The log's position of a delivery begins with the time that its id has.
        let searched = filter.searched_delivery().map_or(0, |id| id.changed_ms);
        let from = format!("{prefix}{:013}", filter.since.map_or(0, log_time).max(searched));
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
        let Conditions { expression, values } = Conditions::of(filter);
        for (name, value) in values {
            query = query.expression_attribute_values(name, value);
        }
        Some(if expression.is_empty() { query } else { query.filter_expression(expression) })
    }
}

impl Source {
    fn sk_name(&self) -> &'static str {
        if self.index.is_some() { "logSk" } else { "sk" }
    }

    /// Returns the log position of a key of this partition.
    pub(super) fn position(&self, key: &HashMap<String, AttributeValue>) -> String {
        let sk = key.get(self.sk_name()).and_then(|sk| sk.as_s().ok()).map_or("", |sk| sk.as_str());
        sk.strip_prefix(self.prefix).unwrap_or(sk).to_owned()
    }
}

/// Returns the upper bound of the read: the cursor or `until`.
///
/// BETWEEN includes its bounds, and there is no text just below another one, so that an equal item has to be dropped.
pub(super) fn bound(filter: &LogFilter, before: Option<&str>) -> Option<String> {
    let searched = filter.searched_delivery().map(|id| id.changed_ms + 1);
    let until = filter.until.map(log_time).into_iter().chain(searched).min();
    let until = until.map(|until| format!("{until:013}"));
    match (before, until) {
        (Some(before), Some(until)) => Some(until.min(before.to_owned())),
        (before, until) => before.map(str::to_owned).or(until),
    }
}

/// Limits a time to the 13 digits of the log's keys: 1970 to 2286. No instance's change is outside of that.
fn log_time(time: Timestamp) -> i64 {
    time.as_millisecond().clamp(0, LAST_MILLISECOND)
}

/// Returns the partitions that have everything that can match. Pure.
pub(super) fn sources(workspace: &WorkspaceId, filter: &LogFilter) -> Vec<Source> {
    // Completed ones in the table; pending ones, and those that earlier versions have completed, in the index.
    let log = |shard| {
        let pk = log_pk(workspace, shard);
        let completed = Source { index: None, pk_name: "pk", pk: pk.clone(), prefix: "d#" };
        [completed, Source { index: Some("byTime"), pk_name: "logPk", pk, prefix: "" }]
    };
    let by_status = |status: Status| {
        shards(&filter.endpoints).into_iter().map(move |shard| Source {
            index: Some("byStatus"),
            pk_name: "statusPk",
            pk: status_pk(workspace, status, shard),
            prefix: "",
        })
    };
    if let Some(id) = filter.searched_delivery() {
        return log(id.shard()).into();
    }
    let statuses = filter.possible_statuses();
    if !statuses.contains(&Status::Delivered) {
        return statuses.into_iter().flat_map(by_status).collect();
    }
    match &filter.instance_id {
        Some(instance_id) => vec![Source {
            index: Some("byInstance"),
            pk_name: "instancePk",
            pk: instance_pk(workspace, instance_id),
            prefix: "",
        }],
        None => shards(&filter.endpoints).into_iter().flat_map(log).collect(),
    }
}

/// Returns the shards of the log that have deliveries to these endpoints; all if there are none.
fn shards(endpoints: &[EndpointId]) -> Vec<u16> {
    if endpoints.is_empty() {
        return (0..SHARDS).collect();
    }
    let shards = endpoints.iter().flat_map(|it| (0..PARTITIONS).map(|partition| shard(it, partition)));
    shards.collect::<BTreeSet<_>>().into_iter().collect()
}
