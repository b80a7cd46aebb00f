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

/// Makes a change of every kind; returns their entries, oldest first.
async fn every_change() -> Vec<Value> {
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
    configure(&api, &[A]).await;
    let secret = format!("/v1/workspaces/default/endpoints/{}/signing-secret", id(A));
    assert!(put(&api, &secret, r#"{"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}"#).await.starts_with("200"));
    assert!(post(&api, &format!("{secret}/rotate"), "").await.starts_with("200"));

    let mut entries = entries(&api).await;
    entries.reverse();
    entries
}

/// Formats an entry's values before and after the change.
fn from_to(entry: &Value) -> String {
    format!("{:#}\n{:#}", entry["from"], entry["to"])
}

#[tokio::test]
async fn every_change_says_who_did_what_and_no_secret() {
    let entries = every_change().await;
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
            "callbacks.set",
            "signing-secret.set",
            "signing-secret.rotated"
        ]
    );
    assert!(entries.iter().all(|entry| entry["caller"] == json!({"id": "local", "name": "local administrator"})));
    let shown = Value::from(entries.clone()).to_string();
    for secret in ["SECRET", "whsec_", "MfKQ9r8"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    for entry in [&entries[7], &entries[9], &entries[10]] {
        assert_eq!(entry["from"]["fingerprint"], entry["to"]["previous"][0]["fingerprint"], "{entry}");
    }
    let endpoints = [7, 9, 10].map(|number: usize| &entries[number]["to"]["endpoint"]["endpointID"]);
    assert_eq!(endpoints, [&Value::Null, &json!(id(A)), &json!(id(A))], "the key is of no endpoint");
}

#[tokio::test]
async fn a_change_of_callbacks_says_from_what_to_what() {
    insta::assert_snapshot!(from_to(&every_change().await[0]), @r#"
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
            "origin": "https://a.example",
            "path": "/hook?token=…"
          }
        ]
      },
      "deleted": {
        "enabled": true,
        "urls": [
          {
            "endpointID": "2d58c03db1112a6edea3e90fde4a6472",
            "origin": "https://a.example",
            "path": "/hook?token=…"
          }
        ]
      },
      "updated": {
        "enabled": true,
        "urls": [
          {
            "endpointID": "2d58c03db1112a6edea3e90fde4a6472",
            "origin": "https://a.example",
            "path": "/hook?token=…"
          }
        ]
      }
    }
    "#);
}

#[tokio::test]
async fn a_change_of_an_endpoint_says_from_what_to_what() {
    let entries = every_change().await;
    insta::assert_snapshot!(from_to(&entries[1]), @r#"
    {
      "endpoint": {
        "endpointID": "2d58c03db1112a6edea3e90fde4a6472",
        "origin": "https://a.example",
        "path": "/hook?token=…"
      },
      "maxPerSecond": null,
      "paused": false,
      "processNames": []
    }
    {
      "endpoint": {
        "endpointID": "2d58c03db1112a6edea3e90fde4a6472",
        "origin": "https://a.example",
        "path": "/hook?token=…"
      },
      "maxPerSecond": null,
      "paused": true,
      "processNames": []
    }
    "#);
    insta::assert_snapshot!(from_to(&entries[2]), @r#"
    {
      "endpoint": {
        "endpointID": "2d58c03db1112a6edea3e90fde4a6472",
        "origin": "https://a.example",
        "path": "/hook?token=…"
      },
      "health": "disabled"
    }
    {
      "endpoint": {
        "endpointID": "2d58c03db1112a6edea3e90fde4a6472",
        "origin": "https://a.example",
        "path": "/hook?token=…"
      },
      "health": "failing"
    }
    "#);
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

async fn ids(api: &Router, query: &str) -> Vec<String> {
    let page = get(api, &format!("{AUDIT}?{query}")).await;
    page["entries"].as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn it_is_filtered_by_time_author_subject_and_endpoint() {
    let client = support::engine().await;
    let by = |name: &str| {
        let claims = json!({"sub": name, "cognito:groups": ["Developer"], "custom:workspace": "default"});
        let claims = Claims::from_verified_token(claims.as_object().unwrap().clone());
        webhooks_api::router(super::state(&client).0).layer(Extension(claims))
    };
    let (ada, bob) = (by("ada"), by("bob"));
    configure(&ada, &[A]).await;
    assert!(patch(&bob, r#"{"paused": true}"#).await.starts_with("200"));
    assert!(post(&bob, "/v1/workspaces/default/signing-secret/rotate", "").await.starts_with("200"));
    configure(&bob, &[A, "https://b.example/"]).await;
    let all = entries(&ada).await;
    let [both, secret, paused, first] = [0, 1, 2, 3].map(|at: usize| all[at]["id"].as_str().unwrap().to_owned());

    assert_eq!(ids(&ada, "callerID=ada").await, [&*first]);
    assert_eq!(ids(&ada, "callerID=bob").await, [&*both, &*secret, &*paused]);
    assert_eq!(ids(&ada, "subject=callbacks").await, [&*both, &*first]);
    assert_eq!(ids(&ada, "subject=endpoint").await, [&*paused]);
    assert_eq!(ids(&ada, "subject=signing-secret&callerID=bob").await, [&*secret]);
    assert_eq!(ids(&ada, &format!("endpointID={}", id(A))).await, [&*paused, &*first], "not what kept it");
    assert_eq!(ids(&ada, &format!("endpointID={}", id("https://b.example/"))).await, [&*both]);
    let at = all[2]["at"].as_str().unwrap();
    assert_eq!(ids(&ada, &format!("until={at}")).await, [&*first], "exclusive");
    assert_eq!(ids(&ada, &format!("since={at}")).await, [&*both, &*secret, &*paused], "inclusive");
    assert_eq!(ids(&ada, &format!("since={at}&until={}", all[1]["at"].as_str().unwrap())).await, [&*paused]);
    assert_eq!(ids(&ada, "since=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00Z").await, [] as [&str; 0]);

    // A cursor and filters together, also a cursor older than the range.
    let page = get(&ada, &format!("{AUDIT}?callerID=bob&limit=2")).await;
    let next = page["next"].as_str().unwrap();
    assert_eq!(ids(&ada, &format!("callerID=bob&cursor={next}")).await, [&*paused]);
    let oldest = get(&ada, &format!("{AUDIT}?limit=3")).await["next"].as_str().unwrap().to_owned();
    assert_eq!(ids(&ada, &format!("since={}&cursor={oldest}", all[0]["at"].as_str().unwrap())).await, [] as [&str; 0]);
    for (query, field) in [
        (format!("since={at}&until={at}"), "since"),
        ("subject=everything".to_owned(), "subject"),
        ("endpointID=1".to_owned(), "endpointID"),
        ("until=yesterday".to_owned(), "until"),
    ] {
        let problem = call(&ada, &format!("GET {AUDIT}?{query}")).await;
        assert!(problem.starts_with("400") && problem.contains(&format!(r#""field": "{field}""#)), "{problem}");
    }
}

#[tokio::test]
async fn a_filter_that_matches_little_is_paged_too() {
    let client = support::engine().await;
    let api = super::api_on(&client);
    configure(&api, &[A]).await;
    let first = client.scan().table_name("Webhooks").send().await.unwrap().items.unwrap();
    let first = first.into_iter().find(|item| item["sk"].as_s().unwrap().starts_with("audit#")).unwrap();
    // More entries than a page looks at, all after the one that is sought.
    let text = |text: String| aws_sdk_dynamodb::types::AttributeValue::S(text);
    for number in 0..2_001_u32 {
        let mut item = first.clone();
        item.insert("sk".to_owned(), text(format!("audit#{:014}-{number:032x}", 4_000_000_000_000_u64)));
        item.insert("callerID".to_owned(), text("another".to_owned()));
        client.put_item().table_name("Webhooks").set_item(Some(item)).send().await.unwrap();
    }
    let query = format!("{AUDIT}?callerID=local");
    let page = get(&api, &query).await;
    assert_eq!(page["entries"], json!([]));
    let page = get(&api, &format!("{query}&cursor={}", page["next"].as_str().unwrap())).await;
    assert_eq!((page["entries"].as_array().unwrap().len(), &page["next"]), (1, &Value::Null));
}
