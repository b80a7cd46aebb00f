//! What is pending for an endpoint when it is paused, removed or turned off.

use super::*;

/// Returns an API and a retry engine on one table, and a receiver that is configured for every event type.
async fn with_engine() -> (axum::Router, Harness, Receiver) {
    let room = Harness::new().await;
    let (mut state, _) = state(&room.client);
    state.wake_ups = room.retry.wake_ups.clone();
    let receiver = Receiver::healthy().await;
    let api = crate::router(state);
    configure(&api, &[&receiver.url("/")]).await;
    (api, room, receiver)
}

const QUIET: Duration = Duration::from_millis(300);

#[tokio::test]
async fn what_came_during_a_pause_is_delivered_when_it_ends() {
    let (api, mut room, receiver) = with_engine().await;
    patch(&api, &receiver.url("/"), r#"{"paused": true}"#).await;
    let records = room.inserts(5);
    assert_eq!(room.batch(&records, Duration::from_secs(20)).await, Vec::<String>::new());
    room.run_wake_ups(QUIET).await;
    assert_eq!(json(&api, &of(&receiver.url("/"))).await["backlog"]["pending"], 5);
    assert_eq!(receiver.count(), 0);
    patch(&api, &receiver.url("/"), r#"{"paused": false}"#).await;
    room.run_wake_ups(QUIET).await;
    assert_eq!(receiver.count(), 5);
    assert_eq!(json(&api, &of(&receiver.url("/"))).await["backlog"]["pending"], 0);
}

#[tokio::test]
async fn pending_deliveries_of_a_removed_url_fail_with_that_reason() {
    for change in ["PUT", "PUT one", "DELETE", "DELETE one"] {
        let (api, mut room, receiver) = with_engine().await;
        receiver.decides(|_| Behaviour::Close);
        let records = room.inserts(3);
        room.batch(&records, Duration::from_secs(20)).await;
        while room.sent.try_recv().is_ok() {}
        let all = "/v1/workspaces/default/callbacks";
        let answer = match change {
            "PUT" => put(&api, all, "{}").await,
            "PUT one" => {
                let off = serde_json::json!({"enabled": false, "urls": [receiver.url("/")]});
                put(&api, &format!("{all}/created"), off.to_string()).await
            }
            "DELETE" => call(&api, &format!("DELETE {all}")).await,
            _ => call(&api, &format!("DELETE {all}/created")).await,
        };
        assert!(answer.starts_with("20"), "{change}: {answer}");
        room.run_wake_ups(QUIET).await;
        let deliveries = json(&api, "/v1/workspaces/default/deliveries").await["deliveries"].clone();
        let ends: Vec<_> = deliveries
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (it["status"].as_str(), it["giveUpReason"].as_str()))
            .collect();
        assert_eq!(ends, [(Some("failed"), Some("no-longer-configured")); 3], "{change}");
    }
}

#[tokio::test]
async fn only_removed_endpoints_with_a_backlog_are_woken() {
    let (state, mut sent) = state(&support::engine().await);
    let api = crate::router(state.clone());
    configure(&api, &[A, B]).await;
    put(
        &api,
        "/v1/workspaces/default/callbacks/created",
        serde_json::json!({"enabled": true, "urls": [B]}).to_string(),
    )
    .await;
    assert_eq!(woken(&mut sent), [], "nothing waits");

    configure(&api, &[A, B]).await;
    for url in [A, B] {
        append(&state, &endpoint(url)).await;
    }
    put(
        &api,
        "/v1/workspaces/default/callbacks/updated",
        serde_json::json!({"enabled": true, "urls": [B]}).to_string(),
    )
    .await;
    assert_eq!(woken(&mut sent), [(id(A), 0)]);
    let overdue = state.endpoints.overdue(now(), 10).await.unwrap();
    assert_eq!(overdue, [(workspace(), endpoint(A).id)], "should the wake-up be lost, the sweep knows");
}
