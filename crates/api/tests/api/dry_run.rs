//! Dry runs: which of the latest events an endpoint would receive.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    StreamSpecification, StreamViewType,
};
use serde_json::json;

use super::*;

const URL: &str = "https://my-service.com/changed";

/// Dry runs that a workspace may make in a minute.
const DRY_RUNS: u32 = 5;

/// A workspace with one URL for created and updated instances, and an engine with a table of instances.
struct Room {
    client: Client,
    api: Router,
    path: String,
}

impl Room {
    async fn new() -> Self {
        let (client, address) = support::engine_at().await;
        let key = KeySchemaElement::builder().attribute_name("instanceID").key_type(KeyType::Hash).build().unwrap();
        let attribute = AttributeDefinition::builder().attribute_name("instanceID");
        let attribute = attribute.attribute_type(ScalarAttributeType::S).build().unwrap();
        let create = client.create_table().table_name("Instances").billing_mode(BillingMode::PayPerRequest);
        create.key_schema(key).attribute_definitions(attribute).send().await.unwrap();
        let (mut state, _) = state(&client);
        state.test_calls = TestCallsStore::new(client.clone(), "Webhooks", DRY_RUNS);
        state.instance_stream = support::instance_stream(&client, &address);
        let api = router(state);
        let callbacks = json!({"created": {"enabled": true, "urls": [URL]}, "updated": {"enabled": true, "urls": [URL]}, "deleted": {"enabled": false, "urls": [URL]}});
        put(&api, "/v1/workspaces/default/callbacks", callbacks.to_string()).await;
        let id = Endpoint::from(CallbackUrl::try_from(URL.to_owned()).unwrap()).id;
        Self { client, api, path: format!("/v1/workspaces/default/endpoints/{id}/dry-run") }
    }

    async fn turn_on_the_stream(&self) {
        let stream =
            StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::NewAndOldImages);
        let update = self.client.update_table().table_name("Instances");
        update.stream_specification(stream.build().unwrap()).send().await.unwrap();
    }

    async fn write(&self, instance: &str, attributes: &[(&str, &str)]) {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let mut item = HashMap::from([("processName".to_owned(), text("Order"))]);
        item.extend(attributes.iter().map(|(name, value)| ((*name).to_owned(), text(value))));
        item.insert("instanceID".to_owned(), text(instance));
        self.client.put_item().table_name("Instances").set_item(Some(item)).send().await.unwrap();
    }

    async fn delete(&self, instance: &str) {
        let delete = self.client.delete_item().table_name("Instances");
        delete.key("instanceID", AttributeValue::S(instance.to_owned())).send().await.unwrap();
    }

    async fn dry_run(&self, settings: Value) -> Value {
        let json = [("content-type", "application/json")];
        let response = send(&self.api, &format!("POST {}", self.path), &json, settings.to_string()).await;
        let status = response.status();
        let body: Value = serde_json::from_slice(&to_bytes(response.into_body(), usize::MAX).await.unwrap()).unwrap();
        assert_eq!(status, 200, "{body}");
        body
    }
}

/// Returns instance, event type and what excludes it of each event.
fn events(body: &Value) -> Vec<[&str; 3]> {
    let events = body["events"].as_array().unwrap().iter();
    events.map(shown).collect()
}

fn shown(event: &Value) -> [&str; 3] {
    let [instance, event_type, by] = ["instanceID", "eventType", "excludedBy"].map(|name| event[name].as_str());
    assert_eq!(event["sent"], by.is_none());
    [instance.unwrap(), event_type.unwrap(), by.unwrap_or("sent")]
}

#[tokio::test]
async fn each_event_is_sent_or_names_what_excludes_it() {
    let room = Room::new().await;
    room.turn_on_the_stream().await;
    room.write("1", &[("status", "Draft")]).await;
    room.write("1", &[("status", "Approved")]).await;
    room.write("1", &[("status", "Approved"), ("note", "x")]).await;
    room.write("2", &[("processName", "Invoice"), ("status", "Approved")]).await;
    room.write("3", &[("workspaceID", "other")]).await;
    room.delete("1").await;

    let body = room.dry_run(json!({})).await;
    let [deleted, invoice] = [["1", "deleted", "callbacks"], ["2", "created", "sent"]];
    let updated = |by| ["1", "updated", by];
    assert_eq!(events(&body), [deleted, invoice, updated("sent"), updated("sent"), ["1", "created", "sent"]]);
    assert_eq!((&body["sent"], &body["complete"]), (&json!(4), &json!(true)));

    let settings = json!({"processNames": ["Order"], "changed": ["status"], "where": {"status": ["Approved"]}});
    let body = room.dry_run(settings.clone()).await;
    let invoice = ["2", "created", "processNames"];
    let expected = [deleted, invoice, updated("changed"), updated("sent"), ["1", "created", "where"]];
    assert_eq!(events(&body), expected);
    assert_eq!(body["sent"], 1);

    let path = room.path.trim_end_matches("/dry-run");
    let json = [("content-type", "application/json")];
    assert_eq!(send(&room.api, &format!("PATCH {path}"), &json, settings.to_string()).await.status(), 200);
    assert_eq!(events(&room.dry_run(json!({})).await), expected, "what is left out is as the endpoint has it");
    let body = room.dry_run(json!({"changed": [], "where": {}})).await;
    assert_eq!(events(&body), [deleted, invoice, updated("sent"), updated("sent"), ["1", "created", "sent"]]);
}

#[tokio::test]
async fn the_last_hundred_events_count() {
    let room = Room::new().await;
    room.turn_on_the_stream().await;
    for number in 0..120 {
        room.write(&number.to_string(), &[]).await;
    }
    let body = room.dry_run(json!({})).await;
    let expected: Vec<_> = (20..120).rev().map(|number| number.to_string()).collect();
    assert_eq!(events(&body).iter().map(|[instance, ..]| *instance).collect::<Vec<_>>(), expected);
    assert_eq!((&body["sent"], &body["complete"]), (&json!(100), &json!(true)));
}

#[tokio::test]
async fn without_a_stream_the_problem_says_how_to_turn_it_on() {
    let room = Room::new().await;
    let path = format!("POST {}", room.path);
    insta::assert_snapshot!(call(&room.api, &path).await, @r#"
    503 Service Unavailable
    content-type: application/problem+json
    retry-after: 1
    {
      "detail": "the instance table has no stream, or another one than configured: turn it on (UpdateTable, StreamSpecification, NEW_AND_OLD_IMAGES), and configure its ARN (InstanceStreamArn) if it is deployed",
      "status": 503,
      "title": "Stream unavailable",
      "type": "urn:instance-webhooks:problem:stream-unavailable"
    }
    "#);
    room.turn_on_the_stream().await;
    assert_eq!(room.dry_run(json!({})).await, json!({"events": [], "sent": 0, "complete": true}));
}

#[tokio::test]
async fn invalid_settings_unknown_endpoints_and_floods_are_refused() {
    let room = Room::new().await;
    let path = format!("POST {}", room.path);
    insta::assert_snapshot!(send_json(&room.api, &path, r#"{"where": {"status": []}}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in where.status: no value is given, so nothing would be sent; give one, or leave the attribute out at line 1 column 24",
      "field": "where.status",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(send_json(&room.api, &path, r#"{"paused": true}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in paused: unknown field `paused`, expected one of `processNames`, `changed`, `where` at line 1 column 9",
      "field": "paused",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    let mut calls = 0;
    let refused = loop {
        let response = call(&room.api, &path).await;
        if !response.starts_with("503") {
            break response;
        }
        calls += 1; // there is no stream; a minute may have begun meanwhile
        assert!(calls <= 2 * DRY_RUNS, "none is refused");
    };
    assert!(calls >= DRY_RUNS && refused.starts_with("429"), "{calls}: {refused}");
    assert!(refused.contains("may make 5 test calls or dry runs a minute; try again in"), "{refused}");
    let unknown = "POST /v1/workspaces/default/endpoints/0123456789abcdef0123456789abcdef/dry-run";
    insta::assert_snapshot!(call(&room.api, unknown).await, @r#"
    404 Not Found
    content-type: application/problem+json
    {
      "detail": "no URL of this workspace's callbacks is this endpoint; GET the endpoints to see which are",
      "status": 404,
      "title": "Unknown endpoint",
      "type": "urn:instance-webhooks:problem:unknown-endpoint"
    }
    "#);
}

async fn send_json(api: &Router, call: &str, body: &str) -> String {
    show(send(api, call, &[("content-type", "application/json")], body.to_owned()).await).await
}
