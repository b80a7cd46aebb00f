//! An endpoint's settings, and the wake-ups that follow a change.

use super::*;

#[tokio::test]
async fn a_change_is_answered_with_the_whole_endpoint() {
    let api = api().await;
    configure(&api, &[A]).await;
    insta::assert_snapshot!(patch(&api, A, r#"{"paused": true, "processNames": ["Order", "Invoice", "Order"], "maxPerSecond": 5}"#).await, @r#"
    200 OK
    content-type: application/json
    {
      "backlog": {
        "capped": false,
        "pending": 0
      },
      "endpointID": "d851da91a121e213db6d50b2ad3d4c3e",
      "eventTypes": [
        {
          "enabled": true,
          "eventType": "created"
        },
        {
          "enabled": true,
          "eventType": "updated"
        },
        {
          "enabled": true,
          "eventType": "deleted"
        }
      ],
      "health": {
        "state": "healthy"
      },
      "lastFailedDeliveryID": null,
      "lastFailureAt": null,
      "lastSuccessAt": null,
      "nextDeferredAt": null,
      "settings": {
        "changed": [],
        "contact": null,
        "description": null,
        "maxPerSecond": 5,
        "name": null,
        "onBacklog": "every",
        "paused": true,
        "pausedUntil": null,
        "processNames": [
          "Order",
          "Invoice"
        ],
        "secretHeaders": [],
        "where": {}
      },
      "url": "https://a.example/hook?token=1"
    }
    "#);
}

#[tokio::test]
async fn settings_are_changed_one_by_one() {
    let api = api().await;
    configure(&api, &[A]).await;
    let all = r#"{"paused": true, "processNames": ["Order", "Invoice"], "maxPerSecond": 5}"#;
    assert!(patch(&api, A, all).await.starts_with("200"));
    let settings = async || {
        let settings = json(&api, &of(A)).await["settings"].clone();
        let of = ["maxPerSecond", "paused", "processNames"].map(|name| (name.to_owned(), settings[name].clone()));
        serde_json::Value::Object(of.into_iter().collect()).to_string()
    };
    for (change, after) in [
        ("{}", r#"{"maxPerSecond":5,"paused":true,"processNames":["Order","Invoice"]}"#),
        (r#"{"maxPerSecond": null}"#, r#"{"maxPerSecond":null,"paused":true,"processNames":["Order","Invoice"]}"#),
        (r#"{"paused": false}"#, r#"{"maxPerSecond":null,"paused":false,"processNames":["Order","Invoice"]}"#),
        (r#"{"processNames": []}"#, r#"{"maxPerSecond":null,"paused":false,"processNames":[]}"#),
    ] {
        assert!(patch(&api, A, change).await.starts_with("200"), "{change}");
        assert_eq!(settings().await, after, "{change}");
    }
}

#[tokio::test]
async fn changes_of_different_settings_at_once_all_stand() {
    let api = api().await;
    configure(&api, &[A]).await;
    let changes = [r#"{"paused": true}"#, r#"{"processNames": ["Order"]}"#, r#"{"maxPerSecond": 7}"#];
    let changes = changes.map(|change| {
        let api = api.clone();
        tokio::spawn(async move { patch(&api, A, change).await })
    });
    for change in changes {
        assert!(change.await.unwrap().starts_with("200"));
    }
    let settings = serde_json::json!({"paused": true, "pausedUntil": null, "processNames": ["Order"], "changed": [], "where": {}, "maxPerSecond": 7, "onBacklog": "every", "secretHeaders": [],
        "name": null, "description": null, "contact": null});
    assert_eq!(json(&api, &of(A)).await["settings"], settings);
}

#[tokio::test]
async fn a_field_that_is_unknown_or_null_is_refused_and_nothing_is_changed() {
    let api = api().await;
    configure(&api, &[A]).await;
    let before = call(&api, &format!("GET {}", of(A))).await;
    insta::assert_snapshot!(patch(&api, A, r#"{"pause": true}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in pause: unknown field `pause`, expected one of `paused`, `pausedUntil`, `processNames`, `changed`, `where`, `maxPerSecond`, `onBacklog`, `secretHeaders`, `name`, `description`, `contact` at line 1 column 8",
      "field": "pause",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(patch(&api, A, r#"{"paused": null}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in paused: invalid type: null, expected a boolean at line 1 column 15",
      "field": "paused",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    assert_eq!(call(&api, &format!("GET {}", of(A))).await, before);
}

#[tokio::test]
async fn a_rate_out_of_range_is_refused_and_nothing_is_changed() {
    let api = api().await;
    configure(&api, &[A]).await;
    let before = call(&api, &format!("GET {}", of(A))).await;
    insta::assert_snapshot!(patch(&api, A, r#"{"paused": true, "maxPerSecond": 0}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in maxPerSecond: invalid value: integer `0`, expected a number from 1 to 1000 at line 1 column 34",
      "field": "maxPerSecond",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(patch(&api, A, r#"{"maxPerSecond": 1001}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in maxPerSecond: invalid value: integer `1001`, expected a number from 1 to 1000 at line 1 column 21",
      "field": "maxPerSecond",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(patch(&api, A, r#"{"maxPerSecond": 2.5}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in maxPerSecond: invalid type: floating point `2.5`, expected a number from 1 to 1000 at line 1 column 20",
      "field": "maxPerSecond",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    assert_eq!(call(&api, &format!("GET {}", of(A))).await, before);
}

#[tokio::test]
async fn bad_process_names_are_refused_and_nothing_is_changed() {
    let api = api().await;
    configure(&api, &[A]).await;
    let before = call(&api, &format!("GET {}", of(A))).await;
    insta::assert_snapshot!(patch(&api, A, r#"{"processNames": "Order"}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in processNames: invalid type: string \"Order\", expected a sequence at line 1 column 24",
      "field": "processNames",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(patch(&api, A, r#"{"processNames": ["Order", 5]}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in processNames[1]: invalid type: integer `5`, expected a string at line 1 column 28",
      "field": "processNames[1]",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    let long = serde_json::json!({"processNames": ["ü".repeat(256), "x".repeat(257)]});
    insta::assert_snapshot!(patch(&api, A, long.to_string()).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in processNames[1]: the name has 257 characters; at most 256 are allowed at line 1 column 792",
      "field": "processNames[1]",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    let many = serde_json::json!({"processNames": (0..101).map(|n| n.to_string()).collect::<Vec<_>>()});
    insta::assert_snapshot!(patch(&api, A, many.to_string()).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in processNames: 101 process names are given; at most 100 are allowed at line 1 column 514",
      "field": "processNames",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    assert_eq!(call(&api, &format!("GET {}", of(A))).await, before);
}

#[tokio::test]
async fn an_endpoint_that_is_none_of_the_callbacks_is_unknown() {
    let api = api().await;
    configure(&api, &[A]).await;
    insta::assert_snapshot!(patch(&api, B, "{}").await, @r#"
    404 Not Found
    content-type: application/problem+json
    {
      "detail": "no URL of this workspace's callbacks is this endpoint; GET the endpoints to see which are",
      "status": 404,
      "title": "Unknown endpoint",
      "type": "urn:instance-webhooks:problem:unknown-endpoint"
    }
    "#);
    insta::assert_snapshot!(call(&api, &format!("GET {ALL}/x")).await, @r#"
    404 Not Found
    content-type: application/problem+json
    {
      "detail": "an endpoint id has 32 hexadecimal digits, in lower case",
      "status": 404,
      "title": "Unknown endpoint",
      "type": "urn:instance-webhooks:problem:unknown-endpoint"
    }
    "#);
    assert!(call(&api, &format!("GET {}", of(B))).await.starts_with("404"));
    assert!(call(&api, &format!("POST {}/resume", of(B))).await.starts_with("404"));
    assert!(call(&api, &format!("GET /v1/workspaces/another/endpoints/{}", id(A))).await.starts_with("404"));
}

/// It has scheduled a wake-up: a delivery that fails within the next minute relies on the message for it.
#[tokio::test]
async fn a_change_of_settings_wakes_the_endpoint() {
    let (state, mut sent) = state(&support::engine().await);
    let api = crate::router(state.clone());
    configure(&api, &[A]).await;
    for change in [
        r#"{"name": "Billing"}"#,
        r#"{"processNames": ["Order"]}"#,
        r#"{"paused": true}"#,
        r#"{"paused": false}"#,
        r#"{"maxPerSecond": 3}"#,
        r#"{"maxPerSecond": null}"#,
    ] {
        assert!(patch(&api, A, change).await.starts_with("200"), "{change}");
        assert_eq!(woken(&mut sent), [(id(A), 0)], "{change}");
    }
    append(&state, &endpoint(A)).await;
    patch(&api, A, "{}").await;
    assert_eq!(woken(&mut sent), [(id(A), 0)]);
}

#[tokio::test]
async fn a_wake_up_that_cannot_be_sent_is_no_refusal() {
    let (state, sent) = state(&support::engine().await);
    drop(sent);
    let api = crate::router(state);
    configure(&api, &[A]).await;
    patch(&api, A, r#"{"paused": true}"#).await;
    assert!(patch(&api, A, r#"{"paused": false}"#).await.starts_with("200"));
    assert!(call(&api, &format!("POST {}/resume", of(A))).await.starts_with("202"));
}

#[tokio::test]
async fn resuming_lets_a_disabled_endpoint_be_tried_now() {
    let (state, mut sent) = state(&support::engine().await);
    let api = crate::router(state.clone());
    configure(&api, &[A, B]).await;
    let disabled = Health::Disabled { since: at(0), reason: DisabledReason::Gone };
    state.endpoints.fail(&workspace(), &endpoint(A), disabled).await.unwrap();
    let before = now().as_millisecond();
    assert!(call(&api, &format!("POST {}/resume", of(A))).await.starts_with("202 Accepted"));
    let health = json(&api, &of(A)).await["health"].clone();
    assert_eq!((&health["state"], &health["failedProbes"]), (&"failing".into(), &0.into()));
    let probe_at: Timestamp = health["probeAt"].as_str().unwrap().parse().unwrap();
    assert!((before..=now().as_millisecond()).contains(&probe_at.as_millisecond()));
    assert_eq!(woken(&mut sent), [(id(A), 0)]);

    let healthy = json(&api, &of(B)).await;
    assert!(call(&api, &format!("POST {}/resume", of(B))).await.starts_with("202 Accepted"));
    assert_eq!(json(&api, &of(B)).await["health"], healthy["health"], "a healthy one stays as it is");
}
