//! URLs that are removed, and added again.

use super::*;

#[tokio::test]
async fn a_url_that_is_removed_and_added_again_begins_as_never_called() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::status(410)).await;
    let api = api(&room);
    configure(&api, &[&receiver.url("/")], &[]).await;
    let gone = [room.record("INSERT", "i-0", "default")];
    assert!(room.batch(&gone, PLENTY).await.is_empty());
    assert!(matches!(room.endpoint(&receiver.url("/")).await.health, Health::Disabled { .. }));
    let path = format!("{ENDPOINTS}/{}", endpoint(&receiver.url("/")).id);
    call(&api, "PATCH", &path, Some(json!({"paused": true, "processNames": ["x"], "maxPerSecond": 1}))).await;
    // What was pending fails, as the endpoint is disabled, before it is removed.
    room.wake(&receiver.url("/")).await;

    assert_eq!(call(&api, "DELETE", CALLBACKS, None).await.0, StatusCode::NO_CONTENT);
    room.run_wake_ups(QUIET).await;
    assert_eq!(records(&room).await, 1, "something may still be on its way to the backlog");
    a_minute_later(&room, &receiver).await;
    assert_eq!(records(&room).await, 0, "an endpoint that is not configured is forgotten");
    receiver.reset_to(Behaviour::status(200));
    configure(&api, &[&receiver.url("/")], &[]).await;
    let created = three_changes_each(&mut room, &["default"]);
    assert!(room.batch(&created, PLENTY).await.is_empty());
    heard_in_order(&receiver, 3);
}

#[tokio::test]
async fn a_url_that_is_added_again_while_its_record_is_left_begins_as_never_called() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::status(410)).await;
    let api = api(&room);
    configure(&api, &[&receiver.url("/")], &[]).await;
    let gone = [room.record("INSERT", "i-0", "default")];
    assert!(room.batch(&gone, PLENTY).await.is_empty());
    let path = format!("{ENDPOINTS}/{}", endpoint(&receiver.url("/")).id);
    call(&api, "PATCH", &path, Some(json!({"paused": true, "processNames": ["x"], "maxPerSecond": 1}))).await;

    // The drain that forgets it has not run yet.
    assert_eq!(call(&api, "DELETE", CALLBACKS, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(records(&room).await, 1);
    receiver.reset_to(Behaviour::status(200));
    configure(&api, &[&receiver.url("/")], &[]).await;
    let created = three_changes_each(&mut room, &["default"]);
    assert!(room.batch(&created, PLENTY).await.is_empty());
    room.run_wake_ups(QUIET).await;
    assert_eq!(receiver.count(), 10, "with the one that is pending still: {:?}", receiver.targets());
    let record = room.endpoint(&receiver.url("/")).await;
    assert_eq!((record.settings, record.health), (EndpointSettings::default(), Health::default()));
}

#[tokio::test]
async fn of_forty_rotated_urls_one_record_is_left() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    let api = api(&room);
    for token in 0..40 {
        configure(&api, &[&format!("{}?token={token}", receiver.url("/"))], &[]).await;
        let event = [room.record("INSERT", &format!("i-{token}"), "default")];
        assert!(room.batch(&event, PLENTY).await.is_empty());
    }
    assert_eq!((receiver.count(), records(&room).await), (40, 1));
}

#[tokio::test]
async fn deliveries_of_a_removed_url_are_replayed_to_another() {
    let (mut room, api, old, new) = with_a_backlog().await;
    configure(&api, &[&new.url("/")], &[]).await;
    room.run_wake_ups(QUIET).await;
    assert_eq!(room.statuses().await, HashMap::from([("failed".to_owned(), 9)]), "that is what leaving it out means");
    let to = endpoint(&new.url("/")).id;
    let filter = |to: &str| json!({"status": "failed", "endpointID": endpoint(&old.url("/")).id.as_str(), "to": to});
    let (status, body) = call(&api, "POST", &format!("{DELIVERIES}/replay"), Some(filter(&"0".repeat(32)))).await;
    assert_eq!((status, &body["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("to")), "{body}");

    let (_, page) = call(&api, "GET", &format!("{DELIVERIES}?instanceID=i-0&limit=200"), None).await;
    let first = page["deliveries"].as_array().unwrap().last().unwrap()["deliveryID"].as_str().unwrap().to_owned();
    let one = format!("{DELIVERIES}/{first}/replay");
    assert_eq!(call(&api, "POST", &one, None).await.0, StatusCode::CONFLICT);
    let (status, body) = call(&api, "POST", &one, Some(json!({"to": to.as_str()}))).await;
    assert_eq!((status, &body["url"]), (StatusCode::ACCEPTED, &json!(new.url("/"))), "{body}");
    let (status, body) = call(&api, "POST", &format!("{DELIVERIES}/replay"), Some(filter(to.as_str()))).await;
    assert_eq!((status, &body["replayed"]), (StatusCode::ACCEPTED, &json!(8)), "{body}");
    room.run_wake_ups(QUIET).await;
    heard_in_order(&new, 3);
    assert_eq!(room.statuses().await, HashMap::from([("delivered".to_owned(), 9)]));
}
