//! Fan-out and retry engine on one real DynamoDB, with shortened delays and with wake-ups controlled by the test.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::Instant;
use webhooks_engine::dispatch::RetrySchedule;
use webhooks_engine::endpoint_events::{Destination, EndpointEvents};
use webhooks_engine::fanout::{Fanout, FanoutSettings, Memory};
use webhooks_engine::retry::{Retry, RetrySettings};
use webhooks_engine::sender::{Sender, SenderSettings};
use webhooks_engine::wake_up::{WakeUp, WakeUps};
use webhooks_model::attempt::Attempts;
use webhooks_model::audit::{Actor, Author};
use webhooks_model::callback_url::CallbackUrl;
use webhooks_model::callbacks::{Callback, Callbacks};
use webhooks_model::delivery::{Delivery, Status};
use webhooks_model::endpoint::{Endpoint, EndpointId, EndpointRecord, HealthSettings};
use webhooks_model::event::{Event, EventSettings, EventType};
use webhooks_model::signing::SigningSecrets;
use webhooks_model::workspace::WorkspaceId;
use webhooks_model::world::World;
use webhooks_runtime::machine::Machine;
use webhooks_runtime::metrics::Metrics;
use webhooks_store::{
    Append, CallbacksStore, DeliveriesStore, DeliveryWrite, EndpointsStore, Hold, SecretsStore, SettingsPatch,
    StorageState, Turn,
};

use crate::patience::PATIENCE;

/// Time of an attempt: so much that a busy machine does not look like a hanging receiver.
pub const TIMEOUT: Duration = Duration::from_secs(5);
/// Time that a batch and a drain wait for a receiver: four times the default, for machines that are busy with something else.
pub const HOLD: Duration = Duration::from_secs(1);
pub const STEP: Duration = Duration::from_millis(200);
/// Silence after which nothing more is expected: longer than the longest backoff step.
pub const QUIET: Duration = Duration::from_millis(1200);
/// Time of a batch that is to end by itself. The drains of the harness have [`PATIENCE`].
pub const PLENTY: Duration = Duration::from_secs(30);

pub struct Harness {
    pub client: Client,
    /// Address of the engine.
    pub address: String,
    pub fanout: Fanout,
    pub retry: Retry,
    pub sent: UnboundedReceiver<(WakeUp, Duration)>,
    sequence: usize,
}

impl Harness {
    pub async fn new() -> Self {
        webhooks_runtime::invariant::panic_on_violation();
        let (client, address) = crate::engine_at().await;
        let (timer, sent) = unbounded_channel();
        let wake_ups = WakeUps::Timer(timer);
        let http = || Arc::new(sender(SenderSettings::default().max_in_flight));
        let health = HealthSettings { steps: vec![STEP, 2 * STEP, 4 * STEP], ..HealthSettings::default() };
        let schedule = RetrySchedule {
            inline_retry_delay: Duration::from_millis(20),
            retry_delay: Duration::from_millis(20),
            ..RetrySchedule::default()
        };
        let fanout = Fanout {
            endpoints: EndpointsStore::new(client.clone(), "Webhooks"),
            secrets: SecretsStore::new(client.clone(), "Webhooks"),
            deliveries: DeliveriesStore::new(client.clone(), "Deliveries"),
            wake_ups: wake_ups.clone(),
            sender: http(),
            events: EventSettings::default(),
            metrics: Metrics::Log,
            health: health.clone(),
            settings: FanoutSettings { hold: HOLD, schedule: schedule.clone(), ..FanoutSettings::default() },
            memory: Memory::default(),
            world: Arc::new(Machine),
        };
        let retry = Retry {
            endpoints: fanout.endpoints.clone(),
            secrets: fanout.secrets.clone(),
            deliveries: fanout.deliveries.clone(),
            wake_ups,
            endpoint_events: logged(),
            sender: http(),
            metrics: Metrics::Log,
            health,
            settings: RetrySettings { hold: HOLD, schedule, look_again: STEP, ..RetrySettings::default() },
            world: Arc::new(Machine),
        };
        Self { client, address, fanout, retry, sent, sequence: 0 }
    }

    /// Makes fan-out and retry use this client.
    pub fn through(&mut self, client: Client) {
        self.fanout.endpoints = EndpointsStore::new(client.clone(), "Webhooks");
        self.fanout.secrets = SecretsStore::new(client.clone(), "Webhooks");
        self.fanout.deliveries = DeliveriesStore::new(client, "Deliveries");
        self.retry.endpoints = self.fanout.endpoints.clone();
        self.retry.secrets = self.fanout.secrets.clone();
        self.retry.deliveries = self.fanout.deliveries.clone();
    }

    /// Creates another environment of the retry function, with its own clock.
    pub fn another(&self, world: impl World + 'static) -> Retry {
        Retry {
            endpoints: self.retry.endpoints.clone(),
            secrets: self.retry.secrets.clone(),
            deliveries: self.retry.deliveries.clone(),
            wake_ups: self.retry.wake_ups.clone(),
            endpoint_events: logged(),
            sender: Arc::clone(&self.retry.sender),
            metrics: Metrics::Log,
            health: self.retry.health.clone(),
            settings: self.retry.settings.clone(),
            world: Arc::new(world),
        }
    }

    /// Stops the clocks of fan-out and retry at that time.
    pub fn at(&mut self, now: Timestamp) {
        (self.fanout.world, self.retry.world) = (Arc::new(At(now)), Arc::new(At(now)));
    }

    /// Gives both the machine's clock again.
    pub fn run_clocks(&mut self) {
        (self.fanout.world, self.retry.world) = (Arc::new(Machine), Arc::new(Machine));
    }

    /// Sets the URLs of all three event types of a workspace.
    pub async fn configure(&self, workspace: &str, urls: &[String]) {
        self.configure_for(workspace, &EventType::ALL, urls).await;
    }

    /// Sets the URLs of some event types of a workspace. The others have none.
    pub async fn configure_for(&self, workspace: &str, event_types: &[EventType], urls: &[String]) {
        let urls: Vec<_> = urls.iter().map(|url| CallbackUrl::try_from(url.clone()).unwrap()).collect();
        let of = |event_type| match event_types.contains(&event_type) {
            true => Callback { enabled: true, urls: urls.clone() },
            false => Callback::default(),
        };
        let callbacks = Callbacks {
            created: of(EventType::Created),
            updated: of(EventType::Updated),
            deleted: of(EventType::Deleted),
        };
        let store = CallbacksStore::new(self.client.clone(), "Webhooks");
        let workspace = workspace_id(workspace);
        let seen = store.get(&workspace).await.unwrap();
        store.replace(&workspace, &seen, (callbacks, Vec::new()), Vec::new(), author(&Actor::service())).await.unwrap();
    }

    /// Changes settings of an endpoint of the workspace `default`.
    pub async fn set(&self, url: &str, change: SettingsPatch) {
        let workspace = workspace_id("default");
        let endpoints = &self.retry.endpoints;
        endpoints.change(&workspace, &endpoint(url), &change, author(&Actor::service())).await.unwrap();
    }

    /// Returns a record of the stream, with the next sequence number.
    pub fn record(&mut self, name: &str, instance: &str, workspace: &str) -> Value {
        self.sequence += 1;
        let sequence = self.sequence;
        let image = if name == "REMOVE" { "OldImage" } else { "NewImage" };
        json!({
            "eventID": format!("event-{sequence}"), "eventName": name,
            "dynamodb": {"ApproximateCreationDateTime": 1_700_000_000 + sequence / 10, "SequenceNumber": format!("{}", 1000 + sequence),
                image: {"instanceID": {"S": instance}, "processName": {"S": format!("{sequence:06}")}, "workspaceID": {"S": workspace}}},
        })
    }

    /// Returns inserts of `count` instances of the workspace `default`.
    pub fn inserts(&mut self, count: usize) -> Vec<Value> {
        (0..count).map(|i| self.record("INSERT", &format!("i-{i}"), "default")).collect()
    }

    /// Passes a batch to the fan-out, and waits for the work after its acknowledgement. Returns the sequence numbers of
    /// the records to retry.
    pub async fn batch(&self, records: &[Value], time: Duration) -> Vec<String> {
        self.acknowledge(records, time, |_| {}).await
    }

    /// Passes a batch to the fan-out. `acknowledged` is called at its acknowledgement, with the sequence numbers.
    pub async fn acknowledge(
        &self,
        records: &[Value],
        time: Duration,
        acknowledged: impl FnOnce(&[String]),
    ) -> Vec<String> {
        let payload = json!({"Records": records}).to_string();
        let mut reported = None;
        let respond = |response: Result<Vec<String>, _>| {
            let failures = response.unwrap();
            acknowledged(&failures);
            reported = Some(failures);
        };
        self.fanout.handle(payload.as_bytes(), Instant::now() + time, respond).await;
        reported.expect("a batch is acknowledged, or reported back")
    }

    /// Processes wake-ups as they are sent, each after its delay, until none is sent for `quiet`.
    pub async fn run_wake_ups(&mut self, quiet: Duration) {
        while let Ok(Some((wake_up, delay))) = tokio::time::timeout(quiet, self.sent.recv()).await {
            tokio::time::sleep(delay).await;
            self.retry.wake(&wake_up, Instant::now() + PATIENCE).await.unwrap();
        }
    }

    pub async fn wake(&self, url: &str) {
        self.wake_in(url, PATIENCE).await;
    }

    /// Wakes an endpoint by its id, also one without a URL.
    pub async fn wake_id(&self, id: &EndpointId) {
        let wake_up = self.due(id).await;
        self.retry.wake(&wake_up, Instant::now() + PATIENCE).await.unwrap();
    }

    pub async fn wake_in(&self, url: &str, time: Duration) {
        let wake_up = self.due(&endpoint(url).id).await;
        self.retry.wake(&wake_up, Instant::now() + time).await.unwrap();
    }

    /// Makes an endpoint's wake-up due now, by the clock of the retries, and returns it.
    pub async fn due(&self, id: &EndpointId) -> WakeUp {
        let (workspace, now) = (workspace_id("default"), self.retry.world.now());
        self.retry.endpoints.wake_by(&workspace, id, now).await.unwrap();
        WakeUp { workspace, endpoint: id.clone(), at: now }
    }

    pub async fn endpoint(&self, url: &str) -> EndpointRecord {
        self.retry.endpoints.get(&workspace_id("default"), &endpoint(url).id).await.unwrap()
    }

    /// Returns the secrets with which requests to a URL of the default workspace are signed now.
    pub async fn secrets(&self, url: &str) -> SigningSecrets {
        let keys = self.fanout.secrets.get(&workspace_id("default")).await.unwrap().expect("a key").keys;
        self.endpoint(url).await.credentials(&endpoint(url).id, &keys, Timestamp::now()).secrets
    }

    /// Records an append to an endpoint's backlog.
    pub async fn append(&self, endpoint: &Endpoint, hold: &Hold, partitions: &BTreeSet<u8>) {
        let append = Append::written(hold, partitions);
        self.retry.endpoints.append(&workspace_id("default"), endpoint, append).await.unwrap();
    }

    /// Writes a delivery without attempts to the backlog, without recording an append.
    pub async fn put_pending(&self, event: &Event, endpoint: &Endpoint, turn: Turn) {
        self.put(event, endpoint, StorageState::Pending(turn)).await;
    }

    /// Writes a delivery without attempts that is not completed.
    pub async fn put(&self, event: &Event, endpoint: &Endpoint, storage: StorageState) {
        self.write(event, endpoint, Status::Pending, storage, None).await;
    }

    /// Moves a delivery from the backlog into the log, as delivered.
    pub async fn complete(&self, event: &Event, endpoint: &Endpoint, turn: Turn) {
        let was = Some(StorageState::Pending(turn));
        self.write(event, endpoint, Status::Delivered, StorageState::Completed, was).await;
    }

    async fn write(
        &self,
        event: &Event,
        endpoint: &Endpoint,
        status: Status,
        storage: StorageState,
        was: Option<StorageState>,
    ) {
        let delivery = Delivery { event, endpoint, status, attempts: Attempts::default(), give_up_reason: None };
        let write = DeliveryWrite { delivery, storage, was };
        for written in self.fanout.deliveries.write(&[write], Timestamp::now(), Instant::now() + PLENTY).await {
            written.unwrap();
        }
    }

    /// Returns the holder and the end of the lease of an endpoint; `None` if no drain has one.
    pub async fn lease_of(&self, url: &str) -> Option<(String, Timestamp)> {
        let (partition, sort) = ("default".to_owned(), format!("endpoint#{}", endpoint(url).id));
        let get = self.client.get_item().table_name("Webhooks").consistent_read(true);
        let get = get.key("pk", AttributeValue::S(partition)).key("sk", AttributeValue::S(sort));
        let item = get.send().await.unwrap().item?;
        let until = item.get("leaseUntil")?.as_n().unwrap().parse().unwrap();
        Some((text(&item, "leaseOwner").to_owned(), Timestamp::from_millisecond(until).unwrap()))
    }

    pub async fn items(&self) -> Vec<HashMap<String, AttributeValue>> {
        self.client
            .scan()
            .table_name("Deliveries")
            .into_paginator()
            .items()
            .send()
            .collect::<Result<_, _>>()
            .await
            .unwrap()
    }

    /// Returns the number of deliveries of each status.
    pub async fn statuses(&self) -> HashMap<String, usize> {
        let mut statuses = HashMap::new();
        for item in self.items().await {
            *statuses.entry(text(&item, "status").to_owned()).or_default() += 1;
        }
        statuses
    }
}

pub fn sender(max_in_flight: usize) -> Sender {
    let policy = crate::receiver::on_this_machine();
    Sender::new(SenderSettings { timeout: TIMEOUT, max_in_flight, policy, ..SenderSettings::default() }).unwrap()
}

/// Returns `actor` as the author of a change that is made now.
pub fn author(actor: &Actor) -> Author<'_> {
    Author { actor, world: &Machine }
}

pub fn workspace_id(workspace: &str) -> WorkspaceId {
    WorkspaceId::try_from(workspace.to_owned()).unwrap()
}

pub fn endpoint(url: &str) -> Endpoint {
    Endpoint::from(CallbackUrl::try_from(url.to_owned()).unwrap())
}

pub fn text<'a>(item: &'a HashMap<String, AttributeValue>, name: &str) -> &'a str {
    item[name].as_s().unwrap()
}

/// Returns the sequence numbers, which the process names contain, by instance, in the order of arrival.
pub fn by_instance(targets: &[String]) -> HashMap<String, Vec<String>> {
    let mut instances: HashMap<String, Vec<String>> = HashMap::new();
    for target in targets {
        let url = url::Url::parse("http://h").unwrap().join(target).unwrap();
        let value = |name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        instances.entry(value("instanceID")).or_default().push(value("processName"));
    }
    instances
}

/// A machine whose clock stands still at that time.
#[derive(Debug)]
pub struct At(pub Timestamp);

impl World for At {
    fn now(&self) -> Timestamp {
        self.0
    }

    fn fraction(&self) -> f64 {
        Machine.fraction()
    }

    fn unique_name(&self) -> String {
        Machine.unique_name()
    }
}

/// Returns the publisher of events about endpoints that logs them.
fn logged() -> EndpointEvents {
    let console = "http://127.0.0.1:8787/".parse().expect("a constant that is a URL");
    EndpointEvents { console, destination: Destination::Log }
}
