//! The partitions of a range of the log, and the progress of reading them.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::DeliveriesStore;
use super::item::{log_pk, status_pk};
use super::key::{SHARDS, instance_pk, partition_pk, shard};
use super::log::LogFilter;
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
    let until = filter.until.map(|until| format!("{:013}", log_time(until)));
    match (before, until) {
        (Some(before), Some(until)) => Some(until.min(before.to_owned())),
        (before, until) => before.map(str::to_owned).or(until),
    }
}

/// Limits a time to the 13 digits of the log's keys: 1970 to 2286. No instance's change is outside of that.
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

/// Returns an expression of the filters that no key covers. A repeated check costs nothing.
pub(super) fn remaining(filter: &LogFilter) -> (String, Vec<(&'static str, String)>) {
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
