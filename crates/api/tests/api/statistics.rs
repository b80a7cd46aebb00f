//! Statistics of deliveries over time, from a log on a real engine.

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;
use webhooks_api::ApiState;
use webhooks_model::attempt::Attempt;
use webhooks_model::delivery::{Delivery, Status};
use webhooks_model::event::{Event, EventType};
use webhooks_store::{DeliveryId, DeliveryWrite, LogFilter, StorageState, Turn};

use super::deliveries::{A, B, Kept, model};
use super::support::patience::PATIENCE;
use super::{api, api_on, at, attempt, call, endpoint, event, id, json as get, keep, now, state, support, write};

const STATISTICS: &str = "/v1/workspaces/default/statistics";

/// Writes a completed or pending delivery, with attempts of these latencies.
async fn after(state: &ApiState, n: u32, status: Status, latencies_ms: &[u64]) {
    let (event, endpoint) = (event(n, EventType::Created, &format!("i-{n}")), endpoint(A));
    let attempt = |latency: &u64| Attempt { latency: Duration::from_millis(*latency), ..attempt(0, 500) };
    let attempts = latencies_ms.iter().map(attempt).collect();
    let delivery = Delivery { event: &event, endpoint: &endpoint, status, attempts, give_up_reason: None };
    let storage = if status == Status::Pending { StorageState::Pending(Turn::Next) } else { StorageState::Completed };
    let change = DeliveryWrite { delivery, storage, was: None };
    write(state, &[change]).await;
}

/// Writes deliveries of four minutes, from 22:13:20 on, and one after them.
async fn four_minutes(state: &ApiState) {
    for n in 0..20 {
        after(state, n, Status::Delivered, &[900, u64::from(n) + 1]).await;
    }
    after(state, 450, Status::Failed, &[5_000]).await;
    after(state, 460, Status::Pending, &[]).await;
    after(state, 470, Status::Superseded, &[]).await;
    after(state, 1_700, Status::Pending, &[700, 800]).await;
    after(state, 2_200, Status::Failed, &[1]).await;
}

/// Returns the figures of these four minutes.
async fn of_four_minutes() -> Value {
    let (state, _sent) = state(&support::engine().await);
    four_minutes(&state).await;
    let query = "since=2023-11-14T22:13:20Z&until=2023-11-14T22:17:00Z";
    get(&super::router(state), &format!("{STATISTICS}?{query}")).await
}

#[tokio::test]
async fn figures_tell_what_became_of_what_changed_when() {
    insta::assert_snapshot!(format!("{:#}", of_four_minutes().await["buckets"]), @r#"
    [
      {
        "at": "2023-11-14T22:13:00Z",
        "delivered": 20,
        "failed": 0,
        "latency": {
          "p50Ms": 10,
          "p95Ms": 19,
          "p99Ms": 20
        },
        "pending": 0,
        "superseded": 0
      },
      {
        "at": "2023-11-14T22:14:00Z",
        "delivered": 0,
        "failed": 1,
        "latency": {
          "p50Ms": 5000,
          "p95Ms": 5000,
          "p99Ms": 5000
        },
        "pending": 1,
        "superseded": 1
      },
      {
        "at": "2023-11-14T22:15:00Z",
        "delivered": 0,
        "failed": 0,
        "latency": null,
        "pending": 0,
        "superseded": 0
      },
      {
        "at": "2023-11-14T22:16:00Z",
        "delivered": 0,
        "failed": 0,
        "latency": {
          "p50Ms": 800,
          "p95Ms": 800,
          "p99Ms": 800
        },
        "pending": 1,
        "superseded": 0
      }
    ]
    "#);
}

#[tokio::test]
async fn figures_tell_how_long_each_last_attempt_took() {
    let mut figures = of_four_minutes().await;
    figures.as_object_mut().unwrap().remove("buckets");
    insta::assert_snapshot!(format!("{figures:#}"), @r#"
    {
      "bucketSeconds": 60,
      "complete": true,
      "counted": 24,
      "delivered": 20,
      "failed": 1,
      "latency": {
        "p50Ms": 11,
        "p95Ms": 800,
        "p99Ms": 5000
      },
      "pending": 2,
      "since": "2023-11-14T22:13:20Z",
      "superseded": 1,
      "until": "2023-11-14T22:17:00Z"
    }
    "#);
}

#[tokio::test]
async fn without_a_range_it_is_the_last_hour() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    let minutes_ago = |minutes: i64| Timestamp::from_second(now().as_second() - 60 * minutes).unwrap();
    for (n, minutes) in [(0, 1), (1, 58), (2, 62)] {
        let mut event = event(n, EventType::Created, &format!("i-{n}"));
        event.changed_at = minutes_ago(minutes);
        keep(&state, &event, A, StorageState::Completed, Status::Delivered).await;
    }
    let figures = get(&api, STATISTICS).await;
    assert_eq!((&figures["counted"], &figures["complete"]), (&json!(2), &json!(true)), "{figures:#}");
    let time = |name: &str| figures[name].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert_eq!(time("until").duration_since(time("since")).as_secs(), 3_600);
    let buckets = figures["buckets"].as_array().unwrap();
    assert!(figures["bucketSeconds"] == 60 && (60..=61).contains(&buckets.len()), "{figures:#}");
}

fn counts(figures: &Value) -> [u64; 4] {
    ["delivered", "failed", "pending", "superseded"].map(|name| figures[name].as_u64().unwrap())
}

fn counted<'a>(model: impl Iterator<Item = &'a Kept>) -> [u64; 4] {
    let mut counts = [0; 4];
    for kept in model {
        counts[match kept.status {
            Status::Delivered => 0,
            Status::Failed => 1,
            Status::Pending => 2,
            Status::Superseded => 3,
        }] += 1;
    }
    counts
}

#[tokio::test]
async fn every_delivery_of_the_range_and_the_endpoint_is_counted_once_in_its_bucket() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    let model = model(&state).await;
    for url in [None, Some(A), Some(B)] {
        for (from, to) in [(0, 60), (5, 21), (20, 40), (33, 34), (40, 60)] {
            let endpoint = url.map_or(String::new(), |url| format!("endpointID={}&", id(url)));
            let figures = get(&api, &format!("{STATISTICS}?{endpoint}since={}&until={}", at(from), at(to))).await;
            let within = |kept: &&Kept| url.is_none_or(|url| url == kept.url) && (from..to).contains(&(kept.n / 10));
            let expected = counted(model.iter().filter(within));
            assert_eq!(counts(&figures), expected, "{url:?} {from} {to}");
            assert_eq!(figures["counted"], expected.iter().sum::<u64>());
            assert_eq!(figures["complete"], true);
            let mut total = [0; 4];
            for bucket in figures["buckets"].as_array().unwrap() {
                let begins = bucket["at"].as_str().unwrap().parse::<Timestamp>().unwrap();
                let mine = |kept: &&Kept| (0..60).contains(&(at(kept.n / 10).as_second() - begins.as_second()));
                let expected = counted(model.iter().filter(within).filter(mine));
                assert_eq!(counts(bucket), expected, "{url:?} {from} {to} {bucket}");
                (0..3).for_each(|it| total[it] += expected[it]);
            }
            assert_eq!(total, expected);
        }
    }
    let elsewhere = get(&api, &format!("/v1/workspaces/acme/statistics?since={}&until={}", at(0), at(60))).await;
    assert_eq!(elsewhere["counted"], 0, "of this workspace alone");
}

/// Checks that a partial read is complete from the returned time on, and contains nothing before it, however little is
/// read.
#[tokio::test]
async fn when_reading_ends_early_the_figures_are_complete_from_the_time_on_that_they_name() {
    let (state, _sent) = state(&support::engine().await);
    let model = model(&state).await;
    let workspace = super::workspace();
    for url in [None, Some(A)] {
        let endpoints = url.map(|url| endpoint(url).id).into_iter().collect();
        let filter = LogFilter { endpoints, since: Some(at(0)), until: Some(at(60)), ..LogFilter::default() };
        let samples = async |most: usize, until: Instant| {
            state.deliveries.samples(&workspace, &filter, most, until).await.unwrap()
        };
        let plenty = Instant::now() + PATIENCE;
        let matching = || model.iter().filter(|kept| url.is_none_or(|url| url == kept.url));
        for most in [1, 10_000] {
            let found = samples(most, plenty).await;
            assert!(most == 1 || found.complete_since.is_none());
            let since = found.complete_since.unwrap_or(at(0));
            let expected = matching().filter(|kept| at(kept.n / 10) >= since).count();
            assert_eq!(found.samples.len(), expected, "{url:?} {most}");
            assert!(found.samples.iter().all(|sample| sample.changed_at >= since));
        }
        let out_of_time = samples(10_000, Instant::now()).await;
        assert!(out_of_time.samples.is_empty() && out_of_time.complete_since > Some(at(60)), "{out_of_time:?}");
    }
}

/// Checks that of two partially read partitions, the one with the shorter read decides.
#[tokio::test]
async fn a_busy_endpoint_is_counted_back_to_where_reading_ended_and_no_further() {
    let (state, _sent) = state(&support::engine().await);
    // Two instances, each in one partition. One changes ten times per second, the other once.
    let mut events: Vec<_> = (0..1_500).map(|n| event(n, EventType::Updated, "busy")).collect();
    let slower =
        (0..150).map(|n| Event { sequence_number: format!("{n}"), ..event(10 * n, EventType::Updated, "slower") });
    events.extend(slower);
    let endpoint = endpoint(A);
    let lanes: HashSet<_> = events.iter().map(|event| lane(&DeliveryId::of(event, &endpoint.id))).collect();
    assert_eq!(lanes.len(), 2, "{lanes:?}");
    let delivery = |event| Delivery {
        event,
        endpoint: &endpoint,
        status: Status::Delivered,
        attempts: [attempt(0, 200)].into_iter().collect(),
        give_up_reason: None,
    };
    let changes: Vec<_> = events
        .iter()
        .map(|event| DeliveryWrite { delivery: delivery(event), storage: StorageState::Completed, was: None })
        .collect();
    write(&state, &changes).await;
    keep(&state, &event(3, EventType::Updated, "quiet"), B, StorageState::Completed, Status::Failed).await;

    let filter = LogFilter { since: Some(at(0)), until: Some(at(200)), ..LogFilter::default() };
    let plenty = Instant::now() + PATIENCE;
    let mut before = None;
    for most in [90, 500, 1_000] {
        let found = state.deliveries.samples(&super::workspace(), &filter, most, plenty).await.unwrap();
        let since = found.complete_since.unwrap();
        let expected = events.iter().filter(|event| event.changed_at >= since).count();
        assert_eq!(found.samples.len(), expected, "{most}");
        assert!(expected > 0 && expected <= most + 1_000, "{most}: {expected}, and a query's worth more at the most");
        assert!(before.is_none_or(|before| since < before), "the more is read, the further back");
        before = Some(since);
    }
    let all = state.deliveries.samples(&super::workspace(), &filter, 20_000, plenty).await.unwrap();
    assert_eq!((all.samples.len(), all.complete_since), (1_651, None));
}

/// Returns the partition of a delivery, which follows the endpoint in its id.
fn lane(id: &DeliveryId) -> String {
    id.to_string().split('-').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn a_delivery_on_its_way_from_the_backlog_to_the_log_counts_once_as_over() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    let event = event(0, EventType::Created, "i");
    keep(&state, &event, A, StorageState::Pending(Turn::Next), Status::Pending).await;
    keep(&state, &event, A, StorageState::Completed, Status::Delivered).await;
    for query in ["", &format!("endpointID={}&", id(A))] {
        let figures = get(&api, &format!("{STATISTICS}?{query}since={}&until={}", at(0), at(60))).await;
        assert_eq!(counts(&figures), [1, 0, 0, 0], "{query}");
    }
}

#[tokio::test]
async fn a_wrong_range_or_filter_is_rejected_by_name() {
    let api = api().await;
    let get = async |query: &str| call(&api, &format!("GET {STATISTICS}?{query}")).await;
    insta::assert_snapshot!(get("since=2026-01-24T11:59:59Z&until=2026-01-31T12:00:00Z").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter since: it is more than 7 days before until (default: now): request the range in parts",
      "field": "since",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get("since=2999-01-01T00:00:00Z").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter since: it has to be before until (default: now)",
      "field": "since",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get("status=failed").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter status: unknown field `status`, expected one of `since`, `until`, `endpointID`",
      "field": "status",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    for bad in ["since=2020-01-01T00:00:00Z", "until=yesterday", "endpointID=x", "since=&until="] {
        assert!(get(bad).await.starts_with("400"), "{bad}");
    }
    for good in [
        "until=1900-01-01T00:00:00Z",
        "since=9999-12-30T00:00:00Z&until=9999-12-30T22:00:00Z",
        "until=-009999-01-03T00:00:00Z",
    ] {
        let answer = get(good).await;
        assert!(answer.starts_with("200") && answer.contains("\"counted\": 0"), "{good}: {answer}");
    }
}

#[tokio::test]
async fn a_log_that_cannot_be_read_is_a_503() {
    let api = api_on(&support::client("http://127.0.0.1:1"));
    assert!(call(&api, &format!("GET {STATISTICS}")).await.starts_with("503"));
}
