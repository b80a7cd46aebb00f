//! The settings that say which events an endpoint receives.

use serde_json::{Value, json};

use super::*;

/// Returns what an endpoint receives.
async fn subscription(api: &axum::Router, url: &str) -> Value {
    let settings = json(api, &of(url)).await["settings"].clone();
    json!({"processNames": settings["processNames"], "changed": settings["changed"], "where": settings["where"]})
}

#[tokio::test]
async fn paths_and_conditions_are_kept_each_once_and_changed_one_by_one() {
    let api = api().await;
    configure(&api, &[A]).await;
    let all = json!({
        "changed": ["status", "customer.country", "status"],
        "where": {"status": ["Approved", {"prefix": "Rej"}, "Approved"], "steps[0].done": ["true"]},
    });
    assert!(patch(&api, A, all.to_string()).await.starts_with("200"));
    let (changed, conditions) = (
        json!(["status", "customer.country"]),
        json!({"status": ["Approved", {"prefix": "Rej"}], "steps[0].done": ["true"]}),
    );
    for (change, after) in [
        ("{}", json!({"processNames": [], "changed": changed, "where": conditions})),
        (r#"{"processNames": ["a"]}"#, json!({"processNames": ["a"], "changed": changed, "where": conditions})),
        (r#"{"changed": []}"#, json!({"processNames": ["a"], "changed": [], "where": conditions})),
        (r#"{"where": {}}"#, json!({"processNames": ["a"], "changed": [], "where": {}})),
    ] {
        assert!(patch(&api, A, change).await.starts_with("200"), "{change}");
        assert_eq!(subscription(&api, A).await, after, "{change}");
    }
}

#[tokio::test]
async fn an_audit_entry_has_what_was_received_before_and_after() {
    let api = api().await;
    configure(&api, &[A]).await;
    assert!(patch(&api, A, r#"{"changed": ["status"]}"#).await.starts_with("200"));
    assert!(patch(&api, A, r#"{"where": {"status": [{"prefix": "A"}]}}"#).await.starts_with("200"));
    let entries = json(&api, "/v1/workspaces/default/audit").await["entries"].clone();
    let shown = |entry: &Value| json!([entry["changed"], entry["where"]]);
    assert_eq!(shown(&entries[0]["from"]), json!([["status"], null]));
    assert_eq!(shown(&entries[0]["to"]), json!([["status"], {"status": [{"prefix": "A"}]}]));
    assert_eq!(shown(&entries[1]["from"]), json!([null, null]));
}

#[tokio::test]
async fn a_url_that_replaces_another_receives_the_same_and_a_new_one_everything() {
    let api = api().await;
    configure(&api, &[A]).await;
    assert!(patch(&api, A, r#"{"changed": ["status"], "where": {"status": ["a"]}}"#).await.starts_with("200"));
    let replacing = json!({"created": {"enabled": true, "urls": [B]}, "replaces": {B: A}});
    assert!(put(&api, "/v1/workspaces/default/callbacks", replacing.to_string()).await.starts_with("200"));
    let same = json!({"processNames": [], "changed": ["status"], "where": {"status": ["a"]}});
    assert_eq!(subscription(&api, B).await, same);
    configure(&api, &[A]).await;
    assert_eq!(subscription(&api, A).await, json!({"processNames": [], "changed": [], "where": {}}));
}

#[tokio::test]
async fn what_can_never_be_read_is_refused_and_nothing_is_changed() {
    let api = api().await;
    configure(&api, &[A]).await;
    assert!(patch(&api, A, r#"{"changed": ["status"], "where": {"status": ["a"]}}"#).await.starts_with("200"));
    let before = call(&api, &format!("GET {}", of(A))).await;
    let list = |n: usize, length: usize| (0..n).map(|it| format!("{it:0length$}")).collect::<Vec<_>>();
    let attributes = |n: usize, values: &[String]| {
        list(n, 3).into_iter().map(|path| (path, json!(values))).collect::<serde_json::Map<_, _>>()
    };
    let cases = [
        (json!({"changed": null}), "changed", "expected a sequence"),
        (
            json!({"changed": ["a..b"]}),
            "changed[0]",
            "has an empty name; write the names of nested attributes with one dot",
        ),
        (json!({"changed": ["a", "a[x]"]}), "changed[1]", "has brackets without a position; write steps[0]"),
        (json!({"changed": ["a".repeat(256)]}), "changed[0]", "the path has 256 characters; at most 255 are allowed"),
        (json!({"changed": list(21, 3)}), "changed", "21 attributes are given; at most 20 are allowed"),
        (json!({"changed": list(20, 103)}), "changed", "2060 bytes of paths are given; at most 2048 are allowed"),
        (json!({"where": {"": ["a"]}}), "where.", "has an empty name"),
        (json!({"where": {"status": "a"}}), "where.status", "expected a sequence"),
        (
            json!({"where": {"status": []}}),
            "where.status",
            "no value is given, so nothing would be sent; give one, or leave the attribute out",
        ),
        (json!({"where": {"status": [1]}}), "where.status[0]", "expected a text, such as \"Approved\" or \"42\""),
        (json!({"where": {"status": [{"suffix": "a"}]}}), "where.status[0]", "\"suffix\" is not known here"),
        (json!({"where": {"status": list(21, 3)}}), "where.status", "21 values are given; at most 20 are allowed"),
        (json!({"where": attributes(11, &list(1, 3))}), "where", "11 attributes are given; at most 10 are allowed"),
        (
            json!({"where": attributes(10, &list(20, 21))}),
            "where",
            "4230 bytes of paths and values are given; at most 4096 are allowed",
        ),
    ];
    for (change, field, detail) in cases {
        let answer = patch(&api, A, change.to_string()).await;
        assert!(answer.starts_with("422"), "{change}: {answer}");
        assert!(answer.contains(&format!("\"field\": {}", json!(field))), "{change}: {answer}");
        assert!(answer.contains(&json!(detail).to_string()[1..detail.len()]), "{change}: {answer}");
    }
    let twice = patch(&api, A, r#"{"where": {"status": ["a"], "status": ["b"]}}"#).await;
    assert!(twice.contains(r#"\"status\" is given twice; list all its values once"#), "{twice}");
    assert_eq!(call(&api, &format!("GET {}", of(A))).await, before);
}

#[tokio::test]
async fn an_endpoint_gets_every_event_or_the_latest_and_nothing_else() {
    let api = api().await;
    configure(&api, &[A]).await;
    let on_backlog = async || json(&api, &of(A)).await["settings"]["onBacklog"].clone();
    assert_eq!(on_backlog().await, "every");
    for value in ["latest", "every"] {
        assert!(patch(&api, A, json!({"onBacklog": value}).to_string()).await.starts_with("200"));
        assert_eq!(on_backlog().await, value);
    }
    for value in [json!("newest"), json!(null)] {
        let answer = patch(&api, A, json!({"onBacklog": value}).to_string()).await;
        assert!(answer.starts_with("422") && answer.contains(r#""field": "onBacklog""#), "{answer}");
    }
    let entries = json(&api, "/v1/workspaces/default/audit").await["entries"].clone();
    let shown = |entry: &Value| json!([entry["from"]["onBacklog"], entry["to"]["onBacklog"]]);
    assert_eq!(shown(&entries[1]), json!([null, "latest"]));
    assert_eq!(shown(&entries[0]), json!(["latest", null]));
}
