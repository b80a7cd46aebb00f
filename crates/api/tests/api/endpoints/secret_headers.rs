//! Secret headers: set, replaced and removed one by one, and never shown.

use serde_json::{Value, json};

use super::*;

/// Returns the names of an endpoint's secret headers.
async fn names(api: &axum::Router, url: &str) -> Vec<String> {
    let headers = json(api, &of(url)).await["settings"]["secretHeaders"].clone();
    headers.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn headers_are_set_and_removed_one_by_one_and_no_answer_or_audit_entry_shows_a_value() {
    let api = api().await;
    configure(&api, &[A]).await;
    let answer =
        patch(&api, A, r#"{"secretHeaders": {"Authorization": "Bearer SECRET", "x-api-key": "SECRET-2"}}"#).await;
    assert!(answer.starts_with("200") && !answer.contains("SECRET"), "{answer}");
    assert_eq!(names(&api, A).await, ["authorization", "x-api-key"]);
    assert!(
        patch(&api, A, r#"{"secretHeaders": {"x-api-key": null, "cookie": "a=SECRET"}, "paused": true}"#)
            .await
            .starts_with("200")
    );
    assert_eq!(names(&api, A).await, ["authorization", "cookie"]);
    assert!(patch(&api, A, r#"{"paused": false}"#).await.starts_with("200"));
    assert_eq!(names(&api, A).await, ["authorization", "cookie"], "those that are left out stay");
    assert!(patch(&api, A, r#"{"secretHeaders": {"x-none": null, "cookie": "a=SECRET"}}"#).await.starts_with("200"));
    for all in [ALL, "/v1/workspaces/default/audit", "/v1/workspaces/default/callbacks"] {
        let shown = call(&api, &format!("GET {all}")).await;
        assert!(!shown.contains("SECRET"), "{shown}");
    }
    let entries = json(&api, "/v1/workspaces/default/audit").await["entries"].clone();
    let changed: Vec<_> = entries.as_array().unwrap().iter().filter(|it| it["action"] == "endpoint.changed").collect();
    assert_eq!(changed.len(), 3, "the same value, and none to remove, are no change");
    let shown = |state: &Value| state["secretHeaders"].as_object().map(|all| all.keys().cloned().collect::<Vec<_>>());
    assert_eq!(shown(&changed[1]["from"]).unwrap(), ["authorization", "x-api-key"]);
    assert_eq!(shown(&changed[1]["to"]).unwrap(), ["authorization", "cookie"]);
    assert_eq!(shown(&changed[2]["from"]), None);
}

#[tokio::test]
async fn a_new_value_shows_in_the_audit_as_a_new_time() {
    let (state, _sent) = super::super::state(&support::engine().await);
    let api = super::super::router(state);
    configure(&api, &[A]).await;
    for value in ["a", "b"] {
        let change = json!({"secretHeaders": {"x-key": value}}).to_string();
        assert!(patch(&api, A, change).await.starts_with("200"));
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let entry = json(&api, "/v1/workspaces/default/audit").await["entries"][0].clone();
    assert_ne!(entry["from"]["secretHeaders"]["x-key"], entry["to"]["secretHeaders"]["x-key"], "{entry}");
}

#[tokio::test]
async fn a_url_that_replaces_another_keeps_the_headers_at_the_same_origin_only() {
    let api = api().await;
    let moved = "https://a.example/moved";
    configure(&api, &[A]).await;
    assert!(
        patch(&api, A, r#"{"secretHeaders": {"authorization": "SECRET"}, "maxPerSecond": 5}"#).await.starts_with("200")
    );
    for (from, to, kept) in [(A, moved, vec!["authorization"]), (moved, B, vec![])] {
        let replacing = json!({"created": {"enabled": true, "urls": [to]}, "replaces": {to: from}});
        assert!(put(&api, "/v1/workspaces/default/callbacks", replacing.to_string()).await.starts_with("200"));
        assert_eq!(names(&api, to).await, kept, "{to}");
        assert_eq!(json(&api, &of(to)).await["settings"]["maxPerSecond"], 5, "the other settings follow");
    }
    configure(&api, &[A]).await;
    assert_eq!(names(&api, A).await, Vec::<String>::new(), "a URL that is configured again begins without");
}

#[tokio::test]
async fn names_and_values_that_no_request_may_have_are_refused_and_nothing_is_changed() {
    let api = api().await;
    configure(&api, &[A]).await;
    let nine: serde_json::Map<_, _> = (0..9).map(|n| (format!("x-{n}"), json!("a"))).collect();
    assert!(patch(&api, A, json!({"secretHeaders": nine}).to_string()).await.starts_with("200"));
    let before = call(&api, &format!("GET {}", of(A))).await;
    let cases = [
        (json!({"Host": "a"}), "secretHeaders.Host", "is not allowed, because it would change how the request is read"),
        (json!({"webhook-id": "a"}), "secretHeaders.webhook-id", "is not allowed"),
        (json!({"content-type": null}), "secretHeaders.content-type", "is not allowed"),
        (json!({"a b": "a"}), "secretHeaders.a b", "is no name of a header"),
        (json!({"x-a": ""}), "secretHeaders.x-a", "the value is empty; give one, or null to remove the header"),
        (json!({"x-a": "a\r\nb: c"}), "secretHeaders.x-a", "character 2 of the value is not allowed"),
        (json!({"x-a": "a", "X-A": "b"}), "secretHeaders", "is given twice; give it once"),
        (
            json!({"x-a": "a", "x-b": "b"}),
            "secretHeaders",
            "the endpoint would have 11 secret headers; at most 10 are allowed",
        ),
        (
            json!({"x-a": "a".repeat(4_090)}),
            "secretHeaders",
            "names and values would have 4129 bytes in all; at most 4096 are allowed",
        ),
        (json!(null), "secretHeaders", "expected an object such as"),
    ];
    for (headers, field, detail) in cases {
        let answer = patch(&api, A, json!({"paused": true, "secretHeaders": headers}).to_string()).await;
        assert!(answer.starts_with("422"), "{headers}: {answer}");
        assert!(answer.contains(&format!("\"field\": {}", json!(field))), "{headers}: {answer}");
        assert!(answer.contains(detail), "{headers}: {answer}");
    }
    assert_eq!(call(&api, &format!("GET {}", of(A))).await, before);
}
