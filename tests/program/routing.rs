//! The routing of events to URLs.

use serde_json::json;

use crate::engine::{Engine, Ministack, on_both_engines};
use crate::receiver::Receiver;
use crate::system::System;

on_both_engines!(
    each_event_type_reaches_its_own_urls_and_no_other,
    every_url_of_an_event_type_is_called_once,
    what_is_disabled_stays_silent,
    an_instance_without_workspace_belongs_to_default,
    a_workspace_hears_of_its_own_instances_only,
    a_record_without_process_name_does_not_stop_those_beside_it,
    the_attribute_names_can_be_those_of_an_existing_platform,
    a_change_of_callbacks_holds_from_the_next_event_on,
);

async fn each_event_type_reaches_its_own_urls_and_no_other(engine: Engine) {
    let (created, updated, deleted) = (Receiver::healthy().await, Receiver::healthy().await, Receiver::healthy().await);
    let system = System::start(engine).await;
    system.set_callbacks("default", &[created.url("/c")], &[updated.url("/u")], &[deleted.url("/d")]).await;

    let writer = system.writer();
    writer.put("i-1", "Order").await;
    writer.put("i-1", "Order, checked").await;
    writer.delete("i-1").await;

    let deleted = deleted.exactly(1).await;
    let created = created.exactly(1).await;
    let updated = updated.exactly(1).await;
    assert_eq!(created[0].target(), "/c?instanceID=i-1&processName=Order&eventType=created");
    assert_eq!(updated[0].target(), "/u?instanceID=i-1&processName=Order%2C%20checked&eventType=updated");
    assert_eq!(deleted[0].target(), "/d?instanceID=i-1&processName=Order%2C%20checked&eventType=deleted");
}

async fn every_url_of_an_event_type_is_called_once(engine: Engine) {
    let (one, other) = (Receiver::healthy().await, Receiver::healthy().await);
    let system = System::start(engine).await;
    // two paths of one host are two URLs
    system.set_callbacks("default", &[one.url("/a"), other.url("/b"), one.url("/c")], &[], &[]).await;

    system.writer().put("i-1", "Order").await;

    let mut paths: Vec<_> = one.exactly(2).await.iter().map(|request| request.target()[..2].to_owned()).collect();
    paths.sort();
    assert_eq!(paths, ["/a", "/c"]);
    assert_eq!(&other.exactly(1).await[0].target()[..2], "/b");
}

async fn what_is_disabled_stays_silent(engine: Engine) {
    let (receiver, silent) = (Receiver::healthy().await, Receiver::healthy().await);
    let system = System::start(engine).await;
    let body = json!({
        "created": {"enabled": false, "urls": [silent.url("/created")]},
        "updated": {"enabled": true, "urls": []},
        "deleted": {"enabled": true, "urls": [receiver.url("/deleted")]},
    });
    system.put_callbacks("default", &body).await;

    let writer = system.writer();
    writer.put("i-1", "Order").await;
    writer.put("i-1", "Order 2").await;
    writer.delete("i-1").await;

    // The last event arrives, so that the first has been decided.
    assert_eq!(receiver.exactly(1).await[0].event_type(), "deleted");
    assert_eq!(silent.log().connections, 0);
    assert_eq!(system.pending(&silent.url("/created")).await.len(), 0);
}

async fn an_instance_without_workspace_belongs_to_default(engine: Engine) {
    let (default, sales) = (Receiver::healthy().await, Receiver::healthy().await);
    let system = System::start(engine).await;
    system.call_back("default", &[default.url("/")]).await;
    system.call_back("sales", &[sales.url("/")]).await;

    let writer = system.writer();
    writer.put("i-1", "Order").await;
    writer.put_in("default", "i-2", "Order").await;
    writer.put_in("sales", "i-3", "Order").await;

    assert_eq!(sales.exactly(1).await[0].instance(), "i-3");
    let mut instances: Vec<_> = default.exactly(2).await.iter().map(|request| request.instance()).collect();
    instances.sort();
    assert_eq!(instances, ["i-1", "i-2"]);
}

async fn a_workspace_hears_of_its_own_instances_only(engine: Engine) {
    let receiver = Receiver::healthy().await;
    let system = System::start(engine).await;
    // one URL, used by two workspaces, and a third workspace without settings
    system.call_back("sales", &[receiver.url("/sales")]).await;
    system.call_back("support", &[receiver.url("/support")]).await;

    let writer = system.writer();
    writer.put_in("unconfigured", "i-0", "Order").await;
    writer.put_in("sales", "i-1", "Order").await;
    writer.put_in("Sales", "i-2", "Order").await; // a workspace of its own
    writer.put_in("support", "i-3", "Order").await;

    let requests = receiver.exactly(2).await;
    let mut targets: Vec<_> = requests.iter().map(|request| request.target()).collect();
    targets.sort();
    assert_eq!(
        targets,
        [
            "/sales?instanceID=i-1&processName=Order&eventType=created",
            "/support?instanceID=i-3&processName=Order&eventType=created"
        ]
    );
}

async fn a_record_without_process_name_does_not_stop_those_beside_it(engine: Engine) {
    let receiver = Receiver::healthy().await;
    let system = System::start(engine).await;
    system.call_back("default", &[receiver.url("/")]).await;

    let writer = system.writer();
    writer.put("before", "Order").await;
    writer.put_item(&[("instanceID", "nameless"), ("anything", "else")]).await;
    writer.put("behind", "Order").await;
    // and one that gets its name later
    writer.put("nameless", "Order").await;

    let mut instances: Vec<_> =
        receiver.exactly(3).await.iter().map(|request| (request.instance(), request.event_type())).collect();
    instances.sort();
    let expected = [("before", "created"), ("behind", "created"), ("nameless", "updated")];
    assert_eq!(instances, expected.map(|(instance, event)| (instance.to_owned(), event.to_owned())));
    let log = system.program.log();
    let complaint = log.lines().find(|line| line.contains("processName"));
    assert!(complaint.is_some(), "the log names the missing attribute: {log}");
}

async fn the_attribute_names_can_be_those_of_an_existing_platform(engine: Engine) {
    let receiver = Receiver::healthy().await;
    let ministack = match engine {
        Engine::Embedded => None,
        Engine::Ministack => Some(Ministack::start().await),
    };
    let settings = [
        ("INSTANCES_TABLE", "Cases"),
        ("INSTANCE_ID_ATTRIBUTE", "id"),
        ("PROCESS_NAME_ATTRIBUTE", "name"),
        ("WORKSPACE_ID_ATTRIBUTE", "tenant"),
    ];
    let system = System::start_on(ministack, &settings).await;
    system.call_back("sales", &[receiver.url("/")]).await;

    let writer = system.writer_to("Cases");
    writer.put_item(&[("id", "i-1"), ("name", "Order"), ("tenant", "sales"), ("processName", "not this")]).await;

    let requests = receiver.exactly(1).await;
    assert_eq!(requests[0].target(), "/?instanceID=i-1&processName=Order&eventType=created");
}

async fn a_change_of_callbacks_holds_from_the_next_event_on(engine: Engine) {
    let (first, second) = (Receiver::healthy().await, Receiver::healthy().await);
    let system = System::start(engine).await;
    let writer = system.writer();
    system.call_back("default", &[first.url("/")]).await;
    writer.put("i-1", "Order").await;
    first.arrived(1).await;

    system.call_back("default", &[second.url("/")]).await;
    writer.put("i-2", "Order").await;
    assert_eq!(second.arrived(1).await[0].instance(), "i-2");

    system.call_back("default", &[]).await;
    writer.put("i-3", "Order").await;
    second.exactly(1).await;
    first.exactly(1).await;
}

#[tokio::test]
async fn expiry_counts_as_deleted() {
    let receiver = Receiver::healthy().await;
    let system = System::start(Engine::Embedded).await;
    system.set_callbacks("default", &[], &[], &[receiver.url("/")]).await;

    let writer = system.writer();
    writer.expire_by("gone").await;
    writer.put_expired("i-1", "Order", "gone").await;

    let requests = receiver.exactly(1).await;
    assert_eq!(requests[0].target(), "/?instanceID=i-1&processName=Order&eventType=deleted");
}

#[tokio::test]
async fn expiry_need_not_count_as_deleted() {
    let receiver = Receiver::healthy().await;
    let system = System::start_with(Engine::Embedded, &[("TTL_EXPIRY_IS_DELETED", "false")]).await;
    system.set_callbacks("default", &[], &[], &[receiver.url("/")]).await;

    let writer = system.writer();
    writer.expire_by("gone").await;
    writer.put_expired("i-1", "Order", "gone").await;
    writer.until_gone("i-1").await;
    writer.put("i-2", "Order").await;
    writer.delete("i-2").await;

    assert_eq!(receiver.exactly(1).await[0].instance(), "i-2");
}
