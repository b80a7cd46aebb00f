//! The audit: every change has its entry, and neither is stored without the other.

use axum::{Extension, Router};
use serde_json::{Value, json};
use webhooks_model::access::Claims;
use webhooks_model::endpoint::{DisabledReason, Health};

use super::support::fault_proxy::{Fault, FaultProxy};
use super::{api, call, configure, id, json as get, post, put, send, support};

const AUDIT: &str = "/v1/workspaces/default/audit";
const A: &str = "https://a.example/hook?token=SECRET";

async fn entries(api: &Router) -> Vec<Value> {
    get(api, AUDIT).await["entries"].as_array().unwrap().clone()
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

async fn patch(api: &Router, body: &str) -> String {
    let path = format!("PATCH /v1/workspaces/default/endpoints/{}", id(A));
    super::show(send(api, &path, &[("content-type", "application/json")], body.to_owned()).await).await
}

#[tokio::test]
async fn every_change_says_who_did_what_from_what_to_what() {
    let (state, _sent) = super::state(&support::engine().await);
    let api = super::router(state.clone());
    configure(&api, &[A]).await;
    assert!(patch(&api, r#"{"paused": true}"#).await.starts_with("200"));
    assert!(patch(&api, r#"{"paused": true}"#).await.starts_with("200"), "no change, no entry");
    let resume = format!("/v1/workspaces/default/endpoints/{}/resume", id(A));
    assert!(post(&api, &resume, "").await.starts_with("202"), "no change, no entry");
    let disabled = Health::Disabled { since: super::at(0), reason: DisabledReason::Gone };
    state.endpoints.fail(&super::workspace(), &super::endpoint(A), disabled).await.unwrap();
    assert!(post(&api, &resume, "").await.starts_with("202"));
    assert!(put(&api, "/v1/workspaces/default/callbacks/created", r#"{"enabled": false}"#).await.starts_with("200"));
    assert!(call(&api, "DELETE /v1/workspaces/default/callbacks/deleted").await.starts_with("204"));
    assert!(call(&api, "DELETE /v1/workspaces/default/callbacks").await.starts_with("204"));
    assert!(call(&api, "DELETE /v1/workspaces/default/callbacks").await.starts_with("204"), "no change, no entry");
    assert!(post(&api, "/v1/workspaces/default/signing-secret/rotate", "").await.starts_with("200"));
    assert!(post(&api, "/v1/workspaces/default/signing-secret/rotate", "").await.starts_with("200"));
    let ours = r#"{"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}"#;
    assert!(put(&api, "/v1/workspaces/default/signing-secret", ours).await.starts_with("200"));

    let mut entries = entries(&api).await;
    entries.reverse();
    assert_eq!(
        actions(&entries),
        [
            "callbacks.set",
            "endpoint.changed",
            "endpoint.resumed",
            "callbacks.set",
            "callbacks.set",
            "callbacks.reset",
            "signing-secret.created",
            "signing-secret.rotated",
            "signing-secret.set"
        ]
    );
    assert!(entries.iter().all(|entry| entry["caller"] == json!({"id": "local", "name": "local administrator"})));
    let shown = Value::from(entries.clone()).to_string();
    for secret in ["SECRET", "hook", "whsec_", "MfKQ9r8"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    let shown = |index: usize| format!("{:#}\n{:#}", entries[index]["from"], entries[index]["to"]);
    insta::assert_snapshot!(shown(0), @r#"
    {
      "created": {
        "enabled": false,
        "urls": []
      },
      "deleted": {
        "enabled": false,
        "urls": []
      },
      "updated": {
        "enabled": false,
        "urls": []
      }
    }
    {
      "created": {
        "enabled": true,
        "urls": [
          {
            "endpointID": "2d58c03db1112a6edea3e90fde4a6472",
            "origin": "https://a.example"
          }
        ]
      },
      "deleted": {
        "enabled": true,
        "urls": [
          {
            "endpointID": "2d58c03db1112a6edea3e90fde4a6472",
            "origin": "https://a.example"
          }
        ]
      },
      "updated": {
        "enabled": true,
        "urls": [
          {
            "endpointID": "2d58c03db1112a6edea3e90fde4a6472",
            "origin": "https://a.example"
          }
        ]
      }
    }
    "#);
    insta::assert_snapshot!(shown(1), @r#"
    {
      "endpoint": {
        "endpointID": "2d58c03db1112a6edea3e90fde4a6472",
        "origin": "https://a.example"
      },
      "maxPerSecond": null,
      "paused": false,
      "processNames": []
    }
    {
      "endpoint": {
        "endpointID": "2d58c03db1112a6edea3e90fde4a6472",
        "origin": "https://a.example"
      },
      "maxPerSecond": null,
      "paused": true,
      "processNames": []
    }
    "#);
    insta::assert_snapshot!(shown(2), @r#"
    {
      "endpoint": {
        "endpointID": "2d58c03db1112a6edea3e90fde4a6472",
        "origin": "https://a.example"
      },
      "health": "disabled"
    }
    {
      "endpoint": {
        "endpointID": "2d58c03db1112a6edea3e90fde4a6472",
        "origin": "https://a.example"
      },
      "health": "failing"
    }
    "#);
    assert_eq!(entries[7]["from"]["fingerprint"], entries[7]["to"]["previous"][0]["fingerprint"]);
}

#[tokio::test]
async fn the_caller_is_named() {
    let client = support::engine().await;
    let claims = json!({"sub": "3f1c", "email": "ada@example.com", "cognito:groups": ["Developer"],
        "custom:workspace": "default"});
    let claims = Claims::from_verified_token(claims.as_object().unwrap().clone());
    let api = webhooks_api::router(super::state(&client).0).layer(Extension(claims));
    configure(&api, &[A]).await;
    assert_eq!(entries(&api).await[0]["caller"], json!({"id": "3f1c", "name": "ada@example.com"}));
}

#[tokio::test]
async fn it_is_paged_the_newest_first_and_one_workspaces_alone() {
    let api = api().await;
    for n in 0..5 {
        configure(&api, &[&format!("{A}{n}")]).await;
    }
    assert!(put(&api, "/v1/workspaces/another/callbacks/created", r#"{"enabled": true}"#).await.starts_with("200"));
    let all = entries(&api).await;
    assert_eq!(all.len(), 5);
    let (mut paged, mut path) = (Vec::new(), format!("{AUDIT}?limit=2"));
    loop {
        let page = get(&api, &path).await;
        paged.extend(page["entries"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        path = format!("{AUDIT}?limit=2&cursor={next}");
    }
    assert_eq!(paged, all);
    let mut newest_first: Vec<_> = all.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect();
    newest_first.sort_by(|a, b| b.cmp(a));
    assert_eq!(all.iter().map(|entry| entry["id"].as_str().unwrap()).collect::<Vec<_>>(), newest_first);
    insta::assert_snapshot!(call(&api, &format!("GET {AUDIT}?cursor=nonsense")).await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter cursor: this is not the `next` of a page of this workspace; leave it out to begin with the newest",
      "field": "cursor",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(call(&api, &format!("GET {AUDIT}?limit=201")).await, @r#"
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
}

#[tokio::test]
async fn a_change_that_cannot_be_written_has_no_entry_and_one_that_is_has_one() {
    let (client, address) = support::engine_at().await;
    let api = super::api_on(&client);
    configure(&api, &[A]).await;
    let before = call(&api, "GET /v1/workspaces/default/callbacks").await;
    let proxy = FaultProxy::start(&address).await;
    let through = super::api_on(&proxy.client());
    for how in [Fault::InternalError, Fault::Reset] {
        proxy.inject("TransactWriteItems", how);
        assert!(call(&through, "DELETE /v1/workspaces/default/callbacks").await.starts_with("503"));
        assert!(patch(&through, r#"{"paused": true}"#).await.starts_with("503"));
        proxy.heal();
    }
    assert_eq!(call(&api, "GET /v1/workspaces/default/callbacks").await, before);
    assert_eq!(actions(&entries(&api).await), ["callbacks.set"]);
}

/// Checks that an entry is part of its change's transaction: with each of the other writes failing, changes still have
/// theirs.
#[tokio::test]
async fn no_change_is_written_by_itself() {
    let (client, address) = support::engine_at().await;
    configure(&super::api_on(&client), &[A]).await;
    let proxy = FaultProxy::start(&address).await;
    let api = super::api_on(&proxy.client());
    for operation in ["PutItem", "UpdateItem", "DeleteItem"] {
        proxy.inject(operation, Fault::InternalError);
        let paused = operation == "PutItem";
        assert!(patch(&api, &json!({ "paused": paused, "maxPerSecond": 5 }).to_string()).await.starts_with("200"));
        assert!(
            put(&api, "/v1/workspaces/default/callbacks/created", json!({ "enabled": paused }).to_string())
                .await
                .starts_with("200")
        );
        assert!(post(&api, "/v1/workspaces/default/signing-secret/rotate", "").await.starts_with("200"));
        proxy.heal();
    }
}

#[tokio::test]
async fn an_entry_expires_after_as_many_days_as_the_deployment_says() {
    const DAY: u64 = 24 * 60 * 60;
    let client = support::engine().await;
    let (mut state, _sent) = super::state(&client);
    for (days, urls) in [(365, [A]), (7, ["https://b.example/"])] {
        let retention = std::time::Duration::from_secs(days * DAY);
        state.callbacks = state.callbacks.keeping_audit_for(retention);
        state.endpoints = state.endpoints.keeping_audit_for(retention);
        state.secrets = state.secrets.keeping_audit_for(retention);
        let api = super::router(state.clone());
        configure(&api, &urls).await;
        let endpoint = format!("/v1/workspaces/default/endpoints/{}", id(urls[0]));
        let json = [("content-type", "application/json")];
        assert_eq!(send(&api, &format!("PATCH {endpoint}"), &json, r#"{"paused": true}"#).await.status(), 200);
        assert!(post(&api, "/v1/workspaces/default/signing-secret/rotate", "").await.starts_with("200"));
    }
    let items = client.scan().table_name("Webhooks").send().await.unwrap().items.unwrap();
    let kept = items.iter().filter(|item| item["sk"].as_s().unwrap().starts_with("audit#")).map(|item| {
        let at: jiff::Timestamp = item["at"].as_s().unwrap().parse().unwrap();
        let expires_at: i64 = item["expiresAt"].as_n().unwrap().parse().unwrap();
        (expires_at - at.as_second()) / i64::try_from(DAY).unwrap()
    });
    let mut kept: Vec<_> = kept.collect();
    kept.sort_unstable();
    assert_eq!(kept, [7, 7, 7, 365, 365, 365]);
    let settings = items.iter().filter(|item| !item["sk"].as_s().unwrap().starts_with("audit#"));
    assert_eq!(settings.clone().count(), 3, "callbacks, an endpoint and the secret");
    assert!(settings.clone().all(|item| !item.contains_key("expiresAt")));
}
