//! The running program with its clients: the stock AWS SDK for the tables, a stock HTTP client for the API.

use crate::deliveries::Delivery;
use crate::engine::{Engine, Ministack};
use crate::patience::{PATIENCE, stalls, timeouts};
use crate::program::{Launch, Program};
use crate::receiver::{Behaviour, Gate, Receiver};
use crate::recorder::Recorder;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnValue, StreamSpecification, StreamViewType, TimeToLiveSpecification,
};
use history::record::Action;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use tokio::time::{Duration, sleep};

mod writer;
pub(crate) use writer::Writer;

/// Longer than the pause of a stream reader that has just read records.
const READ_AHEAD: Duration = Duration::from_millis(80);

/// The running program and its clients.
pub(crate) struct System {
    pub(crate) program: Program,
    launch: Launch,
    db: Client,
    http: reqwest::Client,
    recorder: Recorder,
    /// Lives as long as the program that uses it.
    _ministack: Option<Ministack>,
}

impl System {
    pub(crate) async fn start(engine: Engine) -> Self {
        Self::start_with(engine, &[]).await
    }

    /// Starts the program with these environment variables.
    pub(crate) async fn start_with(engine: Engine, settings: &[(&str, &str)]) -> Self {
        let ministack = match engine {
            Engine::Embedded => None,
            Engine::Ministack => Some(Ministack::start().await),
        };
        Self::start_on(ministack, settings).await
    }

    pub(crate) async fn start_on(ministack: Option<Ministack>, settings: &[(&str, &str)]) -> Self {
        let launch = Launch::new(ministack.as_ref().map(Ministack::endpoint).as_deref());
        Self::launch(launch, ministack, settings).await
    }

    /// Starts another build, on the embedded engine.
    #[allow(dead_code, reason = "not every target that has this module has another build")]
    pub(crate) async fn start_build(settings: &[(&str, &str)], program: &Path) -> Self {
        let mut launch = Launch::new(None);
        launch.build(program);
        Self::launch(launch, None, settings).await
    }

    async fn launch(mut launch: Launch, ministack: Option<Ministack>, settings: &[(&str, &str)]) -> Self {
        for (name, value) in settings {
            launch.set(name, value);
        }
        let program = launch.start().await;
        let db = client(&program.dynamodb);
        _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().expect("an HTTP client");
        Self { program, launch, db, http, recorder: Recorder::default(), _ministack: ministack }
    }

    /// Sets a variable for the next [`Self::start_again`].
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.launch.set(name, value);
    }

    /// Uses this build for the next [`Self::start_again`].
    #[allow(dead_code, reason = "not every target that has this module has another build")]
    pub(crate) fn build(&mut self, program: &Path) {
        self.launch.build(program);
    }

    /// Returns a setting that the program was started with.
    pub(crate) fn setting(&self, name: &str) -> Option<&str> {
        self.launch.setting(name)
    }

    pub(crate) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Sends `kill -9`, recorded as the cause of repeated events.
    pub(crate) async fn kill(&mut self) {
        self.recorder.killed();
        self.program.kill().await;
    }

    /// Starts the program again on the data of the former process, which has ended.
    pub(crate) async fn start_again(&mut self) {
        assert!(!self.program.is_running(), "it has ended");
        self.program = self.launch.start().await;
        self.recorder.started();
        self.db = client(&self.program.dynamodb);
    }

    /// Returns a writer to the instance table.
    pub(crate) fn writer(&self) -> Writer {
        self.writer_to("Instances")
    }

    pub(crate) fn writer_to(&self, table: &str) -> Writer {
        Writer { db: self.db.clone(), table: table.into(), recorder: self.recorder.clone() }
    }

    // Operations of the administrator.

    /// Sets a workspace's callbacks as the dialog's OK does: an event type with URLs is on, one without is off.
    pub(crate) async fn set_callbacks(
        &self,
        workspace: &str,
        created: &[String],
        updated: &[String],
        deleted: &[String],
    ) {
        let callbacks = |urls: &[String]| json!({"enabled": !urls.is_empty(), "urls": urls});
        let body = json!({"created": callbacks(created), "updated": callbacks(updated), "deleted": callbacks(deleted)});
        self.put_callbacks(workspace, &body).await;
    }

    /// Sends every event of the workspace to these URLs.
    pub(crate) async fn call_back(&self, workspace: &str, urls: &[String]) {
        self.set_callbacks(workspace, urls, urls, urls).await;
    }

    pub(crate) async fn put_callbacks(&self, workspace: &str, body: &Value) {
        let began = Timestamp::now();
        let url = format!("{}/v1/workspaces/{workspace}/callbacks", self.program.api);
        let answer = self.http.put(url).json(body).send().await.expect("the API answers");
        let status = answer.status();
        let text = answer.text().await.expect("an answer's body");
        assert!(status.is_success(), "PUT callbacks {body}: {status} {text}");
        self.recorder.configured(workspace, began, body);
    }

    /// Calls the API about the endpoint with this URL, recorded as this action.
    pub(crate) async fn operate(
        &self,
        action: Action,
        url: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let began = Timestamp::now();
        let answer = self.call(method, path, body).await;
        self.recorder.operated(action, url, began);
        answer
    }

    /// Calls the API about the default workspace; returns the status and the JSON.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        self.call_in("default", method, path, body).await
    }

    pub(crate) async fn call_in(
        &self,
        workspace: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let request =
            self.http.request(method.clone(), format!("{}/v1/workspaces/{workspace}{path}", self.program.api));
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = request.send().await.expect("the API answers");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("an answer's body");
        let body = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{method} {path}: {error}: {text}"));
        (status, body)
    }

    /// Returns the endpoint with this URL, as the API shows it.
    pub(crate) async fn endpoint(&self, url: &str) -> Value {
        let (status, body) = self.call(Method::GET, "/endpoints", None).await;
        assert_eq!(status, 200, "{body}");
        let endpoints = body["endpoints"].as_array().expect("a list");
        endpoints.iter().find(|it| it["url"] == url).unwrap_or_else(|| panic!("no {url} in {body}")).clone()
    }

    /// Returns the path of the endpoint with this URL.
    pub(crate) async fn endpoint_path(&self, url: &str) -> String {
        format!("/endpoints/{}", self.endpoint(url).await["endpointID"].as_str().expect("an id"))
    }

    /// Waits until the endpoint with this URL meets the condition.
    pub(crate) async fn until_endpoint(&self, url: &str, settled: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let endpoint = self.endpoint(url).await;
            if settled(&endpoint) {
                return endpoint;
            }
            assert!(started.elapsed() < PATIENCE, "{endpoint:#}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Returns all pages of a log query, the newest first.
    pub(crate) async fn logged(&self, query: &str) -> Vec<Value> {
        self.logged_in("default", query).await
    }

    pub(crate) async fn logged_in(&self, workspace: &str, query: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let (status, mut page) =
                self.call_in(workspace, Method::GET, &format!("/deliveries?limit=200&{query}{cursor}"), None).await;
            assert_eq!(status, 200, "{page}");
            all.append(page["deliveries"].as_array_mut().expect("a list"));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }

    /// Creates an instance and holds its part of the stream with a delivery in flight, so that later writes of the
    /// instance arrive as one batch. To be released before the timeout.
    pub(crate) async fn hold(&self, instance: &str) -> Hold {
        let gate = Gate::closed();
        let receiver = Receiver::new(Behaviour::held(&gate)).await;
        self.set_callbacks("held", &[receiver.url("/")], &[], &[]).await;
        let writer = self.writer();
        writer.put_in("held", instance, "held").await;
        receiver.arrived(1).await;
        // A stream is read ahead, in portions as they arrive. These writes, which have no endpoint, use up those
        // portions.
        for number in 0..6 {
            writer.put_in("unconfigured", instance, &format!("filler {number}")).await;
            sleep(READ_AHEAD).await;
        }
        Hold { gate, _receiver: receiver }
    }

    // Queries of the developer.

    /// Returns all deliveries in the table.
    pub(crate) async fn deliveries(&self) -> Vec<Delivery> {
        let mut pages = self.db.scan().table_name("Deliveries").consistent_read(true).into_paginator().items().send();
        let mut deliveries = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.expect("the Deliveries table can be read");
            deliveries.extend(Delivery::read(&item));
        }
        deliveries
    }

    /// Returns the deliveries to this URL.
    pub(crate) async fn deliveries_to(&self, url: &str) -> Vec<Delivery> {
        self.deliveries().await.into_iter().filter(|delivery| delivery.url == url).collect()
    }

    /// Returns the pending deliveries to this URL.
    pub(crate) async fn pending(&self, url: &str) -> Vec<Delivery> {
        self.deliveries_to(url).await.into_iter().filter(|delivery| delivery.status == "pending").collect()
    }

    /// Waits until there is one delivery to this URL that meets the condition. A delivery that moves from one place to
    /// another is in both for a moment.
    pub(crate) async fn until_delivery(&self, url: &str, settled: impl Fn(&Delivery) -> bool) -> Delivery {
        let started = Instant::now();
        loop {
            let mut deliveries = self.deliveries_to(url).await;
            if deliveries.len() == 1 && settled(&deliveries[0]) {
                return deliveries.remove(0);
            }
            let waited = started.elapsed();
            assert!(waited < PATIENCE, "one delivery to {url} within {waited:?}, not {deliveries:#?}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until one of the deliveries to this URL meets the condition.
    pub(crate) async fn until_any_delivery(&self, url: &str, settled: impl Fn(&Delivery) -> bool) -> Delivery {
        let started = Instant::now();
        loop {
            let deliveries = self.deliveries_to(url).await;
            if let Some(delivery) = deliveries.iter().find(|it| settled(it)) {
                return delivery.clone();
            }
            let waited = started.elapsed();
            assert!(waited < PATIENCE, "a delivery to {url} within {waited:?}, among {deliveries:#?}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until no delivery to this URL is pending.
    pub(crate) async fn until_none_pending(&self, url: &str) {
        let started = Instant::now();
        loop {
            let pending = self.pending(url).await;
            if pending.is_empty() {
                return;
            }
            let waited = started.elapsed();
            assert!(waited < PATIENCE, "still pending to {url} after {waited:?}: {pending:#?}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until exactly this number of deliveries to this URL are pending: an acknowledged one is recorded a moment
    /// later.
    pub(crate) async fn until_only_pending(&self, url: &str, count: usize) -> Vec<Delivery> {
        let started = Instant::now();
        loop {
            let pending = self.pending(url).await;
            if pending.len() == count {
                return pending;
            }
            let waited = started.elapsed();
            assert!(waited < PATIENCE, "{count} pending deliveries to {url} within {waited:?}, not {pending:#?}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits for this number of pending deliveries to this URL.
    pub(crate) async fn until_pending(&self, url: &str, count: usize) -> Vec<Delivery> {
        let started = Instant::now();
        loop {
            let pending = self.pending(url).await;
            if pending.len() >= count {
                return pending;
            }
            let waited = started.elapsed();
            assert!(waited < PATIENCE, "{count} pending deliveries to {url} within {waited:?}, not {pending:#?}");
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The delivery by which [`System::hold`] holds the stream.
pub(crate) struct Hold {
    gate: Gate,
    _receiver: Receiver,
}

impl Hold {
    pub(crate) async fn release(&self) {
        sleep(READ_AHEAD).await;
        self.gate.open();
    }
}

fn client(endpoint: &str) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .timeout_config(timeouts())
        .stalled_stream_protection(stalls())
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .build();
    Client::from_conf(config)
}
