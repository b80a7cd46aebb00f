//! Searches of the log: by ids, names, reasons and status codes, by several values at once, and what they cost.

use axum::Router;
use serde_json::{Value, json};
use webhooks_api::ApiState;
use webhooks_model::attempt::{Attempt, Failure, Reason};
use webhooks_model::delivery::{Delivery, GiveUpReason, Status};
use webhooks_model::event::{Event, EventType};
use webhooks_store::{DeliveryId, DeliveryWrite, StorageState, Turn};

use super::support::fault_proxy::FaultProxy;
use super::{at, attempt, call, configure, endpoint, event, id, json as get, post, state, support, write};

const ALL: &str = "/v1/workspaces/default/deliveries";
const A: &str = "https://a.example/";
const B: &str = "https://b.example/";

/// Writes a delivery whose last attempt was this one; returns its id.
async fn keep(state: &ApiState, event: &Event, url: &str, status: Status, last: Option<Attempt>) -> String {
    let endpoint = endpoint(url);
    let storage = match status {
        Status::Pending => StorageState::Pending(last.as_ref().map_or(Turn::Next, |_| Turn::At(at(600)))),
        Status::Delivered | Status::Failed | Status::Superseded => StorageState::Completed,
    };
    let give_up_reason = (status == Status::Failed).then_some(GiveUpReason::EndpointDisabled);
    let attempts = last.into_iter().collect();
    let delivery = Delivery { event, endpoint: &endpoint, status, attempts, give_up_reason };
    let change = DeliveryWrite { delivery, storage, was: None };
    write(state, &[change]).await;
    DeliveryId::of(event, &endpoint.id).to_string()
}

fn timeout() -> Attempt {
    Attempt::failed(at(1), Failure { reason: Reason::Timeout, detail: "connected, but no answer".to_owned() })
}

fn redirect() -> Attempt {
    let failure = Failure { reason: Reason::Redirect, detail: "answered 301 Moved Permanently".to_owned() };
    Attempt { failure: Some(failure), ..attempt(1, 301) }
}

/// Stores eight deliveries of all kinds, named by their events.
async fn eight(state: &ApiState) -> [String; 8] {
    let event = |n, instance: &str, process: &str| Event {
        process_name: process.to_owned(),
        ..event(n, if n % 2 == 0 { EventType::Created } else { EventType::Updated }, instance)
    };
    [
        keep(state, &event(0, "order-1", "Order intake"), A, Status::Delivered, Some(attempt(1, 200))).await,
        keep(state, &event(1, "order-12", "Order intake"), B, Status::Pending, Some(attempt(1, 503))).await,
        keep(state, &event(2, "order-2", "Order archive"), A, Status::Pending, Some(attempt(1, 422))).await,
        keep(state, &event(3, "order-3", "Order archive"), B, Status::Failed, Some(attempt(1, 410))).await,
        keep(state, &event(4, "x-order-1", "Übersicht, alt"), A, Status::Failed, Some(timeout())).await,
        keep(state, &event(5, "x-2", "Invoice"), B, Status::Pending, Some(redirect())).await,
        keep(state, &event(6, "x-3", "Invoice"), A, Status::Failed, None).await,
        keep(state, &event(7, "x-3", "Invoice"), A, Status::Pending, None).await,
    ]
}

/// Returns the numbers of the events of all pages, in order of their numbers.
async fn found(api: &Router, query: &str) -> Vec<usize> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = get(api, &format!("{ALL}?{query}&limit=2{cursor}")).await;
        let numbers = page["deliveries"].as_array().unwrap().iter().map(|it| it["eventID"].as_str().unwrap());
        found.extend(numbers.map(|event| event.strip_prefix("event-").unwrap().parse::<usize>().unwrap()));
        match &page["next"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => break,
        }
    }
    found.sort_unstable();
    found
}

#[tokio::test]
async fn a_search_finds_ids_beginnings_of_instances_and_parts_of_processes() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    let ids = eight(&state).await;
    for (query, expected) in [
        ("search=event-3", &[3][..]),
        ("search=order-1", &[0, 1]),
        ("search=x-", &[4, 5, 6, 7]),
        ("search=Order", &[0, 1, 2, 3]),
        ("search=archive", &[2, 3]),
        ("search=order-1&status=pending", &[1]),
        ("search=event", &[]),
        ("search=ORDER", &[]),
        ("eventID=event-4", &[4]),
        ("eventID=event", &[]),
        ("processName=Order+intake", &[0, 1]),
        ("processName=Order", &[]),
        ("processName=%C3%9Cbersicht,+alt", &[4]),
        ("processName=Invoice&instanceID=x-2", &[5]),
    ] {
        assert_eq!(found(&api, query).await, expected, "{query}");
    }
    for (number, id) in ids.iter().enumerate() {
        assert_eq!(found(&api, &format!("search={id}")).await, [number], "wherever it is stored");
        assert_eq!(found(&api, &format!("search={id}&until={}", at(0))).await, [0; 0], "{id}");
    }
    assert_eq!(found(&api, &format!("search={}&status=delivered,failed", ids[1])).await, [0; 0]);
}

#[tokio::test]
async fn one_of_several_values_has_to_match() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    eight(&state).await;
    let [a, b] = [id(A), id(B)];
    for (query, expected) in [
        ("status=failed,pending", &[1, 2, 3, 4, 5, 6, 7][..]),
        ("status=delivered,failed", &[0, 3, 4, 6]),
        ("status=delivered,failed,pending", &[0, 1, 2, 3, 4, 5, 6, 7]),
        ("status=failed,failed", &[3, 4, 6]),
        ("eventType=created,updated&status=failed", &[3, 4, 6]),
        (&format!("endpointID={a},{b}"), &[0, 1, 2, 3, 4, 5, 6, 7]),
        (&format!("endpointID={a},{b}&status=pending"), &[1, 2, 5, 7]),
        (&format!("endpointID={b}&status=pending,delivered"), &[1, 5]),
        ("statusCode=503", &[1]),
        ("statusCode=4xx", &[2, 3]),
        ("statusCode=410,5xx,301", &[1, 3, 5]),
        ("statusCode=3xx", &[5]),
        ("statusCode=4xx&status=failed", &[3]),
        ("statusCode=504", &[]),
        ("statusCode=4xx&status=delivered", &[]),
        ("reason=status", &[1, 2, 3]),
        ("reason=timeout,redirect", &[4, 5]),
        ("reason=endpoint-disabled", &[3, 4, 6]),
        ("reason=endpoint-disabled&statusCode=410", &[3]),
        ("reason=rejected", &[]),
    ] {
        assert_eq!(found(&api, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_wrong_value_is_refused_with_what_is_expected() {
    let (api, many) = (super::api().await, vec!["404"; 21].join(","));
    let many_different = (400..421).map(|code| code.to_string()).collect::<Vec<_>>().join(",");
    assert!(call(&api, &format!("GET {ALL}?statusCode={many}")).await.starts_with("200"), "each counts once");
    for (query, detail) in [
        ("statusCode=199", "expected a status code from 200 to 599 such as 404, or a class such as 5xx"),
        ("statusCode=404,", "expected a status code from 200 to 599 such as 404, or a class such as 5xx"),
        (&format!("statusCode={many_different}"), "expected at most 20 values"),
        (
            "status=failed,lost",
            "unknown variant `lost`, expected one of `pending`, `delivered`, `failed`, `superseded`",
        ),
        ("reason=late", "unknown reason `late`, expected one of `status`, `redirect`, `timeout`"),
        ("search=", "expected a text of 1 to 256 bytes"),
        (&format!("search={}", "x".repeat(257)), "expected a text of 1 to 256 bytes"),
        (&format!("eventID={}", "x".repeat(1_025)), "expected a text of 1 to 1024 bytes"),
    ] {
        let answer = call(&api, &format!("GET {ALL}?{query}")).await;
        assert!(answer.starts_with("400") && answer.contains(detail), "{query}: {answer}");
    }
}

#[tokio::test]
async fn a_bulk_replay_takes_the_same_filters_one_value_or_a_list_of_each() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    configure(&api, &[A, B]).await;
    eight(&state).await;
    let matched = async |filter: Value| {
        let mut filter = filter;
        filter["dryRun"] = true.into();
        let answer = post(&api, &format!("{ALL}/replay"), filter.to_string()).await;
        let body: Value = serde_json::from_str(answer.split_once("json\n").unwrap().1).unwrap();
        assert!(answer.starts_with("200") && body["replayable"] == body["matched"], "{answer}");
        body["matched"].as_u64().unwrap()
    };
    for (filter, expected) in [
        (json!({"status": ["failed", "delivered"]}), 4),
        (json!({"status": "failed"}), 3),
        (json!({"statusCode": "4xx"}), 1),
        (json!({"statusCode": ["410", "5xx"], "status": "failed"}), 1),
        (json!({"reason": ["timeout", "status"]}), 2),
        (json!({"endpointID": [id(A), id(B)], "status": ["failed"]}), 3),
        (json!({"search": "order-"}), 2),
        (json!({"processName": "Invoice"}), 1),
        (json!({"eventID": "event-4"}), 1),
    ] {
        assert_eq!(matched(filter.clone()).await, expected, "{filter}");
    }
    for wrong in [json!({"status": ["failed", "pending"]}), json!({"status": []}), json!({"statusCode": 410})] {
        let answer = post(&api, &format!("{ALL}/replay"), wrong.to_string()).await;
        assert!(answer.starts_with("422"), "{wrong}: {answer}");
    }
}

#[tokio::test]
async fn a_dry_run_counts_what_cannot_be_replayed_by_reason() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    configure(&api, &[A]).await;
    eight(&state).await;
    let disabled = webhooks_model::endpoint::Health::Disabled {
        since: at(0),
        reason: webhooks_model::endpoint::DisabledReason::Gone,
    };
    state.endpoints.fail(&super::workspace(), &endpoint(A), disabled).await.unwrap();
    let filter = json!({"status": ["failed", "delivered"], "dryRun": true});
    insta::assert_snapshot!(post(&api, &format!("{ALL}/replay"), filter.to_string()).await, @r#"
    200 OK
    content-type: application/json
    {
      "matched": 4,
      "replayable": 0,
      "skipped": 4,
      "skippedByReason": {
        "changed": 0,
        "endpointDisabled": 3,
        "noLongerConfigured": 1
      },
      "truncated": false
    }
    "#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_reads_no_more_than_it_has_to() {
    let (client, address) = support::engine_at().await;
    let ids = eight(&state(&client).0).await;
    let proxy = FaultProxy::start(&address).await;
    let api = super::router(state(&proxy.client()).0);
    for (query, queries) in [
        (format!("search={}", ids[3]), 2),
        ("search=event-3".to_owned(), 64),
        ("reason=timeout&status=failed".to_owned(), 32),
        ("statusCode=4xx".to_owned(), 64),
        ("status=delivered&statusCode=4xx".to_owned(), 0),
        ("search=order-1&instanceID=order-1".to_owned(), 1),
    ] {
        proxy.counted();
        get(&api, &format!("{ALL}?{query}")).await;
        assert_eq!(proxy.counted().get("Query").copied().unwrap_or_default(), queries, "{query}");
    }
}
