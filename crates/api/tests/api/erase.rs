//! Erasing an instance's deliveries.

use serde_json::json;
use webhooks_model::delivery::Status;
use webhooks_model::event::EventType;
use webhooks_store::{StorageState, Turn};

use super::{call, event, json, keep, router, state, support};

const URL: &str = "https://a.example/";
const DELIVERIES: &str = "/v1/workspaces/default/deliveries";

#[tokio::test]
async fn all_completed_deliveries_of_the_instance_go_and_no_others() {
    let (state, _sent) = state(&support::engine().await);
    let api = router(state.clone());
    let completed = StorageState::Completed;
    for (n, url) in [(1, URL), (2, URL), (3, "https://b.example/")] {
        keep(&state, &event(n, EventType::Updated, "ada@example.com"), url, completed, Status::Failed).await;
    }
    keep(&state, &event(4, EventType::Updated, "ada@example.com"), URL, completed, Status::Delivered).await;
    let waiting = event(5, EventType::Deleted, "ada@example.com");
    keep(&state, &waiting, URL, StorageState::Pending(Turn::Next), Status::Pending).await;
    keep(&state, &event(6, EventType::Created, "ada@example.co"), URL, completed, Status::Failed).await;
    let mut elsewhere = event(7, EventType::Created, "ada@example.com");
    elsewhere.workspace = "other".to_owned().try_into().unwrap();
    keep(&state, &elsewhere, URL, completed, Status::Failed).await;

    insta::assert_snapshot!(call(&api, &format!("DELETE {DELIVERIES}?instanceID=ada%40example.com")).await, @r#"
    200 OK
    content-type: application/json
    {
      "complete": true,
      "erased": 4,
      "pending": 1
    }
    "#);
    let left = json(&api, DELIVERIES).await;
    let left: Vec<_> =
        left["deliveries"].as_array().unwrap().iter().map(|it| (&it["eventID"], &it["status"])).collect();
    assert_eq!(left, [(&json!("event-6"), &json!("failed")), (&json!("event-5"), &json!("pending"))]);
    let other = json(&api, "/v1/workspaces/other/deliveries").await;
    assert_eq!(other["deliveries"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_audit_says_who_erased_and_not_the_id() {
    let (state, _sent) = state(&support::engine().await);
    let api = router(state.clone());
    keep(&state, &event(1, EventType::Created, "ada@example.com"), URL, StorageState::Completed, Status::Failed).await;
    for _ in 0..2 {
        let erased = call(&api, &format!("DELETE {DELIVERIES}?instanceID=ada%40example.com")).await;
        assert!(erased.starts_with("200"), "{erased}");
    }
    let audit = json(&api, "/v1/workspaces/default/audit?subject=deliveries").await;
    let entries = audit["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "the second call changed nothing: {audit}");
    let entry = &entries[0];
    assert_eq!((&entry["action"], &entry["caller"]["id"]), (&json!("deliveries.erased"), &json!("local")));
    // printf ada@example.com | sha256sum | cut -c1-16
    assert_eq!(entry["to"], json!({"instanceFingerprint": "b5fc85e55755f9e0"}));
    assert!(!audit.to_string().contains("ada"), "{audit}");
}

#[tokio::test]
async fn an_item_that_cannot_be_read_is_erased_too() {
    let client = support::engine().await;
    let (state, _sent) = state(&client);
    let api = router(state.clone());
    keep(&state, &event(1, EventType::Created, "i"), URL, StorageState::Completed, Status::Failed).await;
    let items = client.scan().table_name("Deliveries").send().await.unwrap().items.unwrap();
    let mut item = items.into_iter().next().unwrap();
    item.insert("status".to_owned(), aws_sdk_dynamodb::types::AttributeValue::Bool(true));
    client.put_item().table_name("Deliveries").set_item(Some(item)).send().await.unwrap();
    assert_eq!(json(&api, DELIVERIES).await["deliveries"], json!([]), "the log does not list it");
    let erased = call(&api, &format!("DELETE {DELIVERIES}?instanceID=i")).await;
    assert!(erased.contains(r#""erased": 1"#), "{erased}");
    assert!(client.scan().table_name("Deliveries").send().await.unwrap().items().is_empty());
}

#[tokio::test]
async fn more_than_a_page_is_erased_in_one_call() {
    let (state, _sent) = state(&support::engine().await);
    let api = router(state.clone());
    for n in 0..520 {
        let completed = StorageState::Completed;
        keep(&state, &event(n, EventType::Updated, "i"), URL, completed, Status::Delivered).await;
    }
    let erased = call(&api, &format!("DELETE {DELIVERIES}?instanceID=i")).await;
    assert!(erased.contains(r#""erased": 520"#) && erased.contains(r#""complete": true"#), "{erased}");
    let audit = json(&api, "/v1/workspaces/default/audit").await;
    assert_eq!(audit["entries"].as_array().unwrap().len(), 1, "one for the whole call");
}

#[tokio::test]
async fn nothing_is_erased_without_an_instance() {
    let (state, _sent) = state(&support::engine().await);
    let api = router(state.clone());
    keep(&state, &event(1, EventType::Created, "i"), URL, StorageState::Completed, Status::Failed).await;
    for query in ["", "?instanceID=", "?instance=i", "?instanceID=i&status=failed", "?instanceID=i&instanceID=j"] {
        let refused = call(&api, &format!("DELETE {DELIVERIES}{query}")).await;
        assert!(refused.starts_with("400") && refused.contains("invalid-parameter"), "{query}: {refused}");
    }
    assert_eq!(json(&api, DELIVERIES).await["deliveries"].as_array().unwrap().len(), 1);
}
