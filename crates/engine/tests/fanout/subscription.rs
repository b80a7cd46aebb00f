//! What an endpoint asks for decides what it receives.

use super::*;
use webhooks_model::subscription::Subscription;
use webhooks_store::SettingsPatch;

#[tokio::test]
async fn an_endpoint_gets_the_changes_that_it_asks_for_and_others_get_all() {
    let mut room = Harness::new().await;
    let (choosy, other) = (Receiver::healthy().await, Receiver::healthy().await);
    room.configure("default", &[choosy.url("/"), other.url("/")]).await;
    let Subscription { changed, conditions, .. } = serde_json::from_value(json!({
        "changed": ["status"],
        "where": {"status": ["Approved", {"prefix": "Rej"}]},
    }))
    .unwrap();
    let change = SettingsPatch { changed: Some(changed), conditions: Some(conditions), ..SettingsPatch::default() };
    room.set(&choosy.url("/"), change).await;

    let mut records = Vec::new();
    let mut change = |instance: &str, old: Option<&str>, new: Option<&str>| {
        let name = match (old, new) {
            (None, _) => "INSERT",
            (_, None) => "REMOVE",
            _ => "MODIFY",
        };
        let mut record = room.record(name, instance, "default");
        for (image, status) in [("OldImage", old), ("NewImage", new)] {
            let Some(status) = status else { continue };
            if record["dynamodb"][image].is_null() {
                record["dynamodb"][image] = record["dynamodb"]["NewImage"].clone();
            }
            record["dynamodb"][image]["status"] = json!({"S": status});
        }
        records.push(record);
    };
    change("created-draft", None, Some("Draft"));
    change("created-approved", None, Some("Approved"));
    change("approved", Some("Draft"), Some("Approved"));
    change("approved-again", Some("Approved"), Some("Approved"));
    change("rejected", Some("Approved"), Some("Rejected by A"));
    change("reopened", Some("Approved"), Some("Draft"));
    change("deleted-approved", Some("Approved"), None);
    change("deleted-draft", Some("Draft"), None);

    assert_eq!(room.batch(&records, PLENTY).await, Vec::<String>::new());
    let mut called: Vec<_> = by_instance(&choosy.targets()).into_keys().collect();
    called.sort_unstable();
    assert_eq!(called, ["approved", "created-approved", "deleted-approved", "rejected"]);
    assert_eq!(other.count(), 8);
    assert_eq!(room.items().await.len(), 8 + 4, "what is not sent is not kept");
}
