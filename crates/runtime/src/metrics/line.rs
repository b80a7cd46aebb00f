//! A line in CloudWatch's embedded metric format (AWS's "Specification: Embedded metric format").

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

const NAMESPACE: &str = "InstanceWebhooks";

/// A line.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    timestamp: Timestamp,
    level: &'static str,
    message: &'a str,
    #[serde(rename = "Deployment")]
    deployment: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
    #[serde(flatten)]
    values: BTreeMap<&'static str, Values<'a>>,
    #[serde(rename = "_aws", skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata>,
}

/// The values of a metric.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Values<'a> {
    One(u64),
    Many(&'a [u64]),
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    timestamp: i64,
    cloud_watch_metrics: [Directive; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: [[&'static str; 1]; 1],
    metrics: Vec<Definition>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: Unit,
}

/// Units in CloudWatch.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) enum Unit {
    Count,
    Seconds,
    Milliseconds,
}

impl<'a> Line<'a> {
    /// Creates a line without metrics.
    pub(super) fn new(deployment: &'a str, message: &'a str, duration_ms: Option<u64>, timestamp: Timestamp) -> Self {
        let (level, values) = ("INFO", BTreeMap::new());
        Self { timestamp, level, message, deployment, duration_ms, values, metadata: None }
    }

    /// Adds a metric of this name and unit.
    pub(super) fn add(&mut self, (name, unit): (&'static str, Unit), values: Values<'a>) {
        self.values.insert(name, values);
        let metadata = self.metadata.get_or_insert_with(|| Metadata {
            timestamp: self.timestamp.as_millisecond(),
            cloud_watch_metrics: [Directive {
                namespace: NAMESPACE,
                dimensions: [["Deployment"]],
                metrics: Vec::new(),
            }],
        });
        metadata.cloud_watch_metrics[0].metrics.push(Definition { name, unit });
    }
}
