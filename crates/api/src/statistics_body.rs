//! Samples as a caller sees them.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use webhooks_model::statistics::{Bucket, Count, Percentiles, Range, Statistics};
use webhooks_store::Samples;

/// Deliveries, counted over time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct StatisticsBody {
    /// From when on deliveries are counted: as asked for, or later when `complete` is false.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// Until when: the first moment that is not counted any more.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// How wide a bucket is, in seconds.
    #[schema(minimum = 60, maximum = 10_800)]
    bucket_seconds: i64,
    /// Whether all of the range was counted that was asked for.
    complete: bool,
    /// How many deliveries these samples are about.
    counted: usize,
    /// All of them.
    #[serde(flatten)]
    total: CountBody,
    /// The oldest first, the empty ones too.
    buckets: Vec<BucketBody>,
}

/// A part of the range.
#[derive(Debug, Serialize, ToSchema)]
struct BucketBody {
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[serde(flatten)]
    count: CountBody,
}

/// How many deliveries there are, and how long they took.
#[derive(Debug, Serialize, ToSchema)]
struct CountBody {
    /// Answered with 2xx.
    delivered: usize,
    /// Given up.
    failed: usize,
    /// Still to be delivered.
    pending: usize,
    /// Of the last attempts; null when none was made.
    #[schema(required)]
    latency: Option<LatencyBody>,
}

/// Percentiles by nearest rank, in milliseconds.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LatencyBody {
    /// Half took at most this.
    p50_ms: u64,
    /// All but one in twenty took at most this.
    p95_ms: u64,
    /// All but one in a hundred took at most this.
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
          "latency": null,
          "buckets": [
            {
              "at": "2026-01-31T12:58:00Z",
              "delivered": 0,
              "failed": 1,
              "pending": 0,
              "latency": null
            },
            {
              "at": "2026-01-31T12:59:00Z",
              "delivered": 0,
              "failed": 1,
              "pending": 0,
              "latency": null
            }
          ]
        }
        "#);
    }
}
