//! The log: its filters, its pages, and one delivery with its attempts.

use std::cmp::Reverse;

use serde_json::Value;
use webhooks_api::ApiState;
use webhooks_model::delivery::Status;
use webhooks_model::event::EventType;
use webhooks_store::{StorageState, Turn};

use super::{api, api_on, at, call, event, id, json, keep, state, support};

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

#[tokio::test]
async fn a_page_tells_where_each_delivery_stands_and_one_delivery_tells_every_attempt() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    let delivered = event(0, EventType::Created, "i 1");
    let delivered = keep(&state, &delivered, A, StorageState::Completed, Status::Delivered).await;
    keep(&state, &event(10, EventType::Updated, "i 1"), A, StorageState::Completed, Status::Failed).await;
    let aside = event(20, EventType::Updated, "i 2");
    let aside = keep(&state, &aside, A, StorageState::Deferred(at(600)), Status::Pending).await;
    let waits =
        keep(&state, &event(30, EventType::Deleted, "i 2"), A, StorageState::Pending(Turn::Next), Status::Pending)
            .await;
    insta::assert_snapshot!(call(&api, &format!("GET {ALL}")).await, @r#"
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
          "processName": "Order",
          "status": "pending",
          "url": "https://a.example/"
        },
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
          "processName": "Order",
          "status": "delivered",
          "url": "https://a.example/"
        }
      ],
      "next": null
    }
    "#);
    insta::assert_snapshot!(call(&api, &format!("GET {ALL}/{delivered}")).await, @r#"
    200 OK
    content-type: application/json
    {
      "attemptCount": 2,
      "attempts": [
        {
          "at": "2023-11-14T22:13:21Z",
          "body": "thanks",
          "detail": "answered 503",
          "latencyMs": 12,
          "number": 1,
          "reason": "status",
          "status": 503
        },
        {
          "at": "2023-11-14T22:13:26Z",
          "body": "thanks",
          "detail": null,
          "latencyMs": 12,
          "number": 2,
          "reason": null,
          "status": 200
        }
      ],
      "changedAt": "2023-11-14T22:13:20Z",
      "deliveryID": "befde498a45b6c82084a07709548fe6f-7-1700000000000-1000-23352a67ac7ffc4b",
      "dueAt": null,
      "endpointID": "befde498a45b6c82084a07709548fe6f",
      "eventID": "event-0",
      "eventType": "created",
      "giveUpReason": null,
      "instanceID": "i 1",
      "lastReason": null,
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
        "url": "https://a.example/?instanceID=i%201&processName=Order&eventType=created"
      },
      "status": "delivered",
      "url": "https://a.example/"
    }
    "#);
    for id in [aside, waits] {
        assert_eq!(json(&api, &format!("{ALL}/{id}")).await["deliveryID"], *id, "wherever it stands");
    }
}

#[tokio::test]
async fn a_delivery_that_is_not_there_is_unknown() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    let id = keep(&state, &event(0, EventType::Created, "i"), A, StorageState::Completed, Status::Delivered).await;
    insta::assert_snapshot!(call(&api, &format!("GET {ALL}/x")).await, @r#"
    404 Not Found
    content-type: application/problem+json
    {
      "detail": "there is no such delivery in this workspace; the log keeps completed ones for 30 days, unless the deployment sets another time",
      "status": 404,
      "title": "Unknown delivery",
      "type": "urn:instance-webhooks:problem:unknown-delivery"
    }
    "#);
    let others = [
        format!("{ALL}/{}", id.replace("1000", "1001")),
        format!("/v1/workspaces/another/deliveries/{id}"),
        format!("{ALL}/{id}{}", "0".repeat(2_000)),
        format!("{ALL}/{}", id.replace("1000", "")),
    ];
    for path in others {
        assert!(call(&api, &format!("GET {path}")).await.starts_with("404"), "{path}");
    }
}

#[tokio::test]
async fn a_parameter_that_is_unknown_repeated_or_wrong_is_refused_by_name() {
    let api = api().await;
    let get = async |query: &str| call(&api, &format!("GET {ALL}?{query}")).await;
    insta::assert_snapshot!(get("stauts=failed").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter stauts: unknown field `stauts`, expected one of `status`, `eventType`, `endpointID`, `instanceID`, `since`, `until`, `limit`, `cursor`",
      "field": "stauts",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get("status=failed&status=pending").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter status: it is given more than once",
      "field": "status",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get("status=lost").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter status: unknown variant `lost`, expected one of `pending`, `delivered`, `failed`",
      "field": "status",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get("eventType=").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter eventType: unknown variant ``, expected one of `created`, `updated`, `deleted`",
      "field": "eventType",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get("endpointID=abc").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter endpointID: an endpoint id has 32 hexadecimal digits, in lower case",
      "field": "endpointID",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get("since=yesterday").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter since: invalid value: string \"yesterday\", expected a time such as 2026-01-31T12:00:00Z or 2026-01-31T13:00:00+01:00 (RFC 3339; in a query, + is written %2B)",
      "field": "since",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get("until=2026-01-31T12:00:00+01:00").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter until: invalid value: string \"2026-01-31T12:00:00 01:00\", expected a time such as 2026-01-31T12:00:00Z or 2026-01-31T13:00:00+01:00 (RFC 3339; in a query, + is written %2B)",
      "field": "until",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get("limit=0").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter limit: invalid value: integer `0`, expected a number from 1 to 200",
      "field": "limit",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get("limit=201").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter limit: invalid value: integer `201`, expected a number from 1 to 200",
      "field": "limit",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get("limit=ten").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter limit: invalid value: string \"ten\", expected a number from 1 to 200",
      "field": "limit",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get("cursor=10").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter cursor: this is not the `next` of a page of this workspace; leave it out to begin with the newest delivery",
      "field": "cursor",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    for good in
        ["limit=200", "until=2026-01-31T12:00:00%2B01:00", "since=2026-01-31T12:00:00.5Z", "instanceID=%C3%BC+x"]
    {
        assert!(get(good).await.starts_with("200"), "{good}");
    }
}

#[tokio::test]
async fn a_log_that_cannot_be_read_is_a_503() {
    let api = api_on(&support::client("http://127.0.0.1:1"));
    assert!(call(&api, &format!("GET {ALL}")).await.starts_with("503"));
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

/// Returns the deliveries of all pages in order.
async fn all_pages(api: &axum::Router, query: &str, limit: usize) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = json(api, &format!("{ALL}?{query}limit={limit}{cursor}")).await;
        let deliveries = page["deliveries"].as_array().unwrap();
        assert!(deliveries.len() <= limit, "{query}");
        ids.extend(deliveries.iter().map(|delivery| delivery["deliveryID"].as_str().unwrap().to_owned()));
        match &page["next"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => return ids,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_combination_of_filters_gives_exactly_what_matches_newest_first_page_by_page() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    let model = model(&state).await;
    let statuses = [None, Some(Status::Pending), Some(Status::Delivered), Some(Status::Failed)];
    let mut combinations = 0;
    for status in statuses {
        for url in [None, Some(A), Some(B)] {
            for event_type in [None, Some(EventType::Updated)] {
                for instance in [None, Some("i-3")] {
                    // Seconds 5 (including its first event) to 21 (exclusive).
                    for range in [None, Some((50, 210))] {
                        let mut query = String::new();
                        query += &status.map_or(String::new(), |it: Status| format!("status={}&", it.as_str()));
                        query += &url.map_or(String::new(), |url| format!("endpointID={}&", id(url)));
                        query += &event_type.map_or(String::new(), |it: EventType| format!("eventType={it}&"));
                        query += &instance.map_or(String::new(), |it| format!("instanceID={it}&"));
                        query += &range.map_or(String::new(), |_| format!("since={}&until={}&", at(5), at(21)));
                        let matches = |kept: &&Kept| {
                            status.is_none_or(|it| it == kept.status)
                                && url.is_none_or(|it| it == kept.url)
                                && event_type.is_none_or(|it| it == kept.event_type)
                                && instance.is_none_or(|it| it == kept.instance)
                                && range.is_none_or(|(from, to)| (from..to).contains(&kept.n))
                        };
                        let expected: Vec<_> = model.iter().filter(matches).map(|kept| kept.id.clone()).collect();
                        let limit = [200, 90, 40][combinations % 3];
                        assert_eq!(all_pages(&api, &query, limit).await, expected, "{query} {limit} a page");
                        combinations += 1;
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn small_pages_through_ties_neither_repeat_nor_leave_out_a_delivery() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    for n in 0..10 {
        for url in [A, B] {
            let storage = if n % 2 == 0 { StorageState::Completed } else { StorageState::Pending(Turn::Next) };
            let status = if n % 2 == 0 { Status::Delivered } else { Status::Pending };
            keep(&state, &event(n, EventType::Created, &format!("i-{n}")), url, storage, status).await;
        }
    }
    for query in ["", "status=pending&", &format!("endpointID={}&", id(A))] {
        let at_once = all_pages(&api, query, 200).await;
        for limit in [1, 2, 3, 7] {
            assert_eq!(all_pages(&api, query, limit).await, at_once, "{query} {limit} a page");
        }
    }
}

#[tokio::test]
async fn a_delivery_that_is_both_in_the_backlog_and_in_the_log_is_listed_once_as_over() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    let event = event(0, EventType::Created, "i");
    keep(&state, &event, A, StorageState::Pending(Turn::Next), Status::Pending).await;
    keep(&state, &event, A, StorageState::Completed, Status::Delivered).await;
    for query in ["", &format!("endpointID={}", id(A)), "instanceID=i"] {
        let page = json(&api, &format!("{ALL}?{query}")).await;
        let statuses: Vec<_> = page["deliveries"].as_array().unwrap().iter().map(|it| &it["status"]).collect();
        assert_eq!(statuses, ["delivered"], "{query}");
    }
}

#[tokio::test]
async fn times_beyond_any_event_are_times_all_the_same() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    keep(&state, &event(0, EventType::Created, "i"), A, StorageState::Completed, Status::Delivered).await;
    for (query, found) in [
        ("since=2290-01-01T00:00:00Z", 0),
        ("since=9999-01-01T00:00:00Z", 0),
        ("until=9999-01-01T00:00:00Z", 1),
        ("until=2290-01-01T00:00:00Z", 1),
        ("since=1900-01-01T00:00:00Z", 1),
        ("until=1900-01-01T00:00:00Z", 0),
        ("since=2030-01-01T00:00:00Z&until=2020-01-01T00:00:00Z", 0),
    ] {
        let page = json(&api, &format!("{ALL}?{query}")).await;
        assert_eq!(page["deliveries"].as_array().unwrap().len(), found, "{query}");
        assert_eq!(page["next"], Value::Null, "{query}");
    }
}
