//! Metrics of one invocation, written as one line: in CloudWatch's embedded metric format, or as a log line elsewhere.
//!
//! `docs/operations.md` lists their names, units and meanings. The format is AWS's "Specification: Embedded metric
//! format"; a line of it needs neither a call nor a library.

mod line;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::invariant::take_violations;
use line::{Line, Unit, Values};

/// Maximum number of values of one metric in one line (limit of the format).
const MAX_VALUES_PER_METRIC: usize = 100;

/// Destination of the metrics.
#[derive(Clone, Debug)]
pub enum Metrics {
    /// Stdout, which CloudWatch reads.
    CloudWatch {
        /// Name of the deployment: the name of its stack.
        deployment: String,
    },
    /// The log.
    Log,
}

/// A metric; docs/operations.md describes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Duration of an attempt.
    AttemptLatency,
    /// Number of pending deliveries of an endpoint.
    Backlog,
    /// Age of the oldest pending delivery.
    BacklogAge,
    /// Deliveries written to a backlog.
    Backlogged,
    /// Records reported back to the stream.
    BatchItemFailures,
    /// Items of a table that cannot be read.
    DamagedItems,
    /// Deliveries acknowledged by their receivers.
    Delivered,
    /// Deliveries that have failed for good.
    DeliveriesFailed,
    /// Events of a batch.
    Events,
    /// Records of expired items, which are not events.
    ExpiredRecords,
    /// Deliveries in flight when their batch was acknowledged.
    HandedOver,
    /// Records that are not valid events.
    InvalidRecords,
    /// Violated invariants.
    InvariantViolated,
    /// Records of a batch.
    Records,
    /// Deliveries that a later one of the instance superseded.
    Superseded,
    /// Time from a change to the first attempt.
    TimeToFirstAttempt,
}

impl Metric {
    /// Returns the name and the unit in CloudWatch.
    fn spec(self) -> (&'static str, Unit) {
        match self {
            Self::AttemptLatency => ("AttemptLatency", Unit::Milliseconds),
            Self::Backlog => ("Backlog", Unit::Count),
            Self::BacklogAge => ("BacklogAge", Unit::Seconds),
            Self::Backlogged => ("Backlogged", Unit::Count),
            Self::BatchItemFailures => ("BatchItemFailures", Unit::Count),
            Self::DamagedItems => ("DamagedItems", Unit::Count),
            Self::Delivered => ("Delivered", Unit::Count),
            Self::DeliveriesFailed => ("DeliveriesFailed", Unit::Count),
            Self::Events => ("Events", Unit::Count),
            Self::ExpiredRecords => ("ExpiredRecords", Unit::Count),
            Self::HandedOver => ("HandedOver", Unit::Count),
            Self::InvalidRecords => ("InvalidRecords", Unit::Count),
            Self::InvariantViolated => ("InvariantViolated", Unit::Count),
            Self::Records => ("Records", Unit::Count),
            Self::Superseded => ("Superseded", Unit::Count),
            Self::TimeToFirstAttempt => ("TimeToFirstAttempt", Unit::Milliseconds),
        }
    }
}

/// Metrics of one invocation.
#[derive(Debug, Default)]
pub struct Summary {
    values: BTreeMap<Metric, u64>,
    latencies: BTreeMap<Metric, Vec<u64>>,
}

impl Summary {
    /// Sets a count; zero is omitted.
    pub fn count(&mut self, metric: Metric, count: usize) {
        if count > 0 {
            self.gauge(metric, count as u64);
        }
    }

    /// Adds to a count.
    pub fn add(&mut self, metric: Metric, count: usize) {
        let before = self.values.get(&metric).copied().unwrap_or_default();
        self.count(metric, usize::try_from(before).unwrap_or(usize::MAX).saturating_add(count));
    }

    /// Sets a measurement, also if it is zero.
    pub fn gauge(&mut self, metric: Metric, value: u64) {
        self.values.insert(metric, value);
    }

    /// Adds a duration to a metric with many values.
    pub fn latency(&mut self, metric: Metric, latency: Duration) {
        self.latencies.entry(metric).or_default().push(milliseconds(latency));
    }

    /// Returns the lines in embedded metric format: several if there are more latencies than fit into one. Pure.
    fn lines<'a>(&'a self, deployment: &'a str, message: &'a str, duration: Duration, now: Timestamp) -> Vec<Line<'a>> {
        let mut rest: Vec<_> =
            self.latencies.iter().map(|(metric, values)| (*metric, values.chunks(MAX_VALUES_PER_METRIC))).collect();
        let mut lines = Vec::new();
        loop {
            let latencies: Vec<_> =
                rest.iter_mut().filter_map(|(metric, chunks)| Some((*metric, chunks.next()?))).collect();
            if latencies.is_empty() && !lines.is_empty() {
                return lines;
            }
            let is_first = lines.is_empty();
            let counts = self.values.iter().filter(|_| is_first).map(|(metric, value)| (*metric, Values::One(*value)));
            let latencies = latencies.into_iter().map(|(metric, values)| (metric, Values::Many(values)));
            let mut line = Line::new(deployment, message, is_first.then(|| milliseconds(duration)), now);
            for (metric, values) in counts.chain(latencies) {
                line.add(metric.spec(), values);
            }
            lines.push(line);
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Metrics {
    /// Writes the summary of an invocation.
    #[expect(clippy::print_stdout, reason = "what a function prints is what CloudWatch reads metrics from")]
    pub fn write(&self, summary: &mut Summary, message: &str, duration: Duration, now: Timestamp) {
        summary.count(Metric::InvariantViolated, take_violations());
        match self {
            Self::CloudWatch { deployment } => {
                for line in summary.lines(deployment, message, duration, now) {
                    let line = serde_json::to_string(&line).expect("its keys are texts");
                    println!("{line}");
                }
            }
            Self::Log => {
                let counts: Vec<_> =
                    summary.values.iter().map(|(metric, value)| format!("{}={value}", metric.spec().0)).collect();
                tracing::info!(duration_ms = milliseconds(duration), "{message}: {}", counts.join(" "));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn lines(summary: &Summary) -> Vec<Value> {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let lines = summary.lines("stack", "batch", Duration::from_millis(12), now);
        lines.iter().map(|line| serde_json::to_value(line).unwrap()).collect()
    }

    #[test]
    fn a_summary_is_one_line_in_cloudwatchs_format() {
        let mut summary = Summary::default();
        summary.count(Metric::Events, 3);
        summary.count(Metric::InvalidRecords, 0);
        summary.gauge(Metric::BacklogAge, 0);
        summary.latency(Metric::AttemptLatency, Duration::from_millis(5));
        summary.latency(Metric::AttemptLatency, Duration::from_millis(7));
        insta::assert_snapshot!(format!("{:#}", Value::from(lines(&summary))), @r#"
        [
          {
            "AttemptLatency": [
              5,
              7
            ],
            "BacklogAge": 0,
            "Deployment": "stack",
            "Events": 3,
            "_aws": {
              "CloudWatchMetrics": [
                {
                  "Dimensions": [
                    [
                      "Deployment"
                    ]
                  ],
                  "Metrics": [
                    {
                      "Name": "BacklogAge",
                      "Unit": "Seconds"
                    },
                    {
                      "Name": "Events",
                      "Unit": "Count"
                    },
                    {
                      "Name": "AttemptLatency",
                      "Unit": "Milliseconds"
                    }
                  ],
                  "Namespace": "InstanceWebhooks"
                }
              ],
              "Timestamp": 1700000000000
            },
            "duration_ms": 12,
            "level": "INFO",
            "message": "batch",
            "timestamp": "2023-11-14T22:13:20Z"
          }
        ]
        "#);
    }

    #[test]
    fn more_than_100_latencies_take_further_lines_and_none_is_lost() {
        let mut summary = Summary::default();
        summary.count(Metric::Events, 250);
        (0..250).for_each(|i| summary.latency(Metric::AttemptLatency, Duration::from_millis(i)));
        summary.latency(Metric::TimeToFirstAttempt, Duration::from_millis(1));
        let lines = lines(&summary);
        let lengths: Vec<_> = lines.iter().map(|line| line["AttemptLatency"].as_array().unwrap().len()).collect();
        assert_eq!(lengths, [100, 100, 50]);
        assert_eq!(lines.iter().filter(|line| line.get("Events").is_some()).count(), 1);
        assert_eq!(lines.iter().filter(|line| line.get("TimeToFirstAttempt").is_some()).count(), 1);
    }

    #[test]
    fn a_call_that_did_nothing_still_has_its_line_and_no_metric() {
        let lines = lines(&Summary::default());
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].get("_aws"), None);
    }
}
