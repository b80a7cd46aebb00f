use jiff::Timestamp;
use serde_json::Value;
use webhooks_model::event::{Event, EventType, Images};
use webhooks_model::subscription::{AttributePath, Subscription};
use webhooks_model::workspace::WorkspaceId;

/// Parses a path, a subscription, and an item before and after a change, one a line: a path and a subscription are
/// stored as they were given, an update without a change is excluded if a change is asked for, and conditions do not
/// depend on the order of a map.
pub fn subscription(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut lines = text.splitn(4, '\n');
    let [path, subscription, old, new] = [(); 4].map(|()| lines.next().unwrap_or_default());
    if let Ok(parsed) = AttributePath::try_from(path.to_owned()) {
        assert_eq!(parsed.as_str(), path);
        let json = serde_json::to_string(&parsed).unwrap();
        assert_eq!(serde_json::from_str::<AttributePath>(&json).unwrap(), parsed);
    }
    let Ok(subscription) = serde_json::from_str::<Subscription>(subscription) else { return };
    let json = serde_json::to_string(&subscription).unwrap();
    assert_eq!(serde_json::from_str::<Subscription>(&json).unwrap(), subscription);

    let image = |text: &str| serde_json::from_str::<Value>(text).ok();
    let (old, new) = (image(old), image(new));
    let includes = |event_type, old: &Option<Value>, new: &Option<Value>| {
        let images = Images { old: old.clone(), new: new.clone() };
        subscription.includes(&event(event_type), || &images)
    };
    let (created, deleted) = (includes(EventType::Created, &None, &new), includes(EventType::Deleted, &new, &None));
    assert_eq!(created, deleted, "the image of a deletion is judged as that of a creation");
    let same = includes(EventType::Updated, &new, &new);
    assert_eq!(same, created && (subscription.changed.is_empty() || new.is_none()), "nothing has changed");
    let updated = includes(EventType::Updated, &old, &new);
    assert!(!updated || created, "an update is included only if its new image is");
    let all = Subscription { changed: Vec::new(), ..subscription.clone() };
    let images = Images { old, new };
    assert!(!updated || all.includes(&event(EventType::Updated), || &images), "asking for less excludes nothing more");
}

fn event(event_type: EventType) -> Event {
    Event {
        id: "e".to_owned(),
        sequence_number: "1".to_owned(),
        event_type,
        workspace: WorkspaceId::default_workspace(),
        instance_id: "i".to_owned(),
        process_name: "Order".to_owned(),
        changed_at: Timestamp::UNIX_EPOCH,
    }
}
