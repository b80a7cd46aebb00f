//! What happens while a drain is at work.

use super::*;

#[tokio::test]
async fn an_append_while_a_drain_is_finishing_is_not_left_behind() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::Close).await;
    room.configure("default", &[receiver.url("/")]).await;
    let records = room.inserts(1);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let lease = lease_of(&receiver.url("/"), "me");
    let until = Timestamp::now() + Duration::from_secs(60);
    let seen = room.retry.endpoints.lease(&lease, Timestamp::now(), until, None).await.unwrap().unwrap();
    let records = room.inserts(1);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    assert!(
        !room.retry.endpoints.finish(&lease, &BTreeSet::new(), None, &seen).await.unwrap(),
        "something came in between"
    );
    assert!(room.endpoint(&receiver.url("/")).await.has_queued());
    let seen = room.retry.endpoints.lease(&lease, Timestamp::now(), until, None).await.unwrap().unwrap();
    assert!(room.retry.endpoints.finish(&lease, &BTreeSet::new(), None, &seen).await.unwrap());
}

/// A wake-up that comes while a drain is at work finds the lease taken: the drain itself has to look once more.
#[tokio::test]
async fn a_drain_does_not_leave_an_endpoint_of_which_something_was_asked_meanwhile() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::Close).await;
    room.configure("default", &[receiver.url("/")]).await;
    let records = room.inserts(10);
    let now = Timestamp::now(); // before the next probe, however long the batch takes
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let lease = lease_of(&receiver.url("/"), "me");
    let (until, probe_at) = (now + Duration::from_secs(60), now + Duration::from_secs(3600));
    let seen = room.retry.endpoints.lease(&lease, now, until, None).await.unwrap().unwrap();
    let (workspace, caller) = (workspace_id("default"), Actor::service());
    room.retry
        .endpoints
        .resume(&workspace, &endpoint(&receiver.url("/")), Author { actor: &caller, world: &At(now) })
        .await
        .unwrap();
    assert!(!room.retry.endpoints.leave(&lease, probe_at, &seen).await.unwrap(), "it was resumed");
    let resumed = room.endpoint(&receiver.url("/")).await;
    assert!(room.retry.endpoints.leave(&lease, probe_at, &resumed).await.unwrap());
    assert_eq!(room.endpoint(&receiver.url("/")).await.wake_at.map(|at| at.as_second()), Some(probe_at.as_second()));
}

/// The wake-up for a URL that is removed while it is paused finds the lease taken, too.
#[tokio::test]
async fn a_drain_does_not_leave_a_paused_endpoint_of_which_something_was_asked_meanwhile() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    room.configure("default", &[receiver.url("/")]).await;
    room.set(&receiver.url("/"), SettingsPatch { paused: Some(true), ..SettingsPatch::default() }).await;
    let records = room.inserts(1);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let lease = lease_of(&receiver.url("/"), "me");
    let until = Timestamp::now() + Duration::from_secs(60);
    let seen = room.retry.endpoints.lease(&lease, Timestamp::now(), until, None).await.unwrap().unwrap();
    let records = room.inserts(1);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    assert!(!room.retry.endpoints.release_paused(&lease, None, &seen).await.unwrap(), "something came in between");
    assert!(room.endpoint(&receiver.url("/")).await.wake_at.is_some());
    let seen = room.endpoint(&receiver.url("/")).await;
    assert!(room.retry.endpoints.release_paused(&lease, None, &seen).await.unwrap());
    assert_eq!(room.endpoint(&receiver.url("/")).await.wake_at, None, "only the end of the pause wakes it");
}

/// It is in another place then, and a reader looks at one after the other.
#[tokio::test]
async fn a_delivery_that_completes_while_it_is_read_is_found() {
    let room = Harness::new().await;
    let (event, endpoint) = (created("i"), endpoint("http://receiver.example/"));
    room.put_pending(&event, &endpoint, Turn::Next).await;
    let proxy = FaultProxy::start(&room.address).await;
    let deliveries = DeliveriesStore::new(proxy.client(), "Deliveries");
    let (workspace, id) = (workspace_id("default"), DeliveryId::of(&event, &endpoint.id));
    proxy.inject("GetItem p#", Fault::Slow); // the look at the backlog, after that at the log
    let completes = async {
        let mut looks = 0;
        while looks < 2 {
            looks += proxy.counted().remove("GetItem").unwrap_or_default();
            tokio::task::yield_now().await;
        }
        room.complete(&event, &endpoint, Turn::Next).await;
        proxy.heal();
    };
    let (found, ()) = tokio::join!(deliveries.get(&workspace, &id), completes);
    assert_eq!(found.unwrap().expect("it was never missing").status, Status::Delivered);
}

#[tokio::test]
async fn a_table_that_fails_while_draining_loses_nothing() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::Close).await;
    room.configure("default", &[receiver.url("/")]).await;
    let records = room.inserts(50);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    receiver.turn(Behaviour::status(200));
    tokio::time::sleep(2 * STEP).await;
    let proxy = FaultProxy::start(&room.address).await;
    room.retry.deliveries = DeliveriesStore::new(proxy.client(), "Deliveries");
    proxy.inject("BatchWriteItem", Fault::InternalError);
    let wake_up = room.due(&endpoint(&receiver.url("/")).id).await;
    assert!(room.retry.wake(&wake_up, Instant::now() + PLENTY).await.is_err());
    assert_eq!(room.statuses().await["pending"], 50, "all still wait");
    proxy.heal();
    room.wake(&receiver.url("/")).await;
    room.run_wake_ups(QUIET).await;
    assert_eq!(room.statuses().await["delivered"], 50);
}

/// As a batch leaves it whose attempt has not ended.
#[tokio::test]
async fn a_drain_that_finds_a_delivery_in_flight_comes_again_when_its_claim_ends() {
    let room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    room.configure("default", &[receiver.url("/")]).await;
    let endpoint = endpoint(&receiver.url("/"));
    let event = created("i");
    let claim_ends = Timestamp::from_millisecond(Timestamp::now().as_millisecond() + 60_000).unwrap();
    let instance = InstanceKey::new("i");
    let (hold, partitions) = (Hold::Instances(BTreeSet::from([instance])), BTreeSet::from([instance.partition()]));
    room.append(&endpoint, &hold, &partitions).await;
    room.put_pending(&event, &endpoint, Turn::InFlight(claim_ends)).await;

    room.wake(&receiver.url("/")).await;
    let record = room.endpoint(&receiver.url("/")).await;
    assert_eq!((receiver.count(), record.wake_at), (0, Some(claim_ends)));
    assert_eq!(record.held, BTreeSet::from([instance]));

    // A URL that is removed meanwhile changes nothing about that.
    room.configure("default", &["https://elsewhere.example/".to_owned()]).await;
    room.wake(&receiver.url("/")).await;
    assert_eq!(
        (room.statuses().await["pending"], room.endpoint(&receiver.url("/")).await.wake_at),
        (1, Some(claim_ends))
    );
}

/// A batch counts what it is about to keep, a drain looks meanwhile, and the batch dies once its rows are there.
#[tokio::test]
async fn what_a_dead_batch_has_left_is_found_by_a_last_look() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    room.configure("default", &[receiver.url("/")]).await;
    let (event, endpoint) = (created("i"), endpoint(&receiver.url("/")));
    let instance = InstanceKey::new(&event.instance_id);
    let (hold, partitions) = (&Hold::Instances(BTreeSet::from([instance])), &BTreeSet::from([instance.partition()]));
    let append = Append::begins(hold, partitions, Timestamp::now());
    room.retry.endpoints.append(&workspace_id("default"), &endpoint, append).await.unwrap();
    room.wake(&receiver.url("/")).await;
    let record = room.endpoint(&receiver.url("/")).await;
    assert!(!record.has_queued() && record.wake_at.is_some(), "{record:?}");
    assert_eq!(record.wake_at, record.appending_until);

    room.put_pending(&event, &endpoint, Turn::Next).await;
    let later = record.appending_until.unwrap() + Duration::from_secs(60);
    let forgotten =
        async |room: &Harness| room.retry.endpoints.forget_idle(&workspace_id("default"), &endpoint.id).await.unwrap();
    assert!(!forgotten(&room).await, "if its URL is removed now, the row is still found");
    assert_eq!(room.retry.sweep(later).await.unwrap(), 1);
    room.retry.world = Arc::new(At(later));
    room.run_wake_ups(QUIET).await;
    assert_eq!((receiver.count(), room.statuses().await["delivered"]), (1, 1));
    assert_eq!(room.endpoint(&receiver.url("/")).await.wake_at, None, "nothing more can come");
    assert!(forgotten(&room).await);
}

/// A batch that had read the record of a failing endpoint has not written yet when that is well again.
#[tokio::test]
async fn a_drain_lets_nothing_go_while_there_may_be_uncounted_deliveries() {
    let mut room = Harness::new().await;
    let receiver = Receiver::healthy().await;
    let url = receiver.url("/");
    room.configure("default", std::slice::from_ref(&url)).await;
    let (now, event, endpoint) = (Timestamp::now(), created("i"), endpoint(&url));
    let until = Timestamp::from_millisecond(now.as_millisecond() + 20_000).unwrap();
    room.at(now);
    let (partitions, stage) = (BTreeSet::new(), AppendStage::Written(Some(until)));
    let append = Append { stage, ..Append::written(&Hold::Everything, &partitions) };
    room.retry.endpoints.append(&workspace_id("default"), &endpoint, append).await.unwrap();
    room.wake(&url).await;
    let record = room.endpoint(&url).await;
    assert_eq!((record.has_backlog, record.wake_at), (true, Some(until)));

    room.put_pending(&event, &endpoint, Turn::Next).await;
    let next = room.record("MODIFY", "i", "default");
    assert!(room.batch(&[next], PLENTY).await.is_empty());
    assert_eq!(receiver.count(), 0, "it queues behind the one that came late");
    room.at(until);
    room.wake(&url).await;
    assert_eq!(by_instance(&receiver.targets())["i"], ["p", "000001"]);
    assert!(!room.endpoint(&url).await.has_queued());
}

fn created(instance: &str) -> Event {
    Event {
        id: "event-1".to_owned(),
        sequence_number: "1".to_owned(),
        event_type: EventType::Created,
        workspace: workspace_id("default"),
        instance_id: instance.to_owned(),
        process_name: "p".to_owned(),
        changed_at: Timestamp::now(),
    }
}

/// The drain reads its endpoint's record every second, and finds in it what it is just writing over.
#[tokio::test]
async fn a_drain_goes_on_while_the_table_still_has_the_health_that_it_writes_over() {
    let mut room = Harness::new().await;
    let receiver = Receiver::new(Behaviour::Close).await;
    room.configure("default", &[receiver.url("/")]).await;
    let records = room.inserts(40);
    assert!(room.batch(&records, PLENTY).await.is_empty());
    let record = room.endpoint(&receiver.url("/")).await;
    assert!(matches!(record.health, Health::Failing { .. }), "{record:?}");
    receiver.reset_to(Behaviour::status(200));
    let proxy = FaultProxy::start(&room.address).await;
    room.through(proxy.client());
    proxy.inject("UpdateItem", Fault::Slow);
    room.wake(&receiver.url("/")).await;
    assert_eq!(receiver.count(), 40, "all, by one drain");
}

/// As when the program is stopped: the next one sends the rest.
#[tokio::test]
async fn a_drain_ends_when_its_sender_is_closed_and_leaves_the_rest() {
    let (room, receiver) = with_rate(1, 1_000).await;
    let wake_up = room.due(&endpoint(&receiver.url("/")).id).await;
    let hour = Instant::now() + Duration::from_secs(3_600);
    let closing = async {
        receiver.arrived(1).await;
        room.retry.sender.close();
    };
    let (woken, ()) = timeout(PATIENCE, async { tokio::join!(room.retry.wake(&wake_up, hour), closing) })
        .await
        .expect("the drain ends");
    woken.unwrap();
    let sent = receiver.count();
    assert!(sent < 1_000);
    assert_eq!(
        room.statuses().await,
        HashMap::from([("delivered".to_owned(), sent), ("pending".to_owned(), 1_000 - sent)])
    );
    let wake_at = room.endpoint(&receiver.url("/")).await.wake_at;
    assert!(wake_at.is_some_and(|at| at <= Timestamp::now()), "the next drain is due: {wake_at:?}");
}
