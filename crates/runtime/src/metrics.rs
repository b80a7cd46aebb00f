//! What a call of a function did, as one line: for CloudWatch in its embedded metric format, elsewhere as a log line.
//!
//! The names, units and meanings stand in `docs/operations.md`. The format is AWS's "Specification: Embedded metric format";
//! a line of it costs no call and needs no library.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::invariant::take_violations;

/// The format's limit for the values of one metric in one line.
const MOST_VALUES: usize = 100;

const NAMESPACE: &str = "InstanceWebhooks";
const DIMENSION: &str = "Deployment";

/// Where summaries go.
#[derive(Clone, Debug)]
pub enum Metrics {
    /// To stdout, which CloudWatch reads.
    CloudWatch {
        /// What this deployment is called: the stack's name.
        deployment: String,
    },
    /// To the log.
    Log,
}

/// What a call did.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    counts: BTreeMap<&'static str, (Unit, u64)>,
    latencies: BTreeMap<&'static str, Vec<u64>>,
}

/// CloudWatch's names of units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Unit {
    Count,
    Seconds,
    Milliseconds,
}

impl Summary {
    /// A number of things; one of which there are none is left out.
    pub(crate) fn count(&mut self, name: &'static str, count: usize) {
        if count > 0 {
            self.gauge(name, Unit::Count, count as u64);
        }
    }

    /// More of them.
    pub(crate) fn add(&mut self, name: &'static str, count: usize) {
        let before = self.counts.get(name).map_or(0, |(_, count)| *count);
        self.count(name, usize::try_from(before).unwrap_or(usize::MAX).saturating_add(count));
    }

    /// A measure that says something even when it is 0.
    pub(crate) fn gauge(&mut self, name: &'static str, unit: Unit, value: u64) {
        self.counts.insert(name, (unit, value));
    }

    /// One of many durations.
    pub(crate) fn latency(&mut self, name: &'static str, latency: Duration) {
        self.latencies.entry(name).or_default().push(milliseconds(latency));
    }

    /// The lines in embedded metric format: one, or more where there are more latencies than one may carry. Pure.
    fn lines(&self, deployment: &str, message: &str, duration: Duration, now: Timestamp) -> Vec<Value> {
        let mut rest: Vec<_> =
            self.latencies.iter().map(|(name, values)| (*name, values.chunks(MOST_VALUES))).collect();
        let mut lines = Vec::new();
        loop {
            let latencies: Vec<_> =
                rest.iter_mut().filter_map(|(name, chunks)| Some((*name, chunks.next()?))).collect();
            if latencies.is_empty() && !lines.is_empty() {
                return lines;
            }
            let mut line = json!({"timestamp": now, "level": "INFO", "message": message, DIMENSION: deployment});
            let mut metrics = Vec::new();
            if lines.is_empty() {
                line["duration_ms"] = json!(milliseconds(duration));
                for (name, (unit, value)) in &self.counts {
                    line[*name] = json!(value);
                    metrics.push(json!({"Name": name, "Unit": unit}));
                }
            }
            for (name, values) in latencies {
                line[name] = json!(values);
                metrics.push(json!({"Name": name, "Unit": Unit::Milliseconds}));
            }
            if !metrics.is_empty() {
                let directive = json!({"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics});
                line["_aws"] = json!({"Timestamp": now.as_millisecond(), "CloudWatchMetrics": [directive]});
            }
            lines.push(line);
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Metrics {
    /// Sums a call up.
    #[expect(clippy::print_stdout, reason = "what a function prints is what CloudWatch reads metrics from")]
    pub(crate) fn write(&self, summary: &mut Summary, message: &str, duration: Duration, now: Timestamp) {
        summary.count("InvariantViolated", take_violations());
        match self {
            Self::CloudWatch { deployment } => {
                for line in summary.lines(deployment, message, duration, now) {
                    println!("{line}");
                }
            }
            Self::Log => {
                let counts: Vec<_> =
                    summary.counts.iter().map(|(name, (_, value))| format!("{name}={value}")).collect();
                tracing::info!(duration_ms = milliseconds(duration), "{message}: {}", counts.join(" "));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(summary: &Summary) -> Vec<Value> {
        summary.lines("stack", "batch", Duration::from_millis(12), Timestamp::from_second(1_700_000_000).unwrap())
    }

    #[test]
    fn a_summary_is_one_line_in_cloudwatchs_format() {
        let mut summary = Summary::default();
        summary.count("Events", 3);
        summary.count("UnreadableRecords", 0);
        summary.gauge("BacklogAge", Unit::Seconds, 0);
        summary.latency("AttemptLatency", Duration::from_millis(5));
        summary.latency("AttemptLatency", Duration::from_millis(7));
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
        summary.count("Events", 250);
        (0..250).for_each(|i| summary.latency("AttemptLatency", Duration::from_millis(i)));
        summary.latency("ChangeToFirstAttempt", Duration::from_millis(1));
        let lines = lines(&summary);
        let lengths: Vec<_> = lines.iter().map(|line| line["AttemptLatency"].as_array().unwrap().len()).collect();
        assert_eq!(lengths, [100, 100, 50]);
        assert_eq!(lines.iter().filter(|line| line.get("Events").is_some()).count(), 1);
        assert_eq!(lines.iter().filter(|line| line.get("ChangeToFirstAttempt").is_some()).count(), 1);
    }

    #[test]
    fn a_call_that_did_nothing_still_has_its_line_and_no_metric() {
        let lines = lines(&Summary::default());
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].get("_aws"), None);
    }
}
