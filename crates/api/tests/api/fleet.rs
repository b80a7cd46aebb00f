//! The list of all workspaces, for operators.

use axum::body::Body;
use axum::http::Request;
use axum::{Extension, Router};
use jiff::ToSpan as _;
use serde_json::{Value, json};
use webhooks_api::ApiState;
use webhooks_model::access::Claims;
use webhooks_model::delivery::Status;
use webhooks_model::endpoint::{DisabledReason, EndpointRecord, Health};
use webhooks_model::event::EventType;
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{Lease, StorageState, Turn};

use super::{append, call, endpoint, event, json, keep, now, put, router, show, state, support};

/// A URL whose path and query are as good as a password, as those of chats are.
const SECRET_URL: &str = "https://hooks.example/services/T0/B0/XXXX?token=s3cret";

fn operator(state: &ApiState) -> Router {
    let claims = json!({"sub": "op", "cognito:groups": ["Operator"]});
    webhooks_api::router(state.clone())
        .layer(Extension(Claims::from_verified_token(claims.as_object().unwrap().clone())))
}

async fn configure(state: &ApiState, workspace: &str, urls: &[&str]) {
    let body = json!({"created": {"enabled": true, "urls": urls}});
    let path = format!("/v1/workspaces/{workspace}/callbacks");
    assert!(put(&router(state.clone()), &path, body.to_string()).await.starts_with("200"));
}

async fn fail(state: &ApiState, workspace: &str, url: &str, health: Health) {
    let workspace = WorkspaceId::try_from(workspace.to_owned()).unwrap();
    state.endpoints.fail(&workspace, &endpoint(url), health).await.unwrap().unwrap();
}

/// Returns the ids in a list, page by page.
async fn pages(api: &Router, query: &str) -> Vec<Vec<String>> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = json(api, &format!("/v1/workspaces?{query}{cursor}")).await;
        let ids =
            page["workspaces"].as_array().unwrap().iter().map(|it| it["workspaceID"].as_str().unwrap().to_owned());
        pages.push(ids.collect());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={}", next.replace(' ', "%20")),
            None => return pages,
        }
    }
}

/// Configures three endpoints: one fails and has two pending deliveries, one is disabled.
async fn furnish(state: &ApiState) {
    configure(state, "default", &[SECRET_URL, "https://b.example/", "https://c.example:8443/x"]).await;
    let since = jiff::Timestamp::from_second(1_700_000_000).unwrap();
    fail(
        state,
        "default",
        SECRET_URL,
        Health::Failing { since, failed_probes: 2, probe_at: since + 30.seconds(), warned: false },
    )
    .await;
    fail(state, "default", "https://c.example:8443/x", Health::Disabled { since, reason: DisabledReason::Gone }).await;
    append(state, &endpoint(SECRET_URL)).await;
    for n in [1, 2] {
        let order = StorageState::Pending(Turn::Next);
        keep(state, &event(n, EventType::Created, "instance-with-a-name"), SECRET_URL, order, Status::Pending).await;
    }
}

#[tokio::test]
async fn an_operator_sees_health_and_backlog_but_no_url_secret_or_instance() {
    let (state, _sent) = state(&support::engine().await);
    furnish(&state).await;
    let shown = call(&operator(&state), "GET /v1/workspaces").await;
    for secret in ["T0/B0", "s3cret", "/x", "instance-with-a-name", "whsec"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    insta::assert_snapshot!(shown, @r#"
    200 OK
    content-type: application/json
    {
      "next": null,
      "workspaces": [
        {
          "attention": [
            {
              "endpointID": "a281d336143cea37e040414eb8bd3fa3",
              "health": {
                "failedProbes": 2,
                "failingSince": "2023-11-14T22:13:20Z",
                "probeAt": "2023-11-14T22:13:50Z",
                "state": "failing",
                "warned": false
              },
              "lastFailureAt": null,
              "lastSuccessAt": null,
              "origin": "https://hooks.example"
            },
            {
              "endpointID": "ab5cf4a5e0a583715a05d092aa1175e8",
              "health": {
                "disabledSince": "2023-11-14T22:13:20Z",
                "reason": "gone",
                "state": "disabled"
              },
              "lastFailureAt": null,
              "lastSuccessAt": null,
              "origin": "https://c.example:8443"
            }
          ],
          "backlog": {
            "capped": false,
            "pending": 2
          },
          "endpoints": {
            "damaged": 0,
            "disabled": 1,
            "failing": 1,
            "healthy": 1,
            "paused": 0,
            "slow": 0,
            "total": 3
          },
          "readable": true,
          "workspaceID": "default"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn every_workspace_is_listed_once_in_order_and_page_by_page() {
    let (state, _sent) = state(&support::engine().await);
    for workspace in ["e", "a", "d", "b", "c"] {
        configure(&state, workspace, &["https://a.example/", "https://b.example/"]).await;
    }
    let api = operator(&state);
    assert_eq!(pages(&api, "limit=2").await.concat(), ["a", "b", "c", "d", "e"]);
    assert_eq!(pages(&api, "limit=2").await[0], ["a", "b"]);
    assert_eq!(pages(&api, "").await, [["a", "b", "c", "d", "e"]]);
    assert!(call(&router(state.clone()), "DELETE /v1/workspaces/c/callbacks").await.starts_with("204"));
    assert_eq!(pages(&api, "").await, [["a", "b", "d", "e"]]);
    for workspace in ["team%20a", "team%20b", "tea", "teams"] {
        configure(&state, workspace, &["https://a.example/"]).await;
    }
    assert_eq!(pages(&api, "prefix=team&limit=1").await.concat(), ["team a", "team b", "teams"]);
    assert_eq!(pages(&api, "prefix=a&cursor=b").await, [[""; 0]]);
}

#[tokio::test]
async fn those_that_need_attention_are_found_without_the_others() {
    let (state, _sent) = state(&support::engine().await);
    let urls = ["https://a.example/", "https://b.example/", "https://c.example/"];
    for workspace in ["a", "b", "c", "d"] {
        configure(&state, workspace, &urls).await;
    }
    let failing = Health::failing(now(), now());
    for (workspace, url) in [("d", urls[0]), ("b", urls[0]), ("b", urls[1]), ("b", urls[2]), ("c", urls[2])] {
        fail(&state, workspace, url, failing).await;
    }
    let api = operator(&state);
    for limit in 1..=4 {
        let listed = pages(&api, &format!("needsAttention=true&limit={limit}")).await.concat();
        assert_eq!(listed, ["b", "c", "d"], "limit {limit}");
    }
    let workspace = WorkspaceId::try_from("c".to_owned()).unwrap();
    let lease = Lease { workspace, endpoint: endpoint(urls[2]).id, owner: "drain".to_owned() };
    let was = state.endpoints.lease(&lease, now(), now() + 60.seconds(), None).await.unwrap().unwrap();
    let recovered = EndpointRecord { health: Health::default(), ..was.clone() };
    assert!(state.endpoints.save(&lease, &was, &recovered).await.unwrap());
    assert_eq!(pages(&api, "needsAttention=true").await, [["b", "d"]]);
    assert_eq!(pages(&api, "needsAttention=false").await, [["a", "b", "c", "d"]]);
}

#[tokio::test]
async fn a_workspace_whose_callbacks_cannot_be_read_is_listed() {
    let client = support::engine().await;
    let (state, _sent) = state(&client);
    configure(&state, "default", &["https://a.example/"]).await;
    let damage = client.update_item().table_name("Webhooks");
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let damage = damage.key("pk", text("default")).key("sk", text("callbacks"));
    let damage = damage.update_expression("SET created = :damage").expression_attribute_values(":damage", text("?"));
    damage.send().await.unwrap();
    let page = json(&operator(&state), "/v1/workspaces").await;
    assert_eq!(page["workspaces"][0]["readable"], false, "{page}");
}

#[tokio::test]
async fn only_operators_list_workspaces_and_they_may_do_nothing_else() {
    let (state, _sent) = state(&support::engine().await);
    configure(&state, "acme", &["https://a.example/"]).await;
    let of = |claims: Value| {
        let claims = Claims::from_verified_token(claims.as_object().unwrap().clone());
        webhooks_api::router(state.clone()).layer(Extension(claims))
    };
    let operator = of(json!({"sub": "op", "cognito:groups": ["Operator"], "custom:workspace": "acme"}));
    let told = json(&operator, "/v1/caller").await;
    assert_eq!((&told["operator"], &told["grants"]), (&json!(true), &json!([])));
    for path in ["callbacks", "endpoints", "deliveries", "audit", "statistics", "signing-secret"] {
        let refused = call(&operator, &format!("GET /v1/workspaces/acme/{path}")).await;
        assert!(refused.starts_with("403"), "{path}: {refused}");
    }
    let administrator = of(json!({"sub": "ad", "cognito:groups": ["Administrator"], "custom:workspace": "acme"}));
    assert_eq!(json(&administrator, "/v1/caller").await["operator"], false);
    insta::assert_snapshot!(call(&administrator, "GET /v1/workspaces").await, @r#"
    403 Forbidden
    content-type: application/problem+json
    {
      "detail": "this needs membership of the group Operator, and the claim cognito:groups does not name it: have an administrator add you, then sign in again",
      "status": 403,
      "title": "Forbidden",
      "type": "urn:instance-webhooks:problem:forbidden"
    }
    "#);
    let machine = of(json!({"sub": "m", "client_id": "m", "scope": "callbacks:read acme/callbacks:read"}));
    assert!(call(&machine, "GET /v1/workspaces").await.starts_with("403"));
    let both = of(json!({"sub": "b", "cognito:groups": ["Operator", "Developer"], "custom:workspace": "acme"}));
    assert!(call(&both, "GET /v1/workspaces").await.starts_with("200"));
    assert!(call(&both, "GET /v1/workspaces/acme/callbacks").await.starts_with("200"));
}

#[tokio::test]
async fn parameters_that_are_not_valid_are_named() {
    let (state, _sent) = state(&support::engine().await);
    let api = operator(&state);
    for (query, reason) in [
        ("needsAttention=yes", "true or false"),
        ("limit=101", "a number from 1 to 100"),
        ("cursor=a%0Ab", "leave it out to begin with the first workspace"),
        ("workspace=a", "unknown field"),
    ] {
        let request = Request::get(format!("/v1/workspaces?{query}")).body(Body::empty()).unwrap();
        let shown = show(tower::ServiceExt::oneshot(api.clone(), request).await.unwrap()).await;
        assert!(shown.starts_with("400") && shown.contains(reason), "{query}: {shown}");
    }
}
