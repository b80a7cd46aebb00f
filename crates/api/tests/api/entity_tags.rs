//! Entity tags: every GET below /v1/ has one, and a caller that has what would be returned gets a 304 without a body.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Response, header};
use serde_json::Value;

use super::support::harness::{Harness, PLENTY};
use super::support::receiver::{Behaviour, Receiver};
use super::{api_on, json, post, send, state, support};

const WORKSPACE: &str = "/v1/workspaces/default";

async fn get(api: &Router, path: &str, tag: &str) -> Response<Body> {
    send(api, &format!("GET {path}"), &[("if-none-match", tag)], Body::empty()).await
}

fn tag_of(response: &Response<Body>) -> String {
    response.headers()[header::ETAG].to_str().unwrap().to_owned()
}

/// Returns the API of a workspace that has everything, with all its documented GETs.
async fn all_gets() -> (Router, Vec<String>) {
    let mut room = Harness::new().await;
    let api = api_on(&room.client);
    let receiver = Receiver::new(Behaviour::status(200)).await;
    room.configure("default", &[receiver.url("/")]).await;
    let record = room.record("INSERT", "i", "default");
    room.batch(&[record], PLENTY).await;
    post(&api, &format!("{WORKSPACE}/signing-secret/rotate"), Body::empty()).await;
    let delivery = &json(&api, &format!("{WORKSPACE}/deliveries")).await["deliveries"][0];
    let text = |name: &str| delivery[name].as_str().unwrap().to_owned();

    let document: Value = serde_json::from_str(webhooks_api::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let gets = paths.iter().filter(|(path, item)| path.starts_with("/v1/") && item["get"].is_object());
    let gets = gets.map(|(path, _)| {
        path.replace("{workspace}", "default")
            .replace("{eventType}", "created")
            .replace("{endpointID}", &text("endpointID"))
            .replace("{deliveryID}", &text("deliveryID"))
            // Statistics until now are others at each call.
            .replace("/statistics", "/statistics?since=2026-01-01T00:00:00Z&until=2026-01-01T12:00:00Z")
    });
    (api, gets.collect())
}

#[tokio::test]
async fn what_the_caller_has_is_not_sent_again() {
    let (api, gets) = all_gets().await;
    assert_eq!(gets.len(), 13, "{gets:?}");
    for path in gets {
        let response = get(&api, &path, "\"another\"").await;
        assert_eq!(response.status(), 200, "{path}");
        let tag = tag_of(&response);
        let again = get(&api, &path, &format!("\"another\", {tag}")).await;
        assert_eq!((again.status().as_u16(), tag_of(&again)), (304, tag), "{path}");
        assert_eq!(again.headers()[header::CACHE_CONTROL], "no-store", "{path}");
        assert!(to_bytes(again.into_body(), 1).await.unwrap().is_empty(), "{path}");
        let invalid = get(&api, &path, "without-quotation-marks").await;
        assert_eq!(invalid.status(), 400, "{path}");
    }
}

#[tokio::test]
async fn a_change_has_another_tag() {
    let (api, _) = all_gets().await;
    let log = format!("{WORKSPACE}/audit");
    let before = tag_of(&get(&api, &log, "\"\"").await);
    post(&api, &format!("{WORKSPACE}/signing-secret/rotate"), Body::empty()).await;
    let after = get(&api, &log, &before).await;
    assert_eq!(after.status(), 200);
    assert_ne!(tag_of(&after), before);
}

#[tokio::test]
async fn a_problem_has_no_tag_and_permissions_come_first() {
    let (api, gets) = all_gets().await;
    let missing = get(&api, &format!("{WORKSPACE}/callbacks/renamed"), "*").await;
    assert_eq!((missing.status().as_u16(), missing.headers().get(header::ETAG)), (404, None));
    let public = webhooks_api::router(state(&support::engine().await).0);
    for path in gets {
        assert_eq!(get(&public, &path, "without-quotation-marks").await.status(), 401, "{path}");
    }
}
