//! What an endpoint asks for, from the instance table to the receiver.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::json;

use crate::engine::{Engine, on_both_engines};
use crate::receiver::{Behaviour, Receiver};
use crate::system::System;

on_both_engines!(only_the_changes_that_an_endpoint_asks_for_reach_it,);

async fn only_the_changes_that_an_endpoint_asks_for_reach_it(engine: Engine) {
    let (choosy, other) = (Receiver::healthy().await, Receiver::healthy().await);
    let system = System::start(engine).await;
    let urls = [choosy.url("/"), other.url("/")];
    system.call_back("default", &urls).await;
    let asked = json!({"changed": ["status"], "where": {"status": ["Approved"]}});
    let (path, began) = (system.endpoint_path(&urls[0]).await, Timestamp::now());
    let (status, body) = system.call(Method::PATCH, &path, Some(&asked)).await;
    assert_eq!(status, 200, "{body}");
    system.recorder().subscribed(&urls[0], began, &asked);

    let writer = system.writer();
    let put = async |process: &str, status: &str, comment: &str| {
        let item = [("instanceID", "i-1"), ("processName", process), ("status", status), ("comment", comment)];
        writer.put_item(&item).await;
    };
    put("1", "Draft", "").await;
    put("2", "Approved", "").await;
    put("3", "Approved", "another").await;
    put("4", "Draft", "another").await;
    put("5", "Approved", "another").await;
    writer.delete("i-1").await;
    // What comes last has been passed on after all of the others.
    writer.put_item(&[("instanceID", "i-1"), ("processName", "7"), ("status", "Approved")]).await;

    other.exactly(7).await;
    let calls: Vec<_> = choosy.exactly(4).await.iter().map(|it| (it.process(), it.event_type())).collect();
    let named = |process: &str, event_type: &str| (process.to_owned(), event_type.to_owned());
    assert_eq!(calls, [named("2", "updated"), named("5", "updated"), named("5", "deleted"), named("7", "created")]);
    system.check_history(&[(&choosy, &urls[0]), (&other, &urls[1])]).await;
}

#[tokio::test]
async fn after_an_outage_an_endpoint_that_asks_for_the_latest_is_called_once_for_an_instance() {
    let receiver = Receiver::new(Behaviour::status(503)).await;
    let system = System::start_with(Engine::Embedded, &[("BACKOFF_STEPS_S", "1"), ("RETRY_DELAY_MS", "100")]).await;
    let url = receiver.url("/");
    system.call_back("default", std::slice::from_ref(&url)).await;
    let path = system.endpoint_path(&url).await;
    let began = Timestamp::now();
    let (status, body) = system.call(Method::PATCH, &path, Some(&json!({"onBacklog": "latest", "paused": true}))).await;
    assert_eq!(status, 200, "{body}");
    system.recorder().operated(history::record::Action::Latest, &url, began);
    let writer = system.writer();
    for change in 0..5 {
        for instance in ["a", "b", "c"] {
            writer.put(instance, &format!("{change}")).await;
        }
    }
    system.until_any_delivery(&url, |it| it.instance == "c" && it.process == "4").await;
    receiver.turn(Behaviour::ok());
    let (status, body) = system.call(Method::PATCH, &path, Some(&json!({"paused": false}))).await;
    assert_eq!(status, 200, "{body}");
    system.until_none_pending(&url).await;

    let mut calls: Vec<_> = receiver.exactly(6).await.iter().map(|it| (it.instance(), it.process())).collect();
    calls.sort();
    let both = |instance: &str| [(instance.to_owned(), "0".to_owned()), (instance.to_owned(), "4".to_owned())];
    assert_eq!(calls, ["a", "b", "c"].map(both).concat(), "the creation and the last update");
    assert_eq!(system.logged("status=superseded").await.len(), 9);
    system.check_history(&[(&receiver, &url)]).await;
}
