//! Response bodies of statistics.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use webhooks_model::statistics::{Bucket, Count, Percentiles, Range, Statistics};
use webhooks_store::Samples;

/// Deliveries, counted over time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Statistics)]
pub(super) struct StatisticsBody {
    /// Start of the range, inclusive: as requested, or later if `complete` is false.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// End of the range, exclusive.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// Width of a bucket, in seconds.
    #[schema(minimum = 60, maximum = 10_800)]
    bucket_seconds: i64,
    /// Whether the whole requested range was counted.
    complete: bool,
    /// Number of deliveries counted.
    counted: usize,
    /// Totals of all buckets.
    #[serde(flatten)]
    total: CountBody,
    /// Buckets, oldest first, including empty ones.
    buckets: Vec<BucketBody>,
}

/// A part of the range.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatisticsBucket)]
struct BucketBody {
    /// Start of the bucket.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[serde(flatten)]
    count: CountBody,
}

/// Number of deliveries by status, and their latencies.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryCounts)]
struct CountBody {
    /// Deliveries acknowledged with 2xx.
    delivered: usize,
    /// Deliveries that failed for good.
    failed: usize,
    /// Deliveries that are pending.
    pending: usize,
    /// Deliveries that a later one of the instance superseded (`onBacklog`).
    superseded: usize,
    /// Latencies of the last attempts; null without an attempt.
    #[schema(required)]
    latency: Option<LatencyBody>,
}

/// Percentiles by nearest rank, in milliseconds.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Latency)]
struct LatencyBody {
    /// Median.
    p50_ms: u64,
    /// 95th percentile.
    p95_ms: u64,
    /// 99th percentile.
    p99_ms: u64,
}

impl StatisticsBody {
    pub(super) fn of(range: Range, Samples { samples, complete_since }: Samples) -> Self {
        let counted = complete_since.map_or(range, |since| range.from(since));
        let Statistics { total, buckets } = Statistics::of(&counted, samples);
        Self {
            since: counted.since(),
            until: counted.until(),
            bucket_seconds: counted.bucket_seconds(),
            complete: complete_since.is_none(),
            counted: total.deliveries(),
            total: total.into(),
            buckets: buckets.into_iter().map(BucketBody::from).collect(),
        }
    }
}

impl From<Bucket> for BucketBody {
    fn from(bucket: Bucket) -> Self {
        Self { at: bucket.at, count: bucket.count.into() }
    }
}

impl From<Count> for CountBody {
    fn from(count: Count) -> Self {
        Self {
            delivered: count.delivered,
            failed: count.failed,
            pending: count.pending,
            superseded: count.superseded,
            latency: count.latency.map(LatencyBody::from),
        }
    }
}

impl From<Percentiles> for LatencyBody {
    fn from(latency: Percentiles) -> Self {
        let milliseconds = |latency: Duration| u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        Self { p50_ms: milliseconds(latency.p50), p95_ms: milliseconds(latency.p95), p99_ms: milliseconds(latency.p99) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use webhooks_model::delivery::Status;
    use webhooks_model::statistics::Sample;

    #[test]
    fn what_is_not_all_says_from_when_on_it_is_and_leaves_out_what_was_before() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let range = Range::new(None, Some(at("2026-01-31T13:00:00Z")), Timestamp::UNIX_EPOCH).unwrap();
        let sample = |text: &str| Sample { changed_at: at(text), status: Status::Failed, latency: None };
        let samples = vec![sample("2026-01-31T12:58:40Z"), sample("2026-01-31T12:59:00Z")];
        let since = at("2026-01-31T12:58:30.123Z");
        let body = StatisticsBody::of(range, Samples { samples, complete_since: Some(since) });
        insta::assert_json_snapshot!(body, @r#"
        {
          "since": "2026-01-31T12:58:30.123Z",
          "until": "2026-01-31T13:00:00Z",
          "bucketSeconds": 60,
          "complete": false,
          "counted": 2,
          "delivered": 0,
          "failed": 2,
          "pending": 0,
          "superseded": 0,
          "latency": null,
          "buckets": [
            {
              "at": "2026-01-31T12:58:00Z",
              "delivered": 0,
              "failed": 1,
              "pending": 0,
              "superseded": 0,
              "latency": null
            },
            {
              "at": "2026-01-31T12:59:00Z",
              "delivered": 0,
              "failed": 1,
              "pending": 0,
              "superseded": 0,
              "latency": null
            }
          ]
        }
        "#);
    }
}
