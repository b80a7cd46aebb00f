//! Deliveries that earlier versions have completed: beside the backlog of their endpoint, and in the index by time.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use webhooks_model::delivery::Status;
use webhooks_model::event::EventType;
use webhooks_store::StorageState;

use super::super::{call, event, id, json, keep, post, router, state, support};

const URL: &str = "https://a.example/";
const LOG: &str = "/v1/workspaces/default/deliveries";

/// Puts a completed delivery where earlier versions had it. Returns its key.
async fn as_before(client: &Client, delivery: &str) -> [(String, AttributeValue); 2] {
    let items = client.scan().table_name("Deliveries").send().await.unwrap().items.unwrap();
    let mut item = items.into_iter().find(|it| it["deliveryID"].as_s().unwrap() == delivery).unwrap();
    let key =
        |item: &std::collections::HashMap<String, AttributeValue>| ["pk", "sk"].map(|it| (it.into(), item[it].clone()));
    let delete = client.delete_item().table_name("Deliveries").set_key(Some(key(&item).into()));
    delete.send().await.unwrap();
    let partition = delivery.split('-').nth(1).unwrap();
    let log = item["pk"].clone();
    item.insert("logPk".into(), log);
    item.insert("pk".into(), AttributeValue::S(format!("{}#{partition}#default", id(URL))));
    client.put_item().table_name("Deliveries").set_item(Some(item.clone())).send().await.unwrap();
    key(&item)
}

#[tokio::test]
async fn they_are_listed_found_replayed_and_erased() {
    let client = support::engine().await;
    let (state, _sent) = state(&client);
    let api = router(state.clone());
    super::super::configure(&api, &[URL]).await;
    let completed = StorageState::Completed;
    let mut ids = Vec::new();
    for (n, status) in [(1, Status::Delivered), (2, Status::Failed), (3, Status::Delivered), (4, Status::Failed)] {
        ids.push(keep(&state, &event(n, EventType::Updated, &format!("i-{}", n / 3)), URL, completed, status).await);
    }
    let mut keys = Vec::new();
    for delivery in &ids[..3] {
        keys.push(as_before(&client, delivery).await);
    }

    let of_url = format!("?endpointID={}", id(URL));
    let delivered = format!("{of_url}&status=delivered");
    for (filter, expected) in [
        ("", &[3, 2, 1, 0][..]),
        (&of_url, &[3, 2, 1, 0]),
        (&delivered, &[2, 0]),
        ("?status=failed", &[3, 1]),
        ("?instanceID=i-0", &[1, 0]),
        (&format!("?search={}", ids[0]), &[0]),
    ] {
        let page = json(&api, &format!("{LOG}{filter}")).await;
        let mut listed: Vec<_> =
            page["deliveries"].as_array().unwrap().iter().map(|it| it["deliveryID"].as_str().unwrap()).collect();
        let mut expected: Vec<_> = expected.iter().map(|n| ids[*n].as_str()).collect();
        listed.sort_unstable();
        expected.sort_unstable();
        assert_eq!((listed, &page["next"]), (expected, &json!(null)), "{filter}");
    }
    let found = json(&api, &format!("{LOG}/{}", ids[0])).await;
    assert_eq!((&found["status"], found["attempts"].as_array().unwrap().len()), (&json!("delivered"), 2));

    let replayed = post(&api, &format!("{LOG}/{}/replay", ids[1]), "").await;
    assert!(replayed.starts_with("202"), "{replayed}");
    let get = client.get_item().table_name("Deliveries").set_key(Some(keys[1].clone().into()));
    assert_eq!(get.send().await.unwrap().item, None, "it is not in the log any more");
    assert_eq!(json(&api, &format!("{LOG}/{}", ids[1])).await["status"], "pending");

    let erased = call(&api, &format!("DELETE {LOG}?instanceID=i-1")).await;
    assert!(erased.contains(r#""erased": 2"#), "{erased}");
    assert!(call(&api, &format!("GET {LOG}/{}", ids[2])).await.starts_with("404"));
}
