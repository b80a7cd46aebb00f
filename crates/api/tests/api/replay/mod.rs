//! Replays of one delivery, and of many.

use super::support::harness::{Harness, by_instance};
use super::support::receiver::{Behaviour, Receiver};
use super::{at, call, configure, endpoint, event, id, json, keep, now, post, put, state, support, woken, workspace};
use axum::Router;
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use webhooks_api::ApiState;
use webhooks_engine::wake_up::WakeUp;
use webhooks_model::delivery::Status;
use webhooks_model::endpoint::{DisabledReason, Health};
use webhooks_model::event::{EventType, InstanceKey};
use webhooks_store::{StorageState, Turn};

mod bulk;

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
    let before = json(&api, &format!("{ALL}/{failed}")).await;
    let answer = replay(&api, &failed).await;
    let (head, body) = answer.split_at(answer.find('{').unwrap());
    assert_eq!(head, "202 Accepted\ncontent-type: application/json\n");
    let mut pending = before;
    pending["status"] = "pending".into();
    pending["giveUpReason"] = Value::Null;
    assert_eq!(pending["request"]["headers"][3], serde_json::json!({"name": "webhook-attempt", "value": "1"}));
    pending["request"]["headers"][3]["value"] = "2".into();
    assert_eq!(serde_json::from_str::<Value>(body).unwrap(), pending, "its next attempt is its second");
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
async fn a_delivery_that_was_deferred_is_due_now() {
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
      "detail": "the endpoint is disabled; re-enable it by a POST to its `resume`, then replay",
      "status": 409,
      "title": "Endpoint disabled",
      "type": "urn:instance-webhooks:problem:endpoint-disabled"
    }
    "#);
    insta::assert_snapshot!(replay(&api, &to_b).await, @r#"
    409 Conflict
    content-type: application/problem+json
    {
      "detail": "the URL is not called for this event type any more; add it to the event type's callbacks and turn them on, or name another endpoint in `to`",
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
    let probe_at = now() + Duration::from_secs(100);
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
