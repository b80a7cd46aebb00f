//! Test calls: the example request to each URL.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Response;
use serde_json::{Value, json};
use webhooks_model::address::OutboundPolicy;
use webhooks_store::RateLimit;

use super::support::receiver::{Behaviour, Receiver};
use super::{api_on, call, post, put, send, state, state_with, support, woken};

const CREATED: &str = "/v1/workspaces/default/callbacks/created";

async fn set(api: &Router, urls: &[&str]) {
    let body = serde_json::json!({"enabled": false, "urls": urls});
    assert!(put(api, CREATED, body.to_string()).await.starts_with("200"));
}

/// Masks the parts of a response that differ between runs.
fn masked(answer: &str, receivers: &[(&str, &Receiver)]) -> String {
    let mut masked = answer.to_owned();
    for (name, receiver) in receivers {
        masked = masked.replace(&super::id(&receiver.url("/")), &format!("<id of {name}>"));
        masked = masked.replace(&receiver.url("/"), &format!("<{name}>"));
    }
    let line = |line: &str| match line.split_once("\"latencyMs\": ") {
        Some((indent, latency)) => {
            let milliseconds = latency.trim_end_matches(',');
            assert!(milliseconds.bytes().all(|byte| byte.is_ascii_digit()), "{line}");
            format!("{indent}\"latencyMs\": <ms>,")
        }
        None => line.to_owned(),
    };
    masked.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn each_url_is_called_once_whether_on_or_off_and_the_response_has_each_result() {
    let api = api_on(&support::engine().await);
    let good = Receiver::new(Behaviour::status(204)).await;
    let bad = Receiver::new(Behaviour::status(500)).await;
    let silent = Receiver::new(Behaviour::Hang).await;
    set(&api, &[&good.url("/"), &bad.url("/"), &silent.url("/")]).await;
    let answer = call(&api, &format!("POST {CREATED}/test")).await;
    insta::assert_snapshot!(masked(&answer, &[("good", &good), ("bad", &bad), ("silent", &silent)]), @r#"
    200 OK
    content-type: application/json
    {
      "results": [
        {
          "body": "",
          "delivered": true,
          "detail": null,
          "endpointID": "<id of good>",
          "latencyMs": <ms>,
          "reason": null,
          "status": 204,
          "url": "<good>"
        },
        {
          "body": "",
          "delivered": false,
          "detail": "answered 500 Internal Server Error",
          "endpointID": "<id of bad>",
          "latencyMs": <ms>,
          "reason": "status",
          "status": 500,
          "url": "<bad>"
        },
        {
          "body": "",
          "delivered": false,
          "detail": "connected, but no answer within 3s",
          "endpointID": "<id of silent>",
          "latencyMs": <ms>,
          "reason": "timeout",
          "status": null,
          "url": "<silent>"
        }
      ]
    }
    "#);
    insta::assert_snapshot!(good.targets().join("\n"), @"/?instanceID=example-instance&processName=Example%20process&eventType=created");
    assert_eq!((good.count(), bad.count(), silent.count()), (1, 1, 1));
}

#[tokio::test]
async fn nothing_of_a_test_is_kept_and_health_is_untouched() {
    let (state, mut sent) = state(&support::engine().await);
    let api = super::router(state);
    let gone = Receiver::new(Behaviour::status(410)).await;
    set(&api, &[&gone.url("/")]).await;
    let before = call(&api, "GET /v1/workspaces/default/endpoints").await;
    assert!(call(&api, &format!("POST {CREATED}/test")).await.contains("\"status\": 410"));
    assert_eq!(call(&api, "GET /v1/workspaces/default/endpoints").await, before);
    assert!(call(&api, "GET /v1/workspaces/default/deliveries").await.contains("\"deliveries\": []"));
    assert_eq!(woken(&mut sent), []);
}

#[tokio::test]
async fn an_event_type_without_urls_has_an_empty_list_and_an_unknown_one_is_refused() {
    let api = api_on(&support::engine().await);
    insta::assert_snapshot!(call(&api, &format!("POST {CREATED}/test")).await, @r#"
    200 OK
    content-type: application/json
    {
      "results": []
    }
    "#);
    insta::assert_snapshot!(call(&api, "POST /v1/workspaces/default/callbacks/renamed/test").await, @r#"
    404 Not Found
    content-type: application/problem+json
    {
      "detail": "\"renamed\" is no event type; there are created, updated and deleted",
      "status": 404,
      "title": "Unknown event type",
      "type": "urn:instance-webhooks:problem:unknown-event-type"
    }
    "#);
}

#[tokio::test]
async fn test_calls_are_limited_per_minute_and_workspace() {
    let api = api_on(&support::engine().await);
    let receiver = Receiver::healthy().await;
    set(&api, &[&receiver.url("/")]).await;
    // The minute may end in between: then as many calls are allowed again.
    let mut answers = Vec::new();
    for _ in 0..8 {
        answers.push(call(&api, &format!("POST {CREATED}/test")).await);
    }
    let refused: Vec<_> = answers.iter().filter(|answer| answer.starts_with("429")).collect();
    assert!((2..=5).contains(&refused.len()), "{answers:#?}");
    assert_eq!(receiver.count(), 8 - refused.len());
    assert!(refused[0].contains("too-many-test-calls") && refused[0].contains("retry-after: "), "{}", refused[0]);
    assert!(
        refused[0].contains("a workspace may make 3 test calls or dry runs a minute; try again in "),
        "{}",
        refused[0]
    );
    assert!(call(&api, "POST /v1/workspaces/another/callbacks/created/test").await.starts_with("200"));
}

#[tokio::test]
async fn the_calls_of_a_minute_are_counted_to_the_last_and_begin_again_with_the_next() {
    let (state, _) = state(&support::engine().await);
    // 40 seconds into a minute, and 20 into the next.
    let (minute, next) = (super::at(20), super::at(60));
    for _ in 0..3 {
        assert_eq!(state.test_calls.take(&super::workspace(), minute).await.unwrap(), RateLimit::Allowed);
    }
    for _ in 0..2 {
        let taken = state.test_calls.take(&super::workspace(), minute).await.unwrap();
        assert_eq!(taken, RateLimit::Limited(Duration::from_secs(20)));
    }
    assert_eq!(state.test_calls.take(&super::workspace(), next).await.unwrap(), RateLimit::Allowed);
}

#[tokio::test]
async fn urls_of_the_body_are_called_instead_of_those_that_are_set_and_are_not_kept() {
    let api = api_on(&support::engine().await);
    let set_already = Receiver::healthy().await;
    let (first, second) = (Receiver::new(Behaviour::status(204)).await, Receiver::new(Behaviour::status(500)).await);
    set(&api, &[&set_already.url("/")]).await;
    let before = call(&api, "GET /v1/workspaces/default/callbacks").await;

    let lines = format!("{}\n\n  {}x?y=1#z \n{}", first.url("/"), second.url("/"), first.url("/"));
    let body = json!({"urls": lines}).to_string();
    let answer = post(&api, &format!("{CREATED}/test"), body).await;
    insta::assert_snapshot!(masked(&answer, &[("first", &first), ("second", &second)])
        .replace(&super::id(&format!("{}x?y=1#z", second.url("/"))), "<id of second>"), @r#"
    200 OK
    content-type: application/json
    {
      "results": [
        {
          "body": "",
          "delivered": true,
          "detail": null,
          "endpointID": "<id of first>",
          "latencyMs": <ms>,
          "reason": null,
          "status": 204,
          "url": "<first>"
        },
        {
          "body": "",
          "delivered": false,
          "detail": "answered 500 Internal Server Error",
          "endpointID": "<id of second>",
          "latencyMs": <ms>,
          "reason": "status",
          "status": 500,
          "url": "<second>x?y=1"
        }
      ]
    }
    "#);
    assert_eq!(
        second.targets(),
        ["/x?y=1&instanceID=example-instance&processName=Example%20process&eventType=created"]
    );
    let request = &second.requests()[0];
    assert!(request.id().starts_with("example-") && request.header("webhook-signature").starts_with("v1,"));
    assert_eq!((first.count(), set_already.count()), (1, 0));
    assert_eq!(call(&api, "GET /v1/workspaces/default/callbacks").await, before);

    // An empty list means no URL, and not the configured ones.
    let none = post(&api, &format!("{CREATED}/test"), r#"{"urls": []}"#).await;
    assert!(none.starts_with("200") && none.contains("\"results\": []"), "{none}");
    let those_set = post(&api, &format!("{CREATED}/test"), "{}").await;
    assert!(those_set.starts_with("200"), "{those_set}");
    assert_eq!((first.count(), set_already.count()), (1, 1));
}

/// Returns the problem, and its detail without the part about the undone change.
async fn problem(response: Response<Body>) -> (Value, String) {
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let mut problem: Value = serde_json::from_slice(&bytes).unwrap();
    let detail = problem["detail"].take().as_str().unwrap().to_owned();
    (problem, detail)
}

#[tokio::test]
async fn a_bad_url_in_the_body_is_rejected_and_none_is_called() {
    let allowed = OutboundPolicy { allowed_networks: "127.0.0.0/8".parse().unwrap(), ..OutboundPolicy::default() };
    let lookup = |_: &str| Ok(vec!["10.11.12.13".parse().unwrap()]);
    let (state, _sent) = state_with(&support::engine().await, allowed, lookup);
    let api = super::router(state);
    let receiver = Receiver::healthy().await;
    let too_many: Vec<_> = (0..51).map(|n| format!("{}{n}", receiver.url("/"))).collect();
    for urls in [
        json!([receiver.url("/"), "ftp://a.example/"]),
        json!(format!("{}\n\nnonsense\nhttps://user:password@a.example/", receiver.url("/"))),
        json!([receiver.url("/"), "http://169.254.169.254/latest/meta-data"]),
        json!([receiver.url("/"), "https://internal.example/"]),
        json!([format!("{}{}", receiver.url("/"), "x".repeat(2_048))]),
        json!(too_many),
        json!(null),
        json!([7]),
        json!({"urls": []}),
    ] {
        let json = &[("content-type", "application/json")][..];
        let set = json!({"enabled": true, "urls": urls}).to_string();
        let (set, not_changed) = problem(send(&api, &format!("PUT {CREATED}"), json, set).await).await;
        let test = json!({"urls": urls}).to_string();
        let (test, not_called) = problem(send(&api, &format!("POST {CREATED}/test"), json, test).await).await;
        assert_eq!(test, set, "{urls}");
        assert_eq!(test["status"], 422, "{urls}");
        if test["errors"].is_array() {
            assert_eq!(not_called, not_changed.replacen("nothing was changed: ", "nothing was called: ", 1));
        }
    }
    assert_eq!(receiver.count(), 0);
    let unknown = post(&api, &format!("{CREATED}/test"), r#"{"url": "https://a.example/"}"#).await;
    assert!(unknown.starts_with("422") && unknown.contains("unknown field `url`"), "{unknown}");
    // More calls were rejected than a minute allows.
    let body = json!({"urls": [receiver.url("/")]}).to_string();
    assert!(post(&api, &format!("{CREATED}/test"), body).await.starts_with("200"));
    assert_eq!(receiver.count(), 1);
}
