//! Items that cannot be read or written hold back only what needs them.

use super::*;

#[tokio::test]
async fn a_damaged_endpoint_record_holds_back_its_endpoint_alone() {
    let mut room = Harness::new().await;
    let (damaged, healthy) = (Receiver::healthy().await, Receiver::healthy().await);
    let other = Receiver::healthy().await;
    room.configure("default", &[damaged.url("/"), healthy.url("/")]).await;
    room.configure("other", &[other.url("/")]).await;
    let sk = format!("endpoint#{}", endpoint(&damaged.url("/")).id);
    let edits = [("paused", s("yes")), ("held", s("i-1")), ("appends", s("many")), ("health", s("resting"))];
    edit(&room, "default", &sk, &edits).await;

    let events = three_changes_each(&mut room, &["default", "other"]);
    assert!(room.batch(&events, PLENTY).await.is_empty(), "nothing comes again");
    heard_in_order(&healthy, 3);
    heard_in_order(&other, 3);
    room.wake(&damaged.url("/")).await;
    assert_eq!((damaged.count(), room.statuses().await["pending"]), (0, 9), "it is not known whether it is paused");
    let api = api(&room);
    let id = endpoint(&damaged.url("/")).id;
    let (_, body) = call(&api, "GET", &format!("{ENDPOINTS}/{id}"), None).await;
    assert_eq!(body["health"], json!({"state": "damaged", "attributes": ["health", "paused"]}), "{body}");

    let (status, body) = call(&api, "PATCH", &format!("{ENDPOINTS}/{id}"), Some(json!({"maxPerSecond": 500}))).await;
    assert_eq!(
        (status, &body["health"]["attributes"]),
        (StatusCode::OK, &json!(["health", "paused"])),
        "only what it names"
    );
    let new = "http://127.0.0.1:9/";
    let (status, body) = configure(&api, &[new, &healthy.url("/")], &[(new, &damaged.url("/"))]).await;
    assert_eq!((status, &body["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("replaces")), "{body}");

    let (status, body) = call(&api, "POST", &format!("{ENDPOINTS}/{id}/resume"), None).await;
    assert_eq!((status, &body["health"]["state"]), (StatusCode::ACCEPTED, &json!("healthy")));
    let (_, audit) = call(&api, "GET", "/v1/workspaces/default/audit", None).await;
    assert_eq!(audit["entries"][0]["from"]["damaged"], json!(["health", "paused"]), "{audit}");
    room.run_wake_ups(QUIET).await;
    heard_in_order(&damaged, 3);
}

#[tokio::test]
async fn an_endpoint_whose_count_of_appends_is_damaged_is_looked_at_again_after_a_while() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::status(503)).await;
    room.configure("default", &[receiver.url("/")]).await;
    let record = room.record("INSERT", "i", "default");
    assert!(room.batch(&[record], PLENTY).await.is_empty());
    let id = endpoint(&receiver.url("/")).id;
    edit(&room, "default", &format!("endpoint#{id}"), &[("appends", s("many")), ("paused", s("yes"))]).await;
    let now = Timestamp::from_second(Timestamp::now().as_second() + 60).unwrap();
    room.at(now);
    room.wake(&receiver.url("/")).await;
    assert_eq!(
        room.endpoint(&receiver.url("/")).await.wake_at,
        Some(now + room.retry.settings.look_again),
        "the pause of the retries' settings"
    );
}

#[tokio::test]
async fn a_drain_whose_record_is_damaged_meanwhile_ends() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::status(503)).await;
    room.configure("default", &[receiver.url("/")]).await;
    let record = room.record("INSERT", "i", "default");
    assert!(room.batch(&[record], PLENTY).await.is_empty());
    receiver.reset_to(Behaviour::ok());
    receiver.turn(Behaviour::slow(Duration::from_millis(500)));
    let id = endpoint(&receiver.url("/")).id;
    room.at(Timestamp::now() + Duration::from_secs(60));
    let (url, sk) = (receiver.url("/"), format!("endpoint#{id}"));
    let damage = async {
        receiver.arrived(1).await;
        edit(&room, "default", &sk, &[("appends", s("many"))]).await;
    };
    let drain = tokio::time::timeout(PLENTY / 2, room.wake(&url));
    let (drained, ()) = tokio::join!(drain, damage);
    assert!(drained.is_ok(), "it is not at work until its time is up");
    assert_eq!((receiver.count(), room.statuses().await["delivered"]), (1, 1));
}

#[tokio::test]
async fn a_replaced_url_is_left_behind_although_its_count_of_appends_is_damaged() {
    let (room, api, old, new) = with_a_backlog().await;
    assert_eq!(configure(&api, &[&new.url("/")], &[(&new.url("/"), &old.url("/"))]).await.0, StatusCode::OK);
    let sk = format!("endpoint#{}", endpoint(&old.url("/")).id);
    edit(&room, "default", &sk, &[("appends", s("many"))]).await;
    let moved = tokio::time::timeout(PLENTY / 2, room.wake(&new.url("/"))).await;
    assert!(moved.is_ok(), "it is not at work until its time is up");
    assert_eq!((new.count(), old.count()), (9, 0), "{:?}", room.statuses().await);
    assert!(!room.endpoint(&old.url("/")).await.has_queued());
}

#[tokio::test]
async fn what_is_pending_is_not_overtaken_after_damaged_holds_are_reset() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::status(503)).await;
    room.configure("default", &[receiver.url("/")]).await;
    let record = room.record("INSERT", "i", "default");
    assert!(room.batch(&[record], PLENTY).await.is_empty());
    let pending = room.endpoint(&receiver.url("/")).await;
    assert!(pending.held.len() == 1 && !pending.has_backlog, "{pending:?}");
    let id = endpoint(&receiver.url("/")).id;
    edit(&room, "default", &format!("endpoint#{id}"), &[("held", s("i"))]).await;
    let api = api(&room);
    let (status, body) = call(&api, "POST", &format!("{ENDPOINTS}/{id}/resume"), None).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{body}");

    receiver.reset_to(Behaviour::ok());
    let record = room.record("MODIFY", "i", "default");
    assert!(room.batch(&[record], PLENTY).await.is_empty());
    assert_eq!((receiver.count(), room.statuses().await["pending"]), (0, 2), "the later one waits behind it");
    room.run_wake_ups(QUIET).await;
    assert_eq!(by_instance(&receiver.targets())["i"], ["000001", "000002"]);
    assert!(!room.endpoint(&receiver.url("/")).await.has_queued());
}

#[tokio::test]
async fn damaged_callbacks_hold_back_their_workspace_alone_until_they_are_set_again() {
    let mut room = Harness::new().await;
    let (receiver, other) = (Receiver::healthy().await, Receiver::healthy().await);
    room.configure("default", &[receiver.url("/")]).await;
    room.configure("other", &[other.url("/")]).await;
    edit(&room, "default", "callbacks", &[("created", s("http://a/"))]).await;

    let events = three_changes_each(&mut room, &["default", "other"]);
    assert!(room.batch(&events, PLENTY).await.is_empty(), "nothing comes again");
    heard_in_order(&other, 3);
    assert_eq!((receiver.count(), room.statuses().await["pending"]), (0, 9));
    let unrouted = Endpoint::unrouted();
    room.wake_id(&unrouted.id).await;
    assert_eq!(room.statuses().await["pending"], 9, "as long as it takes");

    let api = api(&room);
    let (status, body) = call(&api, "GET", CALLBACKS, None).await;
    assert_eq!(
        (status, &body["type"]),
        (StatusCode::INTERNAL_SERVER_ERROR, &json!("urn:instance-webhooks:problem:stored-data-damaged"))
    );
    assert_eq!(configure(&api, &[&receiver.url("/")], &[]).await.0, StatusCode::OK);
    let later = three_changes_each(&mut room, &["default"]);
    assert!(room.batch(&later, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 0, "later events do not overtake those that are kept");
    room.run_wake_ups(QUIET).await;
    heard_in_order(&receiver, 6);
    assert!(!room.fanout.endpoints.workspace(&workspace_id("default")).await.unwrap().is_unrouted());
    let last = [room.record("MODIFY", "i-0", "default")];
    assert!(room.batch(&last, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 19, "directly again");
}

#[tokio::test]
async fn nothing_is_sent_unsigned_and_nothing_lost_while_the_secret_cannot_be_read() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    room.configure("default", &[receiver.url("/")]).await;
    let first = three_changes_each(&mut room, &["default"]);
    assert!(room.batch(&first, PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 9);
    let secret = room.fanout.secrets.get(&workspace_id("default")).await.unwrap().unwrap().keys.current.expose();
    edit(&room, "default", "signing-secret", &[("secret", s("no secret"))]).await;

    let second = three_changes_each(&mut room, &["default"]);
    assert!(room.batch(&second, PLENTY).await.is_empty());
    room.wake(&receiver.url("/")).await;
    assert_eq!((receiver.count(), room.statuses().await["pending"]), (9, 9));
    edit(&room, "default", "signing-secret", &[("secret", s(&secret))]).await;
    room.wake(&receiver.url("/")).await;
    heard_in_order(&receiver, 6);
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_holds_its_endpoint_alone_and_resuming_gives_a_new_one() {
    let mut room = Harness::new().await;
    let (damaged, other) = (Receiver::healthy().await, Receiver::healthy().await);
    let url = damaged.url("/");
    room.configure("default", &[url.clone(), other.url("/")]).await;
    let first = three_changes_each(&mut room, &["default"]);
    assert!(room.batch(&first, PLENTY).await.is_empty());
    let (first, id) = (room.secrets(&url).await, endpoint(&url).id);
    edit(&room, "default", &format!("endpoint#{id}"), &[("secret", s("no map"))]).await;

    let second = three_changes_each(&mut room, &["default"]);
    assert!(room.batch(&second, PLENTY).await.is_empty());
    room.wake(&url).await;
    room.wake(&other.url("/")).await; // on a busy machine, what its batch did not wait for
    assert_eq!((damaged.count(), other.count()), (9, 18));
    let api = api(&room);
    let (status, shown) = call(&api, "GET", &format!("{ENDPOINTS}/{id}/signing-secret"), None).await;
    assert_eq!((status.as_u16(), &shown["secret"]), (500, &Value::Null), "{shown}");
    assert_eq!(call(&api, "POST", &format!("{ENDPOINTS}/{id}/resume"), None).await.0, StatusCode::ACCEPTED);
    room.run_wake_ups(QUIET).await;
    heard_in_order(&damaged, 6);
    let fresh = room.secrets(&url).await;
    assert_ne!(fresh.current, first.current, "the first secret does not return");
    let last = damaged.requests().pop().unwrap();
    let signature = fresh.sign(last.id(), last.signed_at(), last.target());
    assert_eq!(signature, last.header("webhook-signature"));
}

#[tokio::test]
async fn a_damaged_delivery_is_left_where_it_is_and_the_others_are_made() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    room.configure("default", &[receiver.url("/")]).await;
    room.set(&receiver.url("/"), SettingsPatch { paused: Some(true), ..SettingsPatch::default() }).await;
    let records = room.inserts(20);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let mut damaged = room.items().await.swap_remove(0);
    damaged.insert("attempts".to_owned(), s("three"));
    room.client.put_item().table_name("Deliveries").set_item(Some(damaged)).send().await.unwrap();
    room.set(&receiver.url("/"), SettingsPatch { paused: Some(false), ..SettingsPatch::default() }).await;
    room.wake(&receiver.url("/")).await;
    assert_eq!(receiver.count(), 19);
    let page = room
        .fanout
        .deliveries
        .log(&workspace_id("default"), &LogFilter::default(), None, 50, &mut support::plenty())
        .await
        .unwrap();
    assert!(page.deliveries.len() >= 19, "the log of the others is read: {}", page.deliveries.len());
    assert!(!room.endpoint(&receiver.url("/")).await.has_queued(), "later events do not wait for it");
}

#[tokio::test]
async fn one_item_that_dynamodb_does_not_take_fails_alone() {
    let room = Harness::new().await;
    let endpoint = endpoint("http://a/");
    let process = |number| if number == 17 { "x".repeat(500 << 10) } else { "p".to_owned() };
    let events: Vec<_> = (0..40).map(|number| event(number, process(number))).collect();
    let write = |event| {
        let (status, attempts) = (Status::Pending, Attempts::default());
        let delivery = Delivery { event, endpoint: &endpoint, status, attempts, give_up_reason: None };
        DeliveryWrite { delivery, storage: StorageState::Pending(Turn::Next), was: None }
    };
    let writes: Vec<_> = events.iter().map(write).collect();
    let written = room.fanout.deliveries.write(&writes, Timestamp::now(), Instant::now() + PLENTY).await;
    let failed: Vec<_> = (0..40).filter(|number| written[*number].is_err()).collect();
    assert_eq!(failed, [17]);
    assert!(matches!(written[17], Err(StoreError::Invalid { .. })), "{:?}", written[17]);
    assert_eq!(room.items().await.len(), 39);
}
