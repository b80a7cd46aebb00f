//! The log: its filters, its pages, and one delivery with its attempts.

use super::{api, api_on, at, call, event, id, json, keep, state, support};
use serde_json::Value;
use std::cmp::Reverse;
use webhooks_api::ApiState;
use webhooks_model::delivery::Status;
use webhooks_model::event::EventType;
use webhooks_store::{StorageState, Turn};

mod of_earlier_versions;
mod pages;
mod refusals;

const ALL: &str = "/v1/workspaces/default/deliveries";

pub(super) const A: &str = "https://a.example/";

pub(super) const B: &str = "https://b.example/";

#[tokio::test]
async fn an_empty_log_is_an_empty_page() {
    insta::assert_snapshot!(call(&api().await, &format!("GET {ALL}")).await, @r#"
    200 OK
    content-type: application/json
    {
      "deliveries": [],
      "next": null
    }
    "#);
}

/// Stores a delivery of each kind; returns the ids of the delivered, the failed, the deferred and the pending one.
async fn one_of_each(state: &ApiState) -> [String; 4] {
    let (completed, next) = (StorageState::Completed, StorageState::Pending(Turn::Next));
    [
        keep(state, &event(0, EventType::Created, "i 1"), A, completed, Status::Delivered).await,
        keep(state, &event(10, EventType::Updated, "i 1"), A, completed, Status::Failed).await,
        keep(state, &event(20, EventType::Updated, "i 2"), A, StorageState::Deferred(at(600)), Status::Pending).await,
        keep(state, &event(30, EventType::Deleted, "i 2"), A, next, Status::Pending).await,
    ]
}

#[tokio::test]
async fn a_page_has_the_newest_first_wherever_they_are_stored() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    let mut ids = one_of_each(&state).await;
    ids.reverse();
    let page = json(&api, ALL).await;
    let listed = page["deliveries"].as_array().unwrap().iter().map(|it| it["deliveryID"].as_str().unwrap());
    assert_eq!(listed.collect::<Vec<_>>(), ids);
    for id in ids {
        assert_eq!(json(&api, &format!("{ALL}/{id}")).await["deliveryID"], *id);
    }
}

#[tokio::test]
async fn a_page_tells_when_pending_deliveries_are_due() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    one_of_each(&state).await;
    insta::assert_snapshot!(call(&api, &format!("GET {ALL}?status=pending")).await, @r#"
    200 OK
    content-type: application/json
    {
      "deliveries": [
        {
          "attemptCount": 0,
          "changedAt": "2023-11-14T22:13:23Z",
          "deliveryID": "befde498a45b6c82084a07709548fe6f-a-1700000003000-1030-e948d9cf3120c90f",
          "dueAt": null,
          "endpointID": "befde498a45b6c82084a07709548fe6f",
          "eventID": "event-30",
          "eventType": "deleted",
          "giveUpReason": null,
          "instanceID": "i 2",
          "lastReason": null,
          "lastStatus": null,
          "processName": "Order",
          "status": "pending",
          "url": "https://a.example/"
        },
        {
          "attemptCount": 1,
          "changedAt": "2023-11-14T22:13:22Z",
          "deliveryID": "befde498a45b6c82084a07709548fe6f-a-1700000002000-1020-7f932710e9e157bb",
          "dueAt": "2023-11-14T22:23:20Z",
          "endpointID": "befde498a45b6c82084a07709548fe6f",
          "eventID": "event-20",
          "eventType": "updated",
          "giveUpReason": null,
          "instanceID": "i 2",
          "lastReason": "status",
          "lastStatus": 500,
          "processName": "Order",
          "status": "pending",
          "url": "https://a.example/"
        }
      ],
      "next": null
    }
    "#);
}

#[tokio::test]
async fn a_page_tells_how_completed_deliveries_ended() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    one_of_each(&state).await;
    insta::assert_snapshot!(call(&api, &format!("GET {ALL}?until=2023-11-14T22:13:22Z")).await, @r#"
    200 OK
    content-type: application/json
    {
      "deliveries": [
        {
          "attemptCount": 1,
          "changedAt": "2023-11-14T22:13:21Z",
          "deliveryID": "befde498a45b6c82084a07709548fe6f-7-1700000001000-1010-ca7731e11bd510a2",
          "dueAt": null,
          "endpointID": "befde498a45b6c82084a07709548fe6f",
          "eventID": "event-10",
          "eventType": "updated",
          "giveUpReason": "rejected",
          "instanceID": "i 1",
          "lastReason": "status",
          "lastStatus": 500,
          "processName": "Order",
          "status": "failed",
          "url": "https://a.example/"
        },
        {
          "attemptCount": 2,
          "changedAt": "2023-11-14T22:13:20Z",
          "deliveryID": "befde498a45b6c82084a07709548fe6f-7-1700000000000-1000-23352a67ac7ffc4b",
          "dueAt": null,
          "endpointID": "befde498a45b6c82084a07709548fe6f",
          "eventID": "event-0",
          "eventType": "created",
          "giveUpReason": null,
          "instanceID": "i 1",
          "lastReason": null,
          "lastStatus": 200,
          "processName": "Order",
          "status": "delivered",
          "url": "https://a.example/"
        }
      ],
      "next": null
    }
    "#);
}

#[tokio::test]
async fn one_delivery_tells_every_attempt() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    let [delivered, ..] = one_of_each(&state).await;
    let delivery = json(&api, &format!("{ALL}/{delivered}")).await;
    insta::assert_snapshot!(format!("{:#}", delivery["attempts"]), @r#"
    [
      {
        "at": "2023-11-14T22:13:21Z",
        "body": "thanks",
        "detail": "answered 503",
        "headers": [
          {
            "name": "content-type",
            "value": "text/plain"
          },
          {
            "name": "x-request-id",
            "value": "7f3a"
          }
        ],
        "latencyMs": 12,
        "number": 1,
        "reason": "status",
        "status": 503
      },
      {
        "at": "2023-11-14T22:13:26Z",
        "body": "thanks",
        "detail": null,
        "headers": [
          {
            "name": "content-type",
            "value": "text/plain"
          },
          {
            "name": "x-request-id",
            "value": "7f3a"
          }
        ],
        "latencyMs": 12,
        "number": 2,
        "reason": null,
        "status": 200
      }
    ]
    "#);
}

#[tokio::test]
async fn one_delivery_tells_its_event_and_its_request() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    let [delivered, ..] = one_of_each(&state).await;
    let mut delivery = json(&api, &format!("{ALL}/{delivered}")).await;
    delivery.as_object_mut().unwrap().remove("attempts");
    insta::assert_snapshot!(format!("{delivery:#}"), @r#"
    {
      "attemptCount": 2,
      "changedAt": "2023-11-14T22:13:20Z",
      "deliveryID": "befde498a45b6c82084a07709548fe6f-7-1700000000000-1000-23352a67ac7ffc4b",
      "dueAt": null,
      "endpointID": "befde498a45b6c82084a07709548fe6f",
      "eventID": "event-0",
      "eventType": "created",
      "giveUpReason": null,
      "instanceID": "i 1",
      "lastReason": null,
      "lastStatus": 200,
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
          },
          {
            "name": "webhook-changed-at",
            "value": "2023-11-14T22:13:20Z"
          }
        ],
        "method": "GET",
        "url": "https://a.example/?instanceID=i%201&processName=Order&eventType=created"
      },
      "status": "delivered",
      "url": "https://a.example/"
    }
    "#);
}

/// A delivery of the model log.
pub(super) struct Kept {
    id: String,
    pub(super) n: u32,
    pub(super) status: Status,
    event_type: EventType,
    pub(super) url: &'static str,
    instance: String,
}

/// Stores 340 deliveries, ten in each second, of every status, in every place, of two endpoints and many instances.
pub(super) async fn model(state: &ApiState) -> Vec<Kept> {
    let mut model = Vec::new();
    for n in 0..340 {
        let event_type = EventType::ALL[n as usize % 3];
        let url = if n % 5 < 3 { A } else { B };
        let instance = format!("i-{}", n % 17);
        let (storage, status) = match n % 7 {
            0 => (StorageState::Pending(Turn::Next), Status::Pending),
            1 => (StorageState::Deferred(at(9_000 + n)), Status::Pending),
            2 | 3 => (StorageState::Completed, Status::Failed),
            _ => (StorageState::Completed, Status::Delivered),
        };
        let id = keep(state, &event(n, event_type, &instance), url, storage, status).await;
        model.push(Kept { id, n, status, event_type, url, instance });
    }
    // By time, and within a second by id.
    model.sort_by_key(|kept| Reverse((kept.n / 10, kept.id.clone())));
    model
}
