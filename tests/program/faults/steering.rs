//! Operations of administrators and developers on an endpoint with a large backlog: pause, resume, replay, remove.

use std::time::Duration;

use history::record::Action;
use reqwest::Method;
use serde_json::json;
use tokio::time::sleep;

use crate::engine::{Engine, on_both_engines};
use crate::faults::{Account, check_order, until_stored, until_taken, write};
use crate::receiver::{Behaviour, QUIET, Receiver};
use crate::system::System;

on_both_engines!(
    what_comes_during_a_pause_waits_and_is_sent_in_order_when_it_ends,
    what_waits_for_a_url_that_is_removed_is_not_sent_and_says_why,
);

async fn what_comes_during_a_pause_waits_and_is_sent_in_order_when_it_ends(engine: Engine) {
    let instances = if engine == Engine::Embedded { 200 } else { 50 };
    let receiver = Receiver::healthy().await;
    let url = receiver.url("/");
    let system = System::start(engine).await;
    system.call_back("default", std::slice::from_ref(&url)).await;
    let path = system.endpoint_path(&url).await;
    let pause = json!({"paused": true});
    let (status, body) = system.operate(Action::Pause, &url, Method::PATCH, &path, Some(&pause)).await;
    assert_eq!((status, &body["settings"]["paused"]), (200, &json!(true)), "{body}");

    let written = write(&system.writer(), instances, 5).await;
    until_stored(&system, &url, "pending", written.len()).await;
    sleep(Duration::from_secs(6)).await; // a sweep finds nothing to do
    assert_eq!(receiver.look(|log| log.connections), 0, "nothing is sent during the pause");
    let paused = system.endpoint(&url).await;
    assert_eq!(paused["backlog"]["pending"], written.len(), "{paused}");

    let resume = json!({"paused": false});
    let (status, body) = system.operate(Action::Resume, &url, Method::PATCH, &path, Some(&resume)).await;
    assert_eq!(status, 200, "{body}");
    until_taken(&receiver, written.len()).await;
    system.until_endpoint(&url, |endpoint| endpoint["backlog"]["pending"] == 0).await;
    let account = Account::of(&written, &receiver, &system, &url).await;
    account.report(&format!("endpoint is paused ({engine:?})"), &system);
    assert_eq!((account.delivered, account.pending, account.lost, account.duplicates), (written.len(), 0, 0, 0));
    check_order(&receiver);
    system.check_history(&[(&receiver, &url)]).await;
}

async fn what_waits_for_a_url_that_is_removed_is_not_sent_and_says_why(engine: Engine) {
    let (removed, kept) = (Receiver::new(Behaviour::Close).await, Receiver::healthy().await);
    let (url, kept_url) = (removed.url("/"), kept.url("/"));
    let system = System::start(engine).await;
    system.call_back("default", &[url.clone(), kept_url.clone()]).await;
    let written = write(&system.writer(), 50, 2).await;
    until_stored(&system, &url, "pending", written.len()).await;
    let attempts = removed.look(|log| log.requests.len());

    removed.turn(Behaviour::ok());
    system.call_back("default", std::slice::from_ref(&kept_url)).await;
    until_stored(&system, &url, "failed", written.len()).await;
    until_stored(&system, &url, "pending", 0).await; // a row is listed as failed before its pending one is removed

    until_taken(&kept, written.len()).await;
    sleep(QUIET).await;
    assert_eq!(removed.look(|log| log.requests.len()), attempts, "nothing more is sent");
    let account = Account::of(&written, &removed, &system, &url).await;
    account.report(&format!("URL with a backlog is removed ({engine:?})"), &system);
    assert_eq!((account.delivered, account.pending, account.failed, account.lost), (0, 0, written.len(), 0));
    let failed = system.logged("status=failed").await;
    assert_eq!(failed.len(), written.len());
    for delivery in failed {
        assert_eq!(
            (&delivery["url"], &delivery["giveUpReason"]),
            (&json!(url), &json!("no-longer-configured")),
            "{delivery}"
        );
    }
    system.check_history(&[(&removed, &url), (&kept, &kept_url)]).await;
}

#[tokio::test]
async fn what_was_given_up_is_all_there_after_a_bulk_replay() {
    let receiver = Receiver::new(Behaviour::status(410)).await;
    let url = receiver.url("/");
    let system = System::start(Engine::Embedded).await;
    system.call_back("default", std::slice::from_ref(&url)).await;
    let written = write(&system.writer(), 100, 5).await;
    until_stored(&system, &url, "failed", written.len()).await;
    system.until_endpoint(&url, |endpoint| endpoint["backlog"]["pending"] == 0).await;

    receiver.turn(Behaviour::ok());
    let path = system.endpoint_path(&url).await;
    let (status, body) = system.operate(Action::Resume, &url, Method::POST, &format!("{path}/resume"), None).await;
    assert_eq!(status, 202, "{body}");
    let replay = |dry_run: bool| json!({"status": "failed", "dryRun": dry_run});
    let (status, body) = system.call(Method::POST, "/deliveries/replay", Some(&replay(true))).await;
    let none = json!({"endpointDisabled": 0, "noLongerConfigured": 0, "changed": 0});
    let all = written.len();
    let counts = json!({"matched": all, "replayable": all, "skipped": 0, "skippedByReason": none, "truncated": false});
    assert_eq!((status, body), (200, counts));
    sleep(QUIET).await;
    assert_eq!(
        receiver.look(|log| log.requests.iter().filter(|it| it.is_acknowledged()).count()),
        0,
        "it was only counted"
    );

    // One call runs for 20 seconds at the most; on a busy machine the next one continues it.
    let mut replayed = 0;
    loop {
        let replay = replay(false);
        let (status, body) =
            system.operate(Action::Replay, &url, Method::POST, "/deliveries/replay", Some(&replay)).await;
        assert_eq!((status, &body["skipped"]), (202, &json!(0)), "{body}");
        assert!(body["replayed"].as_u64() > Some(0), "{body}");
        replayed += body["replayed"].as_u64().unwrap_or_default();
        if body["truncated"] == false {
            break;
        }
    }
    assert_eq!(replayed, written.len() as u64);
    until_taken(&receiver, written.len()).await;
    system.until_endpoint(&url, |endpoint| endpoint["backlog"]["pending"] == 0).await;
    let account = Account::of(&written, &receiver, &system, &url).await;
    account.report("endpoint answers 410, then all is replayed", &system);
    assert_eq!((account.delivered, account.pending, account.lost, account.duplicates), (written.len(), 0, 0, 0));
    assert_eq!(account.failed, 0);
    check_order(&receiver);
    let (_, body) = system.call(Method::POST, "/deliveries/replay", Some(&replay(true))).await;
    assert_eq!(body["matched"], 0, "{body}");
    system.check_history(&[(&receiver, &url)]).await;
}
