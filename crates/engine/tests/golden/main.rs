//! Releases side by side, as during a deployment and after one is taken back: each reads what the other has written.
//!
//! `data/golden/{version}` has what that version writes, a file for each kind of item, as DynamoDB JSON.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use webhooks_test_support as support;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;
use webhooks_engine::wake_up::WakeUp;
use webhooks_model::attempt::{Attempt, Attempts, Failure, Reason};
use webhooks_model::audit::{Action, Entry, EntryId, Filter};
use webhooks_model::audit::{Actor, Author};
use webhooks_model::callback_url::CallbackUrl;
use webhooks_model::callbacks::{Callback, Callbacks, Replaced};
use webhooks_model::delivery::{Delivery, GiveUpReason, Status};
use webhooks_model::endpoint::{Appends, DisabledReason, EndpointRecord, EndpointSettings, Health, PublishedState};
use webhooks_model::event::{Event, EventType, InstanceKey};
use webhooks_model::signing::{EndpointSecret, Retiring, SecretSource, SecretSources, WorkspaceKey, WorkspaceKeys};
use webhooks_store::{
    Append, AppendStage, AuditStore, CallbacksStore, Cursor, DeliveryWrite, Evidence, Hold, Lease, LogFilter,
    SettingsPatch, StorageState, StoredCallbacks, StoredDelivery, StoredKeys, Turn,
};

use support::harness::{At, Harness, PLENTY, QUIET, author, endpoint, text, workspace_id};
use support::harness_api::{api, call};
use support::receiver::Receiver;

mod readings;
mod scenario;

use readings::{Readings, first_difference};
use scenario::*;

/// The version that writes now.
const RELEASE: &str = env!("CARGO_PKG_VERSION");

const URL: &str = "https://receiver.example/hooks?source=golden";
const GONE: &str = "https://gone.example/";
const OLD: &str = "https://old.example/hooks";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OWN: &str = "whsec_IB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJ";
const PREVIOUS: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
const AUDIT: &str = "/v1/workspaces/default/audit";

/// The beginning of the time of the scenario, in seconds since 1970.
const BEGIN: i64 = 1_700_000_000;

/// What stands in the files where a store writes a random id or its own time.
const RANDOM: &str = "00000000000000000000000000000001";
const WRITTEN_AT: &str = "2023-11-14T22:13:20.123456789Z";

/// The files of a version, by name and without `.json`.
type Files = BTreeMap<String, Value>;
type Item = HashMap<String, AttributeValue>;

#[tokio::test]
async fn this_release_writes_what_its_files_say() {
    let written = written().await;
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        write(&written);
    }
    let files = files_of(RELEASE);
    let names: BTreeSet<_> = written.keys().chain(files.keys()).collect();
    let nothing = Value::Null;
    for name in names {
        let (is, was) = (written.get(name).unwrap_or(&nothing), files.get(name).unwrap_or(&nothing));
        assert!(
            is == was,
            "{name}.json of {RELEASE} is not what this release writes.\nIf {RELEASE} is not released yet and the change \
             is meant, write its files again: UPDATE_GOLDEN=1 cargo test --workspace --test golden this_release\nThe files of a \
             released version never change: raise the version in Cargo.toml first.\nwritten: {is:#}\nin the file: {was:#}"
        );
    }
}

#[tokio::test]
async fn what_every_release_has_written_is_read_and_delivered() {
    for version in versions() {
        let files = files_of(&version);
        let mut room = holding(&files).await;
        let readings = Readings::of(&room).await;
        readings.are_right(&version);

        let cursor = Cursor::read(files["cursors"]["log"].as_str().unwrap(), &workspace_id("default")).unwrap();
        let filter = LogFilter::default();
        let page = room
            .fanout
            .deliveries
            .log(&workspace_id("default"), &filter, Some(&cursor), 50, &mut support::plenty())
            .await
            .unwrap();
        assert_eq!(page.deliveries, readings.log[1..], "{version}");
        let next = format!("{AUDIT}?cursor={}", files["cursors"]["audit"].as_str().unwrap());
        let (status, body) = call(&api(&room), "GET", &next, None).await;
        assert_eq!((status.as_u16(), body["entries"].as_array().unwrap().len()), (200, 1), "{version}: {body}");

        Box::pin(delivers_what_is_pending(&mut room, &files["wake-up"])).await;
    }
}

#[tokio::test]
async fn what_a_later_release_may_add_is_ignored() {
    for version in versions() {
        let files = files_of(&version);
        let mut expected = Readings::of(&holding(&files).await).await;
        let later: Files = files.iter().map(|(name, value)| (name.clone(), of_a_later_release(name, value))).collect();
        let mut room = holding(&later).await;

        // What only says why or what for.
        expected.audit[0].action = Action::Other;
        expected.endpoints.get_mut(&endpoint(URL).id.to_string()).unwrap().published_state = PublishedState::default();
        let gone = expected.endpoints.get_mut(&endpoint(GONE).id.to_string()).unwrap();
        gone.health = Health::Disabled { since: at(60), reason: DisabledReason::FailingTooLong };
        for delivery in expected.log.iter_mut().chain(&mut expected.deliveries) {
            if delivery.status == Status::Failed {
                delivery.last_reason = Some(Reason::Other);
                delivery.give_up_reason = None;
                let failure = Failure { reason: Reason::Other, detail: rejected().detail };
                let attempts = delivery.attempts.kept().iter().cloned();
                let attempts = attempts.map(|it| Attempt { failure: Some(failure.clone()), ..it });
                delivery.attempts = Attempts::kept_of(attempts, delivery.attempts.count());
            }
        }
        let readings = Readings::of(&room).await;
        assert!(readings == expected, "{version}: {:?}", first_difference(&readings, &expected));
        Box::pin(delivers_what_is_pending(&mut room, &later["wake-up"])).await;
    }
}

/// Writes the files of this version, and removes those that it has no more.
fn write(files: &Files) {
    let folder = golden().join(RELEASE);
    std::fs::create_dir_all(&folder).unwrap();
    for name in files_of(RELEASE).into_keys().filter(|it| !files.contains_key(it)) {
        std::fs::remove_file(folder.join(format!("{name}.json"))).unwrap();
    }
    for (name, value) in files {
        std::fs::write(folder.join(format!("{name}.json")), format!("{value:#}\n")).unwrap();
    }
}

/// What this release writes by its stores.
async fn written() -> Files {
    let room = Harness::new().await;
    let (workspace, caller) = (workspace_id("default"), Actor::local_administrator());

    let store = CallbacksStore::new(room.client.clone(), "Webhooks");
    let replaced = vec![Replaced { from: url(OLD), to: url(URL), at: at(0) }];
    store
        .replace(&workspace, &StoredCallbacks::default(), (callbacks(), replaced), Vec::new(), author(&caller))
        .await
        .unwrap();

    let store = &room.fanout.secrets;
    let first = store.get_or_create(&workspace, author(&caller)).await.unwrap();
    store.replace(&workspace, &first, keys(), Action::SigningSecretRotated, author(&caller)).await.unwrap();

    write_endpoints(&room).await;

    let to = endpoint(URL);
    let all = deliveries();
    let writes: Vec<_> = all
        .iter()
        .map(|(event, storage, attempts, give_up_reason)| {
            let status = match (storage, give_up_reason) {
                (StorageState::Completed, None) => Status::Delivered,
                (StorageState::Completed, Some(_)) => Status::Failed,
                _ => Status::Pending,
            };
            let (attempts, give_up_reason) = (attempts.iter().cloned().collect(), *give_up_reason);
            let delivery = Delivery { event, endpoint: &to, status, attempts, give_up_reason };
            DeliveryWrite { delivery, storage: *storage, was: None }
        })
        .collect();
    for written in room.fanout.deliveries.write(&writes, at(60), Instant::now() + PLENTY).await {
        written.unwrap();
    }

    let mut files = items(&room).await;
    let wake_up = WakeUp { workspace: workspace.clone(), endpoint: to.id, at: at(0) };
    files.insert("wake-up".to_owned(), serde_json::to_value(&wake_up).unwrap());
    let room = holding(&files).await;
    let page =
        room.fanout.deliveries.log(&workspace, &LogFilter::default(), None, 1, &mut support::plenty()).await.unwrap();
    let (_, audit) = call(&api(&room), "GET", &format!("{AUDIT}?limit=1"), None).await;
    files.insert("cursors".to_owned(), json!({"log": page.next.unwrap().text(&workspace), "audit": audit["next"]}));
    files
}

/// Writes one endpoint's record that has every attribute, and one that is disabled.
async fn write_endpoints(room: &Harness) {
    let (store, workspace, caller) =
        (&room.fanout.endpoints, workspace_id("default"), Actor { id: "subject".to_owned(), name: None });
    let to = endpoint(URL);
    let is = failing();
    let partitions: BTreeSet<u8> = (0..16).filter(|it| is.appends.by_partition[usize::from(*it)] > 0).collect();
    let change = SettingsPatch {
        paused: None,
        process_names: Some(is.settings.subscription.process_names.clone()),
        changed: Some(is.settings.subscription.changed.clone()),
        conditions: Some(is.settings.subscription.conditions.clone()),
        on_backlog: Some(is.settings.on_backlog),
        secret_headers: is.settings.secret_headers.iter().map(|it| (it.name.clone(), Some(it.value.clone()))).collect(),
        max_per_second: Some(is.settings.max_per_second),
        ..SettingsPatch::default()
    };
    store.change(&workspace, &to, &change, Author { actor: &caller, world: &At(at(0)) }).await.unwrap();
    let seen = store.get(&workspace, &to.id).await.unwrap();
    let (secret, now) = (is.secret.clone().unwrap(), at(0));
    let secrets = secret.sources.secrets(&keys(), now);
    let author = Author { actor: &caller, world: &At(now) };
    let entry = Entry::endpoint_secret(author, Action::SigningSecretSet, &to, (&secrets, &secrets));
    store.replace_secret(&workspace, &to, &seen, secret, &entry).await.unwrap();
    store.succeeded(&workspace, &to, at(5)).await.unwrap();
    let evidence = Evidence { acknowledged: false, misses: 5, rejections: 1, last_failure_at: Some(at(10)) };
    let hold = &Hold::Instances(is.held.clone());
    store.append(&workspace, &to, Append { evidence, ..Append::begins(hold, &partitions, at(0)) }).await.unwrap();
    let (partitions, stage) = (BTreeSet::new(), AppendStage::Written(Some(at(20))));
    store.append(&workspace, &to, Append { stage, ..Append::written(&Hold::Everything, &partitions) }).await.unwrap();
    store.answered(&workspace, &to, false).await.unwrap();
    let lease = Lease { workspace: workspace.clone(), endpoint: to.id, owner: RANDOM.to_owned() };
    let was = store.lease(&lease, at(40), at(100), None).await.unwrap().unwrap();
    assert!(store.save(&lease, &was, &is).await.unwrap());

    let health = Health::Disabled { since: at(60), reason: DisabledReason::Gone };
    store.fail(&workspace, &endpoint(GONE), health).await.unwrap().unwrap();
}

/// The items of a room as files, with what is random and the stores' own times replaced.
async fn items(room: &Harness) -> Files {
    let settings = room.client.scan().table_name("Webhooks").send().await.unwrap().items.unwrap();
    let endpoints = [("endpoint-failing", URL), ("endpoint-disabled", GONE)];
    let endpoints = endpoints.map(|(name, url)| (format!("endpoint#{}", endpoint(url).id), name));
    let mut files = Files::new();
    for mut item in settings {
        let sk = text(&item, "sk").to_owned();
        let name = match endpoints.iter().find(|(of, _)| *of == sk) {
            Some((_, name)) => (*name).to_owned(),
            None if sk.starts_with("audit#") => format!("audit-{}", text(&item, "action").replace('.', "-")),
            None => sk,
        };
        // Of an administrator's change, and of a client's.
        let number = match &*name {
            "audit-callbacks-set" => 1,
            "audit-endpoint-changed" => 2,
            _ if name.starts_with("audit-") => continue,
            _ => 0,
        };
        if number > 0 {
            let id = text(&item, "sk").strip_prefix("audit#").unwrap();
            assert!(id.parse::<EntryId>().is_ok(), "{id}");
            item.insert("sk".to_owned(), s(&format!("audit#{:014}-{number:032}", BEGIN * 1000)));
            let year = 365 * 24 * 60 * 60;
            let expires_at: i64 = item["expiresAt"].as_n().unwrap().parse().unwrap();
            assert_eq!(expires_at - text(&item, "at").parse::<Timestamp>().unwrap().as_second(), year);
            item.insert("expiresAt".to_owned(), AttributeValue::N((BEGIN + year).to_string()));
        }
        for name in ["revision", "settingsRevision"].into_iter().filter(|it| item.contains_key(*it)).collect::<Vec<_>>()
        {
            let random = text(&item, name);
            assert!(random.len() == 32 && random.bytes().all(|it| it.is_ascii_hexdigit()), "{random}");
            item.insert(name.to_owned(), s(RANDOM));
        }
        let own_time = if number > 0 { "at" } else { "changedAt" };
        if item.contains_key(own_time) {
            assert!(text(&item, own_time).parse::<Timestamp>().is_ok() && text(&item, own_time).ends_with('Z'));
            item.insert(own_time.to_owned(), s(WRITTEN_AT));
        }
        files.insert(name, to_json(item));
    }
    let deliveries = room.items().await.into_iter();
    files.extend(deliveries.map(|item| (format!("delivery-{}", text(&item, "instanceID")), to_json(item))));
    files
}

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/golden")
}

/// The versions that have files.
fn versions() -> Vec<String> {
    let folders = std::fs::read_dir(golden()).unwrap();
    let mut versions: Vec<_> = folders.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    versions.sort_unstable();
    assert!(versions.iter().any(|it| it == RELEASE), "{versions:?}");
    versions
}

fn files_of(version: &str) -> Files {
    let Ok(files) = std::fs::read_dir(golden().join(version)) else { return Files::new() };
    let name = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let files = files.map(|file| file.unwrap().path());
    files.map(|path| (name(&path), serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap())).collect()
}

/// An item as DynamoDB JSON. The members of a set have no order, so they are sorted.
fn to_json(item: Item) -> Value {
    let mut item = serde_json::to_value(serde_dynamo::Item::from(item)).unwrap();
    for (_, value) in item.as_object_mut().unwrap() {
        if let Some(members) = value.get_mut("NS").and_then(Value::as_array_mut) {
            members.sort_by_key(|it| it.as_str().unwrap().parse::<u64>().unwrap());
        }
    }
    item
}

/// Fresh tables that hold the items of the files.
async fn holding(files: &Files) -> Harness {
    let room = Harness::new().await;
    for (name, value) in files.iter().filter(|(name, _)| !["cursors", "wake-up"].contains(&&***name)) {
        let item: serde_dynamo::Item = serde_json::from_value(value.clone()).unwrap();
        let table = if name.starts_with("delivery-") { "Deliveries" } else { "Webhooks" };
        room.client.put_item().table_name(table).set_item(Some(item.into())).send().await.unwrap();
    }
    room
}

/// The same with attributes and names that this release does not know.
fn of_a_later_release(name: &str, value: &Value) -> Value {
    let mut value = value.clone();
    let unknown = || json!({"S": "of-a-later-release"});
    if name == "wake-up" {
        value["ofALaterRelease"] = json!({"priority": 1});
        return value;
    }
    if name == "cursors" {
        return value;
    }
    let names: &[&str] = match name {
        "audit-endpoint-changed" => &["action"],
        "endpoint-failing" => &["publishedState"],
        "endpoint-disabled" => &["disabledReason"],
        "delivery-failed" => {
            value["attempts"]["L"][0]["M"]["reason"] = unknown();
            &["giveUpReason", "lastReason"]
        }
        _ => &[],
    };
    for name in names {
        assert!(value.get(name).is_some(), "{name} is in the file");
        value[name] = unknown();
    }
    // What an audit entry shows may be anything.
    if !name.starts_with("audit-") {
        // The names in these are data: paths, and names of headers.
        let is_struct = |name: &String| !["where", "secretHeaders"].contains(&name.as_str());
        let attributes = value.as_object_mut().unwrap().iter_mut();
        attributes.filter(|(name, _)| is_struct(name)).for_each(|(_, value)| add_to_maps(value));
    }
    value["ofALaterRelease"] = json!({"M": {"anything": {"BOOL": true}}});
    value
}

/// Adds an attribute to every map within a value.
fn add_to_maps(value: &mut Value) {
    if let Some(members) = value.get_mut("L").and_then(Value::as_array_mut) {
        members.iter_mut().for_each(add_to_maps);
    }
    if let Some(attributes) = value.get_mut("M").and_then(Value::as_object_mut) {
        attributes.values_mut().for_each(add_to_maps);
        attributes.insert("ofALaterRelease".to_owned(), json!({"N": "1"}));
    }
}

/// Lets a receiver's URL replace the one of the files, gives the wake-up to the retry engine as the queue does, and checks
/// that everything that waits arrives, signed with the secrets of the URL of the files.
async fn delivers_what_is_pending(room: &mut Harness, wake_up: &Value) {
    let receiver = Receiver::healthy().await;
    let callback = json!({"enabled": true, "urls": [receiver.url("/")]});
    let replaces = HashMap::from([(receiver.url("/"), URL)]);
    let body = json!({"created": callback, "updated": callback, "deleted": callback, "replaces": replaces});
    let (status, body) = call(&api(room), "PUT", "/v1/workspaces/default/callbacks", Some(body)).await;
    assert_eq!(status, 200, "{body}");

    room.retry.handle_message(&wake_up.to_string(), Instant::now() + PLENTY).await.unwrap();
    room.run_wake_ups(QUIET).await;
    assert_eq!(room.statuses().await, HashMap::from([("delivered".to_owned(), 5), ("failed".to_owned(), 1)]));
    let mut attempts = receiver.attempts();
    attempts.sort_unstable();
    assert_eq!(attempts, [1, 1, 2, 3], "the attempts of the files count");
    let secrets = failing().credentials(&endpoint(URL).id, &keys(), at(0)).secrets;
    for request in receiver.requests() {
        let signature = request.header("webhook-signature");
        assert_eq!(secrets.sign(request.id(), request.signed_at(), request.target()), signature);
        assert_eq!(signature.split(' ').count(), 3, "under both keys, and a previous one of its own");
    }
    let state = room.fanout.endpoints.workspace(&workspace_id("default")).await.unwrap();
    assert!(!state.endpoints.contains_key(&endpoint(URL).id), "the record of the URL that was replaced is gone");
}
