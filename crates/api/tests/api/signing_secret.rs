//! The signing secret: created, set, rotated, and every problem.

use axum::Router;
use serde_json::{Value, json};

use super::support::receiver::Receiver;
use super::{api, api_on, call, json as get, post, put, support};

const SECRET: &str = "/v1/workspaces/default/signing-secret";
const OURS: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

async fn rotate(api: &Router, body: &str) -> String {
    post(api, &format!("{SECRET}/rotate"), body.to_owned()).await
}

fn set(overlap: Option<u64>) -> String {
    json!({"secret": OURS, "overlapSeconds": overlap}).to_string()
}

#[tokio::test]
async fn looking_makes_none_and_the_first_rotation_does() {
    let api = api().await;
    insta::assert_snapshot!(call(&api, &format!("GET {SECRET}")).await, @r#"
    404 Not Found
    content-type: application/problem+json
    {
      "detail": "this workspace has no signing secret yet: it is made with the first event or test call; to make it now, POST to `signing-secret/rotate`, or PUT your own",
      "status": 404,
      "title": "No signing secret yet",
      "type": "urn:instance-webhooks:problem:no-signing-secret"
    }
    "#);
    assert!(rotate(&api, "").await.starts_with("200"));
    let first = get(&api, SECRET).await;
    assert!(first["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!((&first["version"], &first["previous"]), (&json!(1), &json!([])));
    assert_eq!(get(&api, SECRET).await, first);
    assert!(call(&api, "GET /v1/workspaces/other/signing-secret").await.starts_with("404"));
}

#[tokio::test]
async fn looking_at_a_fresh_workspace_writes_nothing() {
    let client = support::engine().await;
    let api = api_on(&client);
    for path in ["signing-secret", "callbacks", "endpoints", "deliveries", "statistics", "audit"] {
        call(&api, &format!("GET /v1/workspaces/typo/{path}")).await;
    }
    for table in ["Webhooks", "Deliveries"] {
        let items = client.scan().table_name(table).send().await.unwrap().items.unwrap();
        assert_eq!(items, [], "{table}");
    }
}

#[tokio::test]
async fn of_many_first_rotations_at_the_same_moment_none_loses_another() {
    let api = api().await;
    let made = futures_util::future::join_all((0..3).map(|_| rotate(&api, ""))).await;
    assert!(made.iter().all(|made| made.starts_with("200")), "{made:#?}");
    let now = get(&api, SECRET).await;
    assert_eq!((&now["version"], now["previous"].as_array().unwrap().len()), (&json!(3), 2));
}

#[tokio::test]
async fn after_a_rotation_both_are_shown_and_without_overlap_only_the_new_one() {
    let api = api().await;
    assert!(rotate(&api, "").await.starts_with("200"));
    let first = get(&api, SECRET).await;
    assert!(rotate(&api, "").await.starts_with("200"), "the body may be left out");
    let second = get(&api, SECRET).await;
    assert_ne!(second["secret"], first["secret"]);
    assert_eq!(second["previous"][0]["secret"], first["secret"]);
    let seconds = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second();
    assert_eq!(seconds(&second["previous"][0]["expiresAt"]) - seconds(&second["changedAt"]), 86_400);

    assert!(rotate(&api, r#"{"overlapSeconds": 0}"#).await.starts_with("200"));
    let third = get(&api, SECRET).await;
    assert_eq!((&third["version"], &third["previous"]), (&json!(3), &json!([])));
}

#[tokio::test]
async fn ones_own_secret_can_be_brought_along_and_setting_it_again_changes_nothing() {
    let api = api().await;
    assert!(put(&api, SECRET, set(Some(60))).await.starts_with("200"));
    let set_once = get(&api, SECRET).await;
    assert_eq!((&set_once["secret"], &set_once["version"]), (&json!(OURS), &json!(1)));
    assert_eq!(set_once["previous"], json!([]), "the first one signs alone");
    assert!(put(&api, SECRET, set(Some(0))).await.starts_with("200"));
    assert_eq!(get(&api, SECRET).await, set_once);
}

#[tokio::test]
async fn concurrent_rotations_lose_no_secret() {
    let api = api().await;
    assert!(rotate(&api, "").await.starts_with("200"));
    let first = get(&api, SECRET).await;
    let (a, b) = tokio::join!(rotate(&api, ""), rotate(&api, ""));
    assert!(a.starts_with("200") && b.starts_with("200"), "{a}\n{b}");
    let now = get(&api, SECRET).await;
    assert_eq!(now["version"], 3);
    assert_eq!(now["previous"][1]["secret"], first["secret"]);
}

#[tokio::test]
async fn no_more_than_four_sign_at_a_time() {
    let api = api().await;
    for _ in 0..4 {
        assert!(rotate(&api, "").await.starts_with("200"));
    }
    let before = get(&api, SECRET).await;
    let refused = rotate(&api, "").await;
    assert!(refused.starts_with("409") && refused.contains("problem:too-many-secrets"), "{refused}");
    assert!(refused.contains("4 secrets sign already, and no more may at a time; nothing was changed"), "{refused}");
    assert_eq!(get(&api, SECRET).await, before);
}

#[tokio::test]
async fn a_refusal_says_why_and_never_repeats_the_secret() {
    let api = api().await;
    for secret in ["hunter2", "whsec_hunter2", "whsec_aHVudGVyMg=="] {
        let refused = put(&api, SECRET, json!({ "secret": secret }).to_string()).await;
        assert!(refused.starts_with("422") && refused.contains("problem:invalid-secret"), "{refused}");
        assert!(!refused.contains("hunter2") && !refused.contains("aHVudGVyMg"), "{refused}");
    }
    insta::assert_snapshot!(put(&api, SECRET, set(Some(604_801))).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in overlapSeconds: it is a number of seconds from 0 to 604800",
      "field": "overlapSeconds",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(rotate(&api, r#"{"overlapSeconds": -1}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in overlapSeconds: invalid value: integer `-1`, expected a whole number, 0 or more at line 1 column 21",
      "field": "overlapSeconds",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    assert!(call(&api, &format!("GET {SECRET}")).await.starts_with("404"), "nothing was changed");
}

#[tokio::test]
async fn the_example_request_is_signed_too() {
    let api = api_on(&support::engine().await);
    let receiver = Receiver::healthy().await;
    super::configure(&api, &[&receiver.url("/")]).await;
    assert!(put(&api, SECRET, set(Some(0))).await.starts_with("200"));
    assert!(call(&api, "POST /v1/workspaces/default/callbacks/created/test").await.starts_with("200"));
    let request = &receiver.requests()[0];
    let secrets = webhooks_model::signing::SigningSecrets::new(OURS.parse().unwrap());
    let signature = secrets.sign(request.id(), request.signed_at(), request.target()).unwrap();
    assert_eq!(signature, request.header("webhook-signature"));
}
