//! The key of the workspace's secrets: created, rotated, never shown, and every problem.

use axum::Router;
use serde_json::{Value, json};

use super::{api, api_on, call, json as get, post, put, support};

const SECRET: &str = "/v1/workspaces/default/signing-secret";

async fn rotate(api: &Router, body: &str) -> String {
    post(api, &format!("{SECRET}/rotate"), body.to_owned()).await
}

#[tokio::test]
async fn looking_makes_none_and_the_first_rotation_does() {
    let api = api().await;
    insta::assert_snapshot!(call(&api, &format!("GET {SECRET}")).await, @r#"
    404 Not Found
    content-type: application/problem+json
    {
      "detail": "this workspace has no signing secrets yet: they are made with the first event or test call; to make them now, POST to `signing-secret/rotate`",
      "status": 404,
      "title": "No signing secret yet",
      "type": "urn:instance-webhooks:problem:no-signing-secret"
    }
    "#);
    assert!(rotate(&api, "").await.starts_with("200"));
    let first = get(&api, SECRET).await;
    assert_eq!((&first["version"], &first["previous"]), (&json!(1), &json!([])));
    assert_eq!(get(&api, SECRET).await, first);
    assert!(call(&api, "GET /v1/workspaces/other/signing-secret").await.starts_with("404"));
}

#[tokio::test]
async fn looking_at_a_fresh_workspace_writes_nothing() {
    let client = support::engine().await;
    let api = api_on(&client);
    let endpoint = format!("endpoints/{}/signing-secret", super::id("https://a.example/"));
    for path in ["signing-secret", &endpoint, "callbacks", "endpoints", "deliveries", "statistics", "audit"] {
        call(&api, &format!("GET /v1/workspaces/typo/{path}")).await;
    }
    for table in ["Webhooks", "Deliveries"] {
        let items = client.scan().table_name(table).send().await.unwrap().items.unwrap();
        assert_eq!(items, [], "{table}");
    }
}

/// From the key, all secrets follow.
#[tokio::test]
async fn the_key_is_never_shown() {
    let client = support::engine().await;
    let api = api_on(&client);
    let mut answers = vec![rotate(&api, "").await, rotate(&api, "").await];
    answers.push(call(&api, &format!("GET {SECRET}")).await);
    answers.push(call(&api, "GET /v1/workspaces/default/audit").await);
    for item in client.scan().table_name("Webhooks").send().await.unwrap().items.unwrap() {
        let Some(key) = item.get("secret") else { continue };
        let mut keys = vec![key.as_s().unwrap().clone()];
        keys.extend(
            item["previous"].as_l().unwrap().iter().map(|it| it.as_m().unwrap()["secret"].as_s().unwrap().clone()),
        );
        assert_eq!(keys.len(), 2);
        for answer in &answers {
            let shown = keys.iter().find(|key| answer.contains(key.trim_start_matches("whsec_")));
            assert_eq!((shown, answer.contains("whsec_")), (None, false), "{answer}");
        }
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
async fn after_a_rotation_both_are_valid_and_without_overlap_only_the_new_one() {
    let api = api().await;
    assert!(rotate(&api, "").await.starts_with("200"));
    let first = get(&api, SECRET).await;
    assert!(rotate(&api, "").await.starts_with("200"), "the body may be left out");
    let second = get(&api, SECRET).await;
    assert_ne!(second["fingerprint"], first["fingerprint"]);
    assert_eq!(second["previous"][0]["fingerprint"], first["fingerprint"]);
    let seconds = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second();
    assert_eq!(seconds(&second["previous"][0]["expiresAt"]) - seconds(&second["changedAt"]), 86_400);

    assert!(rotate(&api, r#"{"overlapSeconds": 0}"#).await.starts_with("200"));
    let third = get(&api, SECRET).await;
    assert_eq!((&third["version"], &third["previous"]), (&json!(3), &json!([])));
}

#[tokio::test]
async fn concurrent_rotations_lose_no_key() {
    let api = api().await;
    assert!(rotate(&api, "").await.starts_with("200"));
    let first = get(&api, SECRET).await;
    let (a, b) = tokio::join!(rotate(&api, ""), rotate(&api, ""));
    assert!(a.starts_with("200") && b.starts_with("200"), "{a}\n{b}");
    let now = get(&api, SECRET).await;
    assert_eq!(now["version"], 3);
    assert_eq!(now["previous"][1]["fingerprint"], first["fingerprint"]);
}

#[tokio::test]
async fn no_more_than_four_are_valid_at_a_time() {
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
async fn a_refusal_says_why_and_changes_nothing() {
    let api = api().await;
    insta::assert_snapshot!(rotate(&api, r#"{"overlapSeconds": 604801}"#).await, @r#"
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
    let set = put(&api, SECRET, json!({"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}).to_string()).await;
    assert!(set.starts_with("405"), "a key that receivers know would give each of them the others' secrets: {set}");
}
