//! Settings of an endpoint for people, and the end of a pause.

use serde_json::{Value, json};

use super::{api, call, configure, id, send, show, state, support, woken};

const A: &str = "https://a.example/hook?token=1";

/// Changes settings of the endpoint. Returns the status and the body.
async fn patch(api: &axum::Router, change: Value) -> (u16, Value) {
    let path = format!("PATCH /v1/workspaces/default/endpoints/{}", id(A));
    let response = send(api, &path, &[("content-type", "application/json")], change.to_string()).await;
    let status = response.status().as_u16();
    let shown = show(response).await;
    let body = shown.split_once("\n{").map(|(_, body)| format!("{{{body}")).unwrap_or_default();
    (status, serde_json::from_str(&body).unwrap_or_default())
}

fn only(settings: &Value, names: [&str; 3]) -> [Value; 3] {
    names.map(|name| settings[name].clone())
}

#[tokio::test]
async fn an_endpoint_has_a_name_a_description_and_a_contact() {
    const TEXTS: [&str; 3] = ["name", "description", "contact"];
    let api = api().await;
    configure(&api, &[A]).await;
    let texts = json!({"name": " Billing ", "description": "Sends\r\ninvoices.", "contact": "billing@example.com"});
    let (status, body) = patch(&api, texts).await;
    assert_eq!(status, 200, "{body}");
    let expected = [json!("Billing"), json!("Sends\ninvoices."), json!("billing@example.com")];
    assert_eq!(only(&body["settings"], TEXTS), expected);

    let (_, body) = patch(&api, json!({"maxPerSecond": 5})).await;
    assert_eq!(only(&body["settings"], TEXTS), expected, "what is left out stays");
    let (_, body) = patch(&api, json!({"description": null, "contact": " "})).await;
    assert_eq!(only(&body["settings"], TEXTS), [json!("Billing"), Value::Null, Value::Null]);

    let audit = call(&api, "GET /v1/workspaces/default/audit?limit=1").await;
    assert!(audit.contains(r#""contact": "billing@example.com""#) && audit.contains(r#""name": "Billing""#), "{audit}");
    assert_eq!(audit.matches("Sends").count(), 1, "before the change alone: {audit}");
}

#[tokio::test]
async fn a_text_that_is_too_long_or_has_control_characters_is_rejected_at_its_field() {
    let api = api().await;
    configure(&api, &[A]).await;
    for (field, most) in [("name", 100), ("description", 500), ("contact", 200)] {
        assert_eq!(patch(&api, json!({ field: "ü".repeat(most) })).await.0, 200, "{field}");
        let (status, body) = patch(&api, json!({ field: "ü".repeat(most + 1) })).await;
        assert_eq!((status, &body["field"]), (422, &json!(field)), "{body}");
        let detail = format!("in {field}: the text has {} characters; at most {most} are allowed", most + 1);
        assert!(body["detail"].as_str().unwrap().starts_with(&detail), "{body}");
        let (status, body) = patch(&api, json!({ field: "a\tb" })).await;
        assert_eq!((status, &body["field"]), (422, &json!(field)), "{body}");
    }
    let (status, body) = patch(&api, json!({"name": "two\nlines"})).await;
    assert_eq!((status, &body["field"]), (422, &json!("name")), "{body}");
}

#[tokio::test]
async fn a_pause_may_have_an_end_which_goes_with_the_pause() {
    const PAUSE: [&str; 3] = ["paused", "pausedUntil", "maxPerSecond"];
    let (state, mut sent) = state(&support::engine().await);
    let api = super::router(state);
    configure(&api, &[A]).await;
    let after = async |change: Value| {
        let (status, body) = patch(&api, change).await;
        assert_eq!(status, 200, "{body}");
        only(&body["settings"], PAUSE)
    };
    let (yes, no, none, until) = (json!(true), json!(false), Value::Null, json!("2999-01-31T12:00:00.123Z"));
    let timed = json!({"paused": true, "pausedUntil": "2999-01-31T13:00:00.1234567+01:00"});
    assert_eq!(after(timed).await, [yes.clone(), until.clone(), none.clone()], "to the millisecond");
    let rate = json!({"maxPerSecond": 5});
    assert_eq!(after(rate).await, [yes.clone(), until, json!(5)], "what is left out stays");
    assert_eq!(after(json!({"paused": true})).await, [yes.clone(), none.clone(), json!(5)], "until it is ended");
    assert_eq!(after(json!({"paused": true, "pausedUntil": null})).await, [yes, none.clone(), json!(5)]);
    woken(&mut sent);
    assert_eq!(after(json!({"paused": false, "pausedUntil": null})).await, [no, none, json!(5)]);
    assert_eq!(woken(&mut sent), [(id(A), 0)]);
}

#[tokio::test]
async fn an_end_without_a_pause_or_in_the_past_is_rejected_with_the_way_to_give_it() {
    let api = api().await;
    configure(&api, &[A]).await;
    for (change, detail) in [
        (json!({"pausedUntil": "2999-01-01T00:00:00Z"}), "it is a part of a pause; give it beside \"paused\": true"),
        (json!({"pausedUntil": null}), "it is a part of a pause; give it beside \"paused\": true"),
        (
            json!({"paused": false, "pausedUntil": "2999-01-01T00:00:00Z"}),
            "\"paused\" is false; leave the time out, or make it true",
        ),
        (json!({"paused": true, "pausedUntil": "2020-01-01T00:00:00Z"}), "2020-01-01T00:00:00Z is not in the future"),
        (json!({"paused": true, "pausedUntil": "tomorrow"}), "invalid value: string \"tomorrow\""),
    ] {
        let (status, body) = patch(&api, change.clone()).await;
        assert_eq!((status, &body["field"]), (422, &json!("pausedUntil")), "{change}: {body}");
        let begins = format!("in pausedUntil: {detail}");
        assert!(body["detail"].as_str().unwrap().starts_with(&begins), "{change}: {body}");
    }
    let audit = call(&api, "GET /v1/workspaces/default/audit").await;
    assert_eq!(audit.matches("endpoint-changed").count(), 0, "{audit}");
}
