//! Replays of one delivery, and of many.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;
use webhooks_api::ApiState;
use webhooks_engine::wake_up::WakeUp;
use webhooks_model::delivery::Status;
use webhooks_model::endpoint::{DisabledReason, Health};
use webhooks_model::event::{EventType, InstanceKey};
use webhooks_store::{StorageState, Turn};

use super::support::harness::{Harness, by_instance};
use super::support::receiver::{Behaviour, Receiver};
use super::{at, call, configure, endpoint, event, id, json, keep, post, put, state, support, woken, workspace};

const ALL: &str = "/v1/workspaces/default/deliveries";
const A: &str = "https://a.example/";
const B: &str = "https://b.example/";

async fn set_up() -> (Router, ApiState, UnboundedReceiver<(WakeUp, Duration)>) {
    let (state, sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    configure(&api, &[A, B]).await;
    (api, state, sent)
}

async fn replay(api: &Router, id: &str) -> String {
    call(api, &format!("POST {ALL}/{id}/replay")).await
}

async fn bulk(api: &Router, body: &str) -> String {
    post(api, &format!("{ALL}/replay"), body.to_owned()).await
}

async fn disable(state: &ApiState, url: &str) {
    let disabled = Health::Disabled { since: at(0), reason: DisabledReason::Gone };
    state.endpoints.fail(&workspace(), &endpoint(url), disabled).await.unwrap();
}

/// Returns the number of deliveries of each status.
async fn statuses(api: &Router) -> [usize; 3] {
    let mut counts = [0; 3];
    let mut cursor = String::new();
    loop {
        let page = json(api, &format!("{ALL}?limit=200{cursor}")).await;
        for delivery in page["deliveries"].as_array().unwrap() {
            let statuses = ["pending", "delivered", "failed"];
            counts[statuses.iter().position(|status| delivery["status"] == *status).unwrap()] += 1;
        }
        match &page["next"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => return counts,
        }
    }
}

#[tokio::test]
async fn a_delivery_that_is_over_is_pending_again_with_the_attempts_it_had() {
    let (api, state, mut sent) = set_up().await;
    let failed = keep(&state, &event(0, EventType::Created, "i"), A, StorageState::Completed, Status::Failed).await;
    let answer = replay(&api, &failed).await;
    insta::assert_snapshot!(answer, @r#"
    202 Accepted
    content-type: application/json
    {
      "attemptCount": 1,
      "attempts": [
        {
          "at": "2023-11-14T22:13:21Z",
          "body": "thanks",
          "detail": "answered 500",
          "latencyMs": 12,
          "number": 1,
          "reason": "status",
          "status": 500
        }
      ],
      "changedAt": "2023-11-14T22:13:20Z",
      "deliveryID": "befde498a45b6c82084a07709548fe6f-4-1700000000000-1000-23352a67ac7ffc4b",
      "dueAt": null,
      "endpointID": "befde498a45b6c82084a07709548fe6f",
      "eventID": "event-0",
      "eventType": "created",
      "giveUpReason": null,
      "instanceID": "i",
      "lastReason": "status",
      "processName": "Order",
      "request": {
        "headers": [
          {
            "name": "user-agent",
            "value": "instance-webhooks/0.1.0"
          },
          {
            "name": "accept",
            "value": "*/*"
          },
          {
            "name": "webhook-id",
            "value": "event-0"
          },
          {
            "name": "webhook-attempt",
            "value": "2"
          }
        ],
        "method": "GET",
        "url": "https://a.example/?instanceID=i&processName=Order&eventType=created"
      },
      "status": "pending",
      "url": "https://a.example/"
    }
    "#);
    assert_eq!(json(&api, &format!("{ALL}/{failed}")).await["status"], "pending");
    assert_eq!(statuses(&api).await, [1, 0, 0], "and stands nowhere else");
    assert_eq!(woken(&mut sent), [(id(A), 0)]);
    let record = state.endpoints.get(&workspace(), &endpoint(A).id).await.unwrap();
    assert!(record.has_backlog && record.wake_at.is_some(), "should the wake-up be lost, the sweep knows");

    let delivered =
        keep(&state, &event(1, EventType::Created, "i"), A, StorageState::Completed, Status::Delivered).await;
    assert!(replay(&api, &delivered).await.starts_with("202"));
    assert_eq!(statuses(&api).await, [2, 0, 0]);
}

#[tokio::test]
async fn a_pending_delivery_stays_so_and_its_endpoint_is_woken() {
    let (api, state, mut sent) = set_up().await;
    let waits =
        keep(&state, &event(0, EventType::Created, "i"), A, StorageState::Pending(Turn::Next), Status::Pending).await;
    let before = json(&api, &format!("{ALL}/{waits}")).await;
    assert!(replay(&api, &waits).await.starts_with("202"));
    assert_eq!(json(&api, &format!("{ALL}/{waits}")).await, before);
    assert_eq!(woken(&mut sent), [(id(A), 0)]);
}

#[tokio::test]
async fn a_delivery_that_was_set_aside_is_due_now() {
    let (api, state, _sent) = set_up().await;
    let aside =
        keep(&state, &event(0, EventType::Created, "i"), A, StorageState::Deferred(at(900_000_000)), Status::Pending)
            .await;
    assert!(json(&api, &format!("{ALL}/{aside}")).await["dueAt"].is_string());
    assert!(replay(&api, &aside).await.starts_with("202"));
    assert_eq!(json(&api, &format!("{ALL}/{aside}")).await["dueAt"], Value::Null);
    let partition = InstanceKey::new("i").partition();
    let backlog = state.deliveries.pending(&workspace(), &endpoint(A).id, partition, None, 10).await.unwrap();
    assert_eq!(backlog.deliveries.len(), 1);
    assert_eq!(statuses(&api).await, [1, 0, 0]);
}

#[tokio::test]
async fn what_cannot_be_sent_again_says_why_and_stays_as_it_is() {
    let (api, state, mut sent) = set_up().await;
    let to_a = keep(&state, &event(0, EventType::Created, "i"), A, StorageState::Completed, Status::Failed).await;
    let to_b = keep(&state, &event(1, EventType::Updated, "i"), B, StorageState::Completed, Status::Failed).await;
    disable(&state, A).await;
    let off = serde_json::json!({"enabled": false, "urls": [A, B]});
    put(&api, "/v1/workspaces/default/callbacks/updated", off.to_string()).await;
    insta::assert_snapshot!(replay(&api, &to_a).await, @r#"
    409 Conflict
    content-type: application/problem+json
    {
      "detail": "nothing was replayed: the endpoint is disabled; POST to its `resume` first",
      "status": 409,
      "title": "Endpoint disabled",
      "type": "urn:instance-webhooks:problem:endpoint-disabled"
    }
    "#);
    insta::assert_snapshot!(replay(&api, &to_b).await, @r#"
    409 Conflict
    content-type: application/problem+json
    {
      "detail": "nothing was replayed: the URL is not called for this event type any more; add it to the event type's callbacks and turn them on, or name another endpoint in `to`",
      "status": 409,
      "title": "No longer configured",
      "type": "urn:instance-webhooks:problem:no-longer-configured"
    }
    "#);
    insta::assert_snapshot!(replay(&api, "x").await, @r#"
    404 Not Found
    content-type: application/problem+json
    {
      "detail": "there is no such delivery in this workspace; the log keeps completed ones for 30 days, unless the deployment sets another time",
      "status": 404,
      "title": "Unknown delivery",
      "type": "urn:instance-webhooks:problem:unknown-delivery"
    }
    "#);
    assert!(replay(&api, &to_a.replace("1000", "1001")).await.starts_with("404"));
    assert_eq!(statuses(&api).await, [0, 0, 2]);
    assert_eq!(woken(&mut sent), []);
}

#[tokio::test]
async fn a_failing_endpoint_is_woken_for_its_next_probe() {
    let (api, state, mut sent) = set_up().await;
    let failed = keep(&state, &event(0, EventType::Created, "i"), A, StorageState::Completed, Status::Failed).await;
    let probe_at = jiff::Timestamp::now() + Duration::from_secs(100);
    let failing = Health::Failing { since: at(0), failed_probes: 3, probe_at, warned: false };
    state.endpoints.fail(&workspace(), &endpoint(A), failing).await.unwrap();
    assert!(replay(&api, &failed).await.starts_with("202"));
    let woken = woken(&mut sent);
    assert!(woken.len() == 1 && (90..=100).contains(&woken[0].1), "{woken:?}");
}

#[tokio::test]
async fn of_many_replays_of_one_delivery_at_once_all_succeed_and_one_delivery_waits() {
    let (api, state, _sent) = set_up().await;
    let failed = keep(&state, &event(0, EventType::Created, "i"), A, StorageState::Completed, Status::Failed).await;
    let replays = (0..8).map(|_| {
        let (api, failed) = (api.clone(), failed.clone());
        tokio::spawn(async move { replay(&api, &failed).await })
    });
    for replay in replays.collect::<Vec<_>>() {
        assert!(replay.await.unwrap().starts_with("202"));
    }
    assert_eq!(statuses(&api).await, [1, 0, 0]);
}

#[tokio::test]
async fn a_bulk_replay_takes_what_matches_and_can_be_sent_and_counts_the_rest() {
    let (api, state, mut sent) = set_up().await;
    for n in 0..12 {
        let url = if n % 2 == 0 { A } else { B };
        keep(&state, &event(n, EventType::Created, "i"), url, StorageState::Completed, Status::Failed).await;
    }
    keep(&state, &event(12, EventType::Updated, "i"), A, StorageState::Completed, Status::Failed).await;
    keep(&state, &event(13, EventType::Created, "i"), A, StorageState::Completed, Status::Delivered).await;
    keep(&state, &event(14, EventType::Created, "i"), A, StorageState::Pending(Turn::Next), Status::Pending).await;
    disable(&state, B).await;
    let filter = r#"{"eventType": "created", "instanceID": "i", "dryRun": true}"#;
    insta::assert_snapshot!(bulk(&api, filter).await, @r#"
    200 OK
    content-type: application/json
    {
      "matched": 13,
      "truncated": false
    }
    "#);
    assert_eq!(statuses(&api).await, [1, 1, 13], "a dry run changes nothing");
    assert_eq!(woken(&mut sent), []);
    insta::assert_snapshot!(bulk(&api, &filter.replace("true", "false")).await, @r#"
    202 Accepted
    content-type: application/json
    {
      "matched": 13,
      "replayed": 7,
      "skipped": 6,
      "truncated": false
    }
    "#);
    assert_eq!(statuses(&api).await, [8, 0, 7]);
    assert_eq!(woken(&mut sent), [(id(A), 0)]);
}

#[tokio::test]
async fn a_bulk_replay_that_reaches_its_limit_takes_the_newest_and_says_so() {
    let (api, state, _sent) = set_up().await;
    for n in 0..30 {
        keep(&state, &event(n, EventType::Created, &format!("i-{n}")), A, StorageState::Completed, Status::Failed)
            .await;
    }
    insta::assert_snapshot!(bulk(&api, r#"{"status": "failed", "limit": 10}"#).await, @r#"
    202 Accepted
    content-type: application/json
    {
      "matched": 10,
      "replayed": 10,
      "skipped": 0,
      "truncated": true
    }
    "#);
    let pending = json(&api, &format!("{ALL}?status=pending")).await;
    let newest = pending["deliveries"].as_array().unwrap().iter().all(|it| it["changedAt"] == at(2).to_string());
    assert!(newest, "{pending}");
    insta::assert_snapshot!(bulk(&api, r#"{"status": "failed", "limit": 20}"#).await, @r#"
    202 Accepted
    content-type: application/json
    {
      "matched": 20,
      "replayed": 20,
      "skipped": 0,
      "truncated": false
    }
    "#);
}

#[tokio::test]
async fn a_bulk_replay_without_a_filter_or_with_a_wrong_one_is_refused() {
    let (api, state, _sent) = set_up().await;
    keep(&state, &event(0, EventType::Created, "i"), A, StorageState::Completed, Status::Failed).await;
    insta::assert_snapshot!(bulk(&api, "{}").await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "nothing was replayed: without a filter that would be the whole log; name at least one of status, eventType, endpointID, instanceID, since and until",
      "status": 422,
      "title": "Empty filter",
      "type": "urn:instance-webhooks:problem:empty-filter"
    }
    "#);
    assert!(bulk(&api, r#"{"limit": 5, "dryRun": true, "status": null}"#).await.starts_with("422"));
    insta::assert_snapshot!(bulk(&api, r#"{"status": "pending"}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in status: a pending delivery is still to be sent, so there is nothing to replay; choose delivered or failed, or leave it out for both",
      "field": "status",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(bulk(&api, r#"{"status": "lost"}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in status: unknown variant `lost`, expected one of `pending`, `delivered`, `failed` at line 1 column 17",
      "field": "status",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(bulk(&api, r#"{"instanceId": "i"}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in instanceId: unknown field `instanceId`, expected one of `status`, `eventType`, `endpointID`, `instanceID`, `since`, `until`, `to`, `dryRun`, `limit` at line 1 column 13",
      "field": "instanceId",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(bulk(&api, r#"{"endpointID": "abc"}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in endpointID: an endpoint id has 32 hexadecimal digits, in lower case at line 1 column 21",
      "field": "endpointID",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(bulk(&api, r#"{"since": "yesterday"}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in since: invalid value: string \"yesterday\", expected a time such as 2026-01-31T12:00:00Z or 2026-01-31T13:00:00+01:00 (RFC 3339; in a query, + is written %2B) at line 1 column 22",
      "field": "since",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(bulk(&api, r#"{"instanceID": "i", "limit": 10001}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in limit: invalid value: integer `10001`, expected a number from 1 to 10000 at line 1 column 34",
      "field": "limit",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    assert_eq!(statuses(&api).await, [0, 0, 1]);
}

const QUIET: Duration = Duration::from_millis(300);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_disabled_endpoint_missed_is_replayed_in_order_with_the_same_id_and_the_next_attempt() {
    let mut room = Harness::new().await;
    room.be_patient();
    let (mut state, _) = state(&room.client);
    state.wake_ups = room.retry.wake_ups.clone();
    let api = super::router(state);
    let receiver = Receiver::start(Behaviour::Answer(410)).await;
    configure(&api, &[&receiver.url()]).await;
    let records: Vec<_> = (0..300).map(|n| room.record("MODIFY", &format!("i-{}", n % 40), "default")).collect();
    for batch in records.chunks(100) {
        assert_eq!(room.batch(batch, Duration::from_secs(20)).await, Vec::<String>::new());
    }
    room.run_wake_ups(QUIET).await;
    assert_eq!(statuses(&api).await, [0, 0, 300], "the endpoint is gone");
    receiver.decides(|_| Behaviour::Answer(200));
    receiver.forget();
    let filter = format!(r#"{{"endpointID": "{}"}}"#, id(&receiver.url()));
    assert!(bulk(&api, &filter).await.contains("\"skipped\": 300"), "it has to be resumed first");
    call(&api, &format!("POST /v1/workspaces/default/endpoints/{}/resume", id(&receiver.url()))).await;
    // A drain runs all the time.
    let replayed = AtomicBool::new(false);
    let drains = async {
        while !replayed.load(Ordering::SeqCst) {
            room.wake(&receiver.url()).await;
        }
    };
    let replays = async {
        let answer = bulk(&api, &filter).await;
        replayed.store(true, Ordering::SeqCst);
        answer
    };
    let (answer, ()) = tokio::join!(replays, drains);
    insta::assert_snapshot!(answer, @r#"
    202 Accepted
    content-type: application/json
    {
      "matched": 300,
      "replayed": 300,
      "skipped": 0,
      "truncated": false
    }
    "#);
    room.run_wake_ups(QUIET).await;
    assert_eq!(statuses(&api).await, [0, 300, 0]);
    let twice: Vec<_> = receiver.signed().into_iter().map(|signed| signed.id).collect();
    let twice: Vec<_> = twice.iter().filter(|id| twice.iter().filter(|other| other == id).count() > 1).collect();
    assert_eq!(receiver.count(), 300, "{twice:?} of {:#?}", room.items().await);
    for (instance, order) in by_instance(&receiver.targets()) {
        assert!(order.is_sorted(), "{instance}: {order:?}");
    }
    assert!(receiver.attempts().iter().any(|attempt| attempt == "2"), "the attempts go on counting");
}
