//! Replays of all deliveries that match a filter.

use super::*;

async fn bulk(api: &Router, body: &str) -> String {
    post(api, &format!("{ALL}/replay"), body.to_owned()).await
}

#[tokio::test]
async fn a_bulk_replay_takes_what_matches_and_can_be_sent_and_counts_the_rest() {
    let (api, state, mut sent) = set_up().await;
    for n in 0..12 {
        let url = if n % 2 == 0 { A } else { B };
        keep(&state, &event(n, EventType::Created, "i"), url, StorageState::Completed, Status::Failed).await;
    }
    keep(&state, &event(12, EventType::Updated, "i"), A, StorageState::Completed, Status::Failed).await;
    keep(&state, &event(13, EventType::Created, "i"), A, StorageState::Completed, Status::Delivered).await;
    keep(&state, &event(14, EventType::Created, "i"), A, StorageState::Pending(Turn::Next), Status::Pending).await;
    disable(&state, B).await;
    let filter = r#"{"eventType": "created", "instanceID": "i", "dryRun": true}"#;
    insta::assert_snapshot!(bulk(&api, filter).await, @r#"
    200 OK
    content-type: application/json
    {
      "matched": 13,
      "replayable": 7,
      "skipped": 6,
      "skippedByReason": {
        "changed": 0,
        "endpointDisabled": 6,
        "noLongerConfigured": 0
      },
      "truncated": false
    }
    "#);
    assert_eq!(statuses(&api).await, [1, 1, 13], "a dry run changes nothing");
    assert_eq!(woken(&mut sent), []);
    insta::assert_snapshot!(bulk(&api, &filter.replace("true", "false")).await, @r#"
    202 Accepted
    content-type: application/json
    {
      "matched": 13,
      "replayed": 7,
      "skipped": 6,
      "skippedByReason": {
        "changed": 0,
        "endpointDisabled": 6,
        "noLongerConfigured": 0
      },
      "truncated": false
    }
    "#);
    assert_eq!(statuses(&api).await, [8, 0, 7]);
    assert_eq!(woken(&mut sent), [(id(A), 0)]);
}

#[tokio::test]
async fn a_bulk_replay_that_reaches_its_limit_takes_the_newest_and_says_so() {
    let (api, state, _sent) = set_up().await;
    for n in 0..30 {
        keep(&state, &event(n, EventType::Created, &format!("i-{n}")), A, StorageState::Completed, Status::Failed)
            .await;
    }
    insta::assert_snapshot!(bulk(&api, r#"{"status": "failed", "limit": 10}"#).await, @r#"
    202 Accepted
    content-type: application/json
    {
      "matched": 10,
      "replayed": 10,
      "skipped": 0,
      "skippedByReason": {
        "changed": 0,
        "endpointDisabled": 0,
        "noLongerConfigured": 0
      },
      "truncated": true
    }
    "#);
    let pending = json(&api, &format!("{ALL}?status=pending")).await;
    let newest = pending["deliveries"].as_array().unwrap().iter().all(|it| it["changedAt"] == at(2).to_string());
    assert!(newest, "{pending}");
    insta::assert_snapshot!(bulk(&api, r#"{"status": "failed", "limit": 20}"#).await, @r#"
    202 Accepted
    content-type: application/json
    {
      "matched": 20,
      "replayed": 20,
      "skipped": 0,
      "skippedByReason": {
        "changed": 0,
        "endpointDisabled": 0,
        "noLongerConfigured": 0
      },
      "truncated": false
    }
    "#);
}

#[tokio::test]
async fn a_bulk_replay_without_a_filter_is_refused() {
    let (api, state, _sent) = set_up().await;
    keep(&state, &event(0, EventType::Created, "i"), A, StorageState::Completed, Status::Failed).await;
    insta::assert_snapshot!(bulk(&api, "{}").await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "nothing was replayed: without a filter that would be the whole log; name at least one of status, eventType, endpointID, instanceID, processName, eventID, reason, statusCode, search, since and until",
      "status": 422,
      "title": "Empty filter",
      "type": "urn:instance-webhooks:problem:empty-filter"
    }
    "#);
    assert!(bulk(&api, r#"{"limit": 5, "dryRun": true, "status": null}"#).await.starts_with("422"));
    assert_eq!(statuses(&api).await, [0, 0, 1]);
}

#[tokio::test]
async fn a_bulk_replay_with_a_wrong_status_or_field_is_refused() {
    let (api, state, _sent) = set_up().await;
    keep(&state, &event(0, EventType::Created, "i"), A, StorageState::Completed, Status::Failed).await;
    insta::assert_snapshot!(bulk(&api, r#"{"status": "pending"}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in status: a pending delivery is still to be sent, so there is nothing to replay; choose delivered, failed or superseded, or leave it out for all",
      "field": "status",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(bulk(&api, r#"{"status": "lost"}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in status: unknown variant `lost`, expected one of `pending`, `delivered`, `failed`, `superseded` at line 1 column 17",
      "field": "status",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(bulk(&api, r#"{"instanceId": "i"}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in instanceId: unknown field `instanceId`, expected one of `status`, `eventType`, `endpointID`, `instanceID`, `processName`, `eventID`, `reason`, `statusCode`, `search`, `since`, `until`, `to`, `dryRun`, `limit` at line 1 column 13",
      "field": "instanceId",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    assert_eq!(statuses(&api).await, [0, 0, 1]);
}

#[tokio::test]
async fn a_bulk_replay_with_a_value_that_cannot_be_is_refused() {
    let (api, state, _sent) = set_up().await;
    keep(&state, &event(0, EventType::Created, "i"), A, StorageState::Completed, Status::Failed).await;
    insta::assert_snapshot!(bulk(&api, r#"{"endpointID": "abc"}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in endpointID: an endpoint id has 32 hexadecimal digits, in lower case at line 1 column 20",
      "field": "endpointID",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(bulk(&api, r#"{"since": "yesterday"}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in since: invalid value: string \"yesterday\", expected a time such as 2026-01-31T12:00:00Z or 2026-01-31T13:00:00+01:00 (RFC 3339; in a query, + is written %2B) at line 1 column 22",
      "field": "since",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(bulk(&api, r#"{"instanceID": "i", "limit": 10001}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in limit: invalid value: integer `10001`, expected a number from 1 to 10000 at line 1 column 34",
      "field": "limit",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    assert_eq!(statuses(&api).await, [0, 0, 1]);
}

const QUIET: Duration = Duration::from_millis(300);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missed_deliveries_are_replayed_in_order_with_their_ids() {
    let mut room = Harness::new().await;
    let (mut state, _) = state(&room.client);
    state.wake_ups = room.retry.wake_ups.clone();
    let api = crate::router(state);
    let receiver = Receiver::new(Behaviour::status(410)).await;
    configure(&api, &[&receiver.url("/")]).await;
    let records: Vec<_> = (0..300).map(|n| room.record("MODIFY", &format!("i-{}", n % 40), "default")).collect();
    for batch in records.chunks(100) {
        assert_eq!(room.batch(batch, Duration::from_secs(20)).await, Vec::<String>::new());
    }
    room.run_wake_ups(QUIET).await;
    assert_eq!(statuses(&api).await, [0, 0, 300], "the endpoint is gone");
    receiver.decides(|_| Behaviour::status(200));
    receiver.forget();
    let filter = format!(r#"{{"endpointID": "{}"}}"#, id(&receiver.url("/")));
    assert!(bulk(&api, &filter).await.contains("\"skipped\": 300"), "it has to be resumed first");
    call(&api, &format!("POST /v1/workspaces/default/endpoints/{}/resume", id(&receiver.url("/")))).await;
    // A drain runs all the time.
    let replayed = AtomicBool::new(false);
    let drains = async {
        while !replayed.load(Ordering::SeqCst) {
            room.wake(&receiver.url("/")).await;
        }
    };
    let replays = async {
        let answer = bulk(&api, &filter).await;
        replayed.store(true, Ordering::SeqCst);
        answer
    };
    let (answer, ()) = tokio::join!(replays, drains);
    insta::assert_snapshot!(answer, @r#"
    202 Accepted
    content-type: application/json
    {
      "matched": 300,
      "replayed": 300,
      "skipped": 0,
      "skippedByReason": {
        "changed": 0,
        "endpointDisabled": 0,
        "noLongerConfigured": 0
      },
      "truncated": false
    }
    "#);
    room.run_wake_ups(QUIET).await;
    assert_eq!(statuses(&api).await, [0, 300, 0]);
    let twice: Vec<_> = receiver.requests().iter().map(|request| request.id().to_owned()).collect();
    let twice: Vec<_> = twice.iter().filter(|id| twice.iter().filter(|other| other == id).count() > 1).collect();
    assert_eq!(receiver.count(), 300, "{twice:?} of {:#?}", room.items().await);
    for (instance, order) in by_instance(&receiver.targets()) {
        assert!(order.is_sorted(), "{instance}: {order:?}");
    }
    assert!(receiver.attempts().contains(&2), "the attempts go on counting");
}
