//! The service as a whole: missing paths, an unavailable store, and the OpenAPI document.

use super::{api, api_on, call, put, support};

const ALL: &str = "/v1/workspaces/default/callbacks";

#[tokio::test]
async fn what_does_not_exist_says_what_does() {
    let api = api().await;
    insta::assert_snapshot!(call(&api, "GET /v1/nothing").await, @r#"
    404 Not Found
    content-type: application/problem+json
    {
      "detail": "there is nothing at /v1/nothing; GET /openapi.json lists what there is",
      "status": 404,
      "title": "Not found",
      "type": "urn:instance-webhooks:problem:not-found"
    }
    "#);
    insta::assert_snapshot!(call(&api, &format!("POST {ALL}")).await, @r#"
    405 Method Not Allowed
    content-type: application/problem+json
    allow: GET,HEAD,PUT,DELETE
    {
      "detail": "POST is not possible at /v1/workspaces/default/callbacks; the Allow header names what is",
      "status": 405,
      "title": "Method not allowed",
      "type": "urn:instance-webhooks:problem:method-not-allowed"
    }
    "#);
    insta::assert_snapshot!(call(&api, &format!("GET {ALL}/renamed")).await, @r#"
    404 Not Found
    content-type: application/problem+json
    {
      "detail": "\"renamed\" is no event type; there are created, updated and deleted",
      "status": 404,
      "title": "Unknown event type",
      "type": "urn:instance-webhooks:problem:unknown-event-type"
    }
    "#);
    insta::assert_snapshot!(call(&api, "GET /v1/workspaces/a%0Ab/callbacks").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "in the path: a workspace id has 1 to 128 characters, without control characters and / ? %, and is neither . nor ..; this one has a control character in it",
      "status": 400,
      "title": "Invalid workspace",
      "type": "urn:instance-webhooks:problem:invalid-workspace"
    }
    "#);
    for (encoded, found) in [("org%2Fteam", '/'), ("a%3Fb", '?'), ("50%2520off", '%')] {
        let rejected = call(&api, &format!("GET /v1/workspaces/{encoded}/callbacks")).await;
        assert!(
            rejected.starts_with("400") && rejected.contains(&format!("this one has a {found} in it")),
            "{rejected}"
        );
    }
    insta::assert_snapshot!(call(&api, "GET /v1/workspaces/%ff/callbacks").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "in the path: Invalid URL: Invalid UTF-8 in `workspace`",
      "status": 400,
      "title": "Invalid workspace",
      "type": "urn:instance-webhooks:problem:invalid-workspace"
    }
    "#);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_a_503_that_hides_its_inside() {
    let unreachable = support::client("http://127.0.0.1:1");
    let api = api_on(&unreachable);
    insta::assert_snapshot!(call(&api, &format!("GET {ALL}")).await, @r#"
    503 Service Unavailable
    content-type: application/problem+json
    retry-after: 1
    {
      "detail": "the table did not respond; whether anything was changed is unknown, try again",
      "status": 503,
      "title": "Store unavailable",
      "type": "urn:instance-webhooks:problem:store-unavailable"
    }
    "#);
    assert!(put(&api, ALL, "{}").await.starts_with("503"));
}

#[tokio::test]
async fn health_answers_without_a_store() {
    let api = api_on(&support::client("http://127.0.0.1:1"));
    insta::assert_snapshot!(call(&api, "GET /health").await, @r#"
    200 OK
    content-type: application/json
    {
      "status": "ok",
      "version": "0.1.0"
    }
    "#);
}

#[tokio::test]
async fn the_openapi_document_is_the_committed_one() {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(committed, webhooks_api::openapi()).unwrap();
    }
    let text = std::fs::read_to_string(committed).unwrap();
    assert_eq!(text, webhooks_api::openapi(), "the API has changed: look at what `make openapi` writes, and commit it");
    let served = call(&api().await, "GET /openapi.json").await;
    assert!(served.starts_with("200") && served.contains("/v1/workspaces/{workspace}/callbacks/{eventType}"));
}

#[tokio::test]
async fn no_answer_may_be_kept_or_taken_for_another_type() {
    let api = api().await;
    for (call, status) in [
        ("GET /health", 200),
        ("GET /openapi.json", 200),
        ("GET /v1/caller", 200),
        ("GET /v1/egress-addresses", 200),
        ("GET /v1/workspaces/default/callbacks", 200),
        ("GET /v1/workspaces/default/signing-secret", 404),
        ("POST /v1/workspaces/default/signing-secret/rotate", 200),
        ("GET /v1/workspaces/default/signing-secret", 200),
        ("GET /v1/workspaces/default/endpoints/00000000000000000000000000000001/signing-secret", 200),
        ("GET /v1/nothing", 404),
        ("GET /v1/workspaces/default/endpoints/nothing", 404),
        ("POST /health", 405),
        ("DELETE /v1/workspaces/default/audit", 405),
        ("PUT /v1/workspaces/default/callbacks", 415),
    ] {
        let answer = super::send(&api, call, &[], "").await;
        assert_eq!(answer.status(), status, "{call}");
        for (name, value) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff")] {
            let values: Vec<_> = answer.headers().get_all(name).iter().collect();
            assert_eq!(values, [value], "{call} {name}");
        }
    }
    let unknown = webhooks_api::router(super::state(&support::engine().await).0);
    let answer = super::send(&unknown, "GET /v1/caller", &[], "").await;
    assert_eq!((answer.status().as_u16(), &answer.headers()["cache-control"]), (401, &"no-store".parse().unwrap()));
}

#[tokio::test]
async fn receivers_firewalls_are_told_where_callbacks_come_from() {
    let (mut state, _) = super::state(&support::engine().await);
    insta::assert_snapshot!(call(&super::router(state.clone()), "GET /v1/egress-addresses").await, @r#"
    200 OK
    content-type: application/json
    {
      "addresses": []
    }
    "#);
    state.egress_addresses = "203.0.113.7,2001:db8::7".parse().unwrap();
    insta::assert_snapshot!(call(&super::router(state), "GET /v1/egress-addresses").await, @r#"
    200 OK
    content-type: application/json
    {
      "addresses": [
        "203.0.113.7",
        "2001:db8::7"
      ]
    }
    "#);
}
