//! The backlog of a URL that another one replaces.

use super::*;

#[tokio::test]
async fn a_replacement_takes_backlog_settings_and_secret_along_in_order() {
    let (mut room, api, old, new) = with_a_backlog().await;
    let secret = room.secrets(&old.url("/")).await;
    let (status, body) = configure(&api, &[&new.url("/")], &[(&new.url("/"), &old.url("/"))]).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let later = three_changes_each(&mut room, &["default"]);
    assert!(room.batch(&later, PLENTY).await.is_empty());
    assert_eq!(new.count(), 0, "later events queue behind what is pending for the old URL");
    room.run_wake_ups(QUIET).await;
    heard_in_order(&new, 6);
    assert_eq!(old.count(), 0, "{:?}", old.targets());
    let secrets = room.secrets(&new.url("/")).await;
    for request in new.requests() {
        let signature = secrets.sign(request.id(), request.signed_at(), request.target());
        assert_eq!((&secrets.current, signature), (&secret.current, request.header("webhook-signature").to_owned()));
    }
    let record = room.endpoint(&new.url("/")).await;
    assert_eq!(
        (record.settings.max_per_second, record.health, record.has_queued()),
        (Some(500), Health::default(), false)
    );
    a_minute_later(&room, &old).await;
    assert_eq!((records(&room).await, room.statuses().await), (1, HashMap::from([("delivered".to_owned(), 18)])));
    let (_, page) = call(&api, "GET", "/v1/workspaces/default/audit", None).await;
    assert!(page.to_string().contains("replaces"), "{page}");
}

#[tokio::test]
async fn a_replacement_takes_name_description_and_contact_along() {
    let (room, api, old, new) = with_a_backlog().await;
    let of = |receiver: &Receiver| format!("{ENDPOINTS}/{}", endpoint(&receiver.url("/")).id);
    let texts = json!({"name": "Orders", "description": "Books orders", "contact": "orders@my-service.com"});
    let (status, body) = call(&api, "PATCH", &of(&old), Some(texts.clone())).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let (status, body) = configure(&api, &[&new.url("/")], &[(&new.url("/"), &old.url("/"))]).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    room.wake(&new.url("/")).await;
    let (status, body) = call(&api, "GET", &of(&new), None).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let settings = &body["settings"];
    let kept =
        json!({"name": settings["name"], "description": settings["description"], "contact": settings["contact"]});
    assert_eq!(kept, texts, "{body}");
}

#[tokio::test]
async fn what_waits_for_its_own_retry_is_sent_to_the_replacing_url_at_once() {
    let (room, api, old, new) = with_a_backlog().await;
    let (old_endpoint, in_an_hour) = (endpoint(&old.url("/")), Timestamp::now() + Duration::from_secs(3600));
    room.append(&old_endpoint, &Hold::Everything, &(0..16).collect()).await;
    room.put(&event(97, "000097".to_owned()), &old_endpoint, StorageState::Pending(Turn::At(in_an_hour))).await;
    room.put(&event(98, "000098".to_owned()), &old_endpoint, StorageState::Deferred(in_an_hour)).await;
    let (status, body) = configure(&api, &[&new.url("/")], &[(&new.url("/"), &old.url("/"))]).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    room.wake(&new.url("/")).await;
    assert_eq!((new.count(), old.count()), (11, 0), "{:?}", room.statuses().await);
}

#[tokio::test]
async fn a_move_renews_the_leases_of_both_endpoints() {
    let (mut room, api, old, new) = with_a_backlog().await;
    let old_endpoint = endpoint(&old.url("/"));
    for number in 0..100 {
        room.put(&event(number, number.to_string()), &old_endpoint, StorageState::Pending(Turn::Next)).await;
    }
    assert_eq!(configure(&api, &[&new.url("/")], &[(&new.url("/"), &old.url("/"))]).await.0, StatusCode::OK);
    let world = Advanceable::new();
    room.retry.world = Arc::new(world);
    room.retry.settings.page_of_move = 1;
    let wake_up = room.due(&endpoint(&new.url("/")).id).await;
    let moves = room.retry.wake(&wake_up, Instant::now() + Duration::from_secs(100));
    let ends = async || {
        let of_old = room.lease_of(&old.url("/")).await?.1;
        Some([of_old, room.lease_of(&new.url("/")).await?.1])
    };
    let meanwhile = async {
        let before = loop {
            if let Some(ends) = ends().await {
                break ends;
            }
        };
        advance(Duration::from_secs(6)).await;
        let now = world.now();
        while ends().await.expect("the move goes on").iter().min() <= before.iter().max() {}
        let left = ends().await.expect("the move goes on").map(|until| until.duration_since(now));
        assert!(left.iter().all(|left| left.as_secs() >= 24), "{left:?}");
    };
    tokio::select! {
        ended = moves => panic!("it ended: {ended:?}"),
        () = meanwhile => {}
    }
    assert_eq!(new.count(), 0, "the move comes first");
}

#[tokio::test]
async fn an_interrupted_move_goes_on_and_late_deliveries_follow() {
    let (mut room, api, old, new) = with_a_backlog().await;
    assert_eq!(configure(&api, &[&new.url("/")], &[(&new.url("/"), &old.url("/"))]).await.0, StatusCode::OK);
    let proxy = FaultProxy::start(&room.address).await;
    let deliveries = room.retry.deliveries.clone();
    room.retry.deliveries = DeliveriesStore::new(proxy.client(), "Deliveries");
    proxy.inject("BatchWriteItem", Fault::InternalError);
    let wake_up = room.due(&endpoint(&new.url("/")).id).await;
    assert!(room.retry.wake(&wake_up, Instant::now() + PLENTY).await.is_err());
    assert_eq!((room.statuses().await["pending"], new.count()), (9, 0));
    room.retry.deliveries = deliveries;
    // The interrupted drain has left its lease of the old endpoint to end by itself.
    edit(
        &room,
        "default",
        &format!("endpoint#{}", endpoint(&old.url("/")).id),
        &[("leaseUntil", AttributeValue::N("1".into()))],
    )
    .await;
    room.wake(&new.url("/")).await;
    heard_in_order(&new, 3);
    // Without a rate, events are sent by their batch if nothing waits.
    let path = format!("{ENDPOINTS}/{}", endpoint(&new.url("/")).id);
    assert_eq!(call(&api, "PATCH", &path, Some(json!({"maxPerSecond": null}))).await.0, StatusCode::OK);
    room.run_wake_ups(QUIET).await;

    // A batch that read the callbacks before the change keeps something for the old URL.
    let old_endpoint = endpoint(&old.url("/"));
    let late = event(99, "000099".to_owned());
    room.append(&old_endpoint, &Hold::Everything, &(0..16).collect()).await;
    room.put_pending(&late, &old_endpoint, Turn::Next).await;
    let later = three_changes_each(&mut room, &["default"]);
    assert!(room.batch(&later, PLENTY).await.is_empty());
    assert_eq!(new.count(), 9, "later events queue behind what came late for the old URL");
    room.wake(&old.url("/")).await;
    room.run_wake_ups(QUIET).await;
    a_minute_later(&room, &old).await;
    assert_eq!((new.count(), old.count(), records(&room).await), (19, 0, 1));
}

/// A batch counts what it keeps for a URL, dies, and its rows are there once that has been emptied for the URL that replaces it.
#[tokio::test]
async fn what_a_dead_batch_has_left_for_a_replaced_url_follows() {
    let mut room = Harness::new().await;
    let (old, new) = (Receiver::healthy().await, Receiver::healthy().await);
    let api = api(&room);
    configure(&api, &[&old.url("/")], &[]).await;
    let (late, old_endpoint) = (event(7, "000007".to_owned()), endpoint(&old.url("/")));
    let (hold, partitions) = (&Hold::Everything, &(0..16).collect());
    let append = Append::begins(hold, partitions, Timestamp::now());
    room.retry.endpoints.append(&workspace_id("default"), &old_endpoint, append).await.unwrap();
    configure(&api, &[&new.url("/")], &[(&new.url("/"), &old.url("/"))]).await;
    room.run_wake_ups(QUIET).await;
    let record = room.endpoint(&old.url("/")).await;
    assert!(!record.has_pending() && record.wake_at == record.appending_until, "{record:?}");

    room.put_pending(&late, &old_endpoint, Turn::Next).await;
    let later = record.appending_until.unwrap() + Duration::from_secs(60);
    room.retry.world = Arc::new(At(later));
    assert_eq!(room.retry.sweep(later).await.unwrap(), 2, "each is looked at once more");
    room.run_wake_ups(QUIET).await;
    assert_eq!((old.count(), new.count(), room.statuses().await["delivered"]), (0, 1, 1));
}

#[tokio::test]
async fn a_replacement_that_cannot_be_is_rejected_whole() {
    let (room, api, old, new) = with_a_backlog().await;
    for (urls, pair) in [
        (vec![new.url("/")], (new.url("/"), "http://never/".to_owned())),
        (vec![new.url("/"), old.url("/")], (new.url("/"), old.url("/"))),
        (vec![new.url("/")], ("http://unlisted/".to_owned(), old.url("/"))),
        (vec![new.url("/")], ("no url".to_owned(), old.url("/"))),
    ] {
        let urls: Vec<_> = urls.iter().map(String::as_str).collect();
        let (status, body) = configure(&api, &urls, &[(&pair.0, &pair.1)]).await;
        assert_eq!((status, &body["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("replaces")), "{body}");
        assert!(body["detail"].as_str().unwrap().starts_with("nothing was changed"), "{body}");
    }
    let (_, callbacks) = call(&api, "GET", CALLBACKS, None).await;
    assert_eq!((&callbacks["version"], &callbacks["created"]["urls"]), (&json!(1), &json!([old.url("/")])));
    assert_eq!(room.statuses().await["pending"], 9);
}
