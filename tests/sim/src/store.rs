//! What is between an environment and the tables: latency, failures, answers that are lost. The AWS SDK above it is the real one.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, StalledStreamProtectionConfig};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use fastrand::Rng;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::chance::{happens, hash};
use crate::history::{Failed, Run, workspace_name};
use crate::scenario::Ms;
use crate::tables::{Tables, row};

/// More calls of one invocation say that it spins.
const MOST_CALLS: usize = 6_000;

/// The way of one environment to the tables.
#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) run: Arc<Run>,
    pub(crate) tables: Tables,
    pub(crate) environment: Arc<str>,
    /// The invocation that the environment is at.
    pub(crate) invocation: Arc<AtomicUsize>,
    pub(crate) rng: Arc<Mutex<Rng>>,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Answered,
    Throttled,
    InternalError,
    /// It does not get there.
    Unsent,
    /// It is carried out, and the answer is lost.
    Lost,
    /// Of a `BatchWriteItem` those are carried out whose key's hash, with this, is even.
    Unprocessed(u64),
    Torn(u64),
}

type Answer = Result<HttpResponse, ConnectorError>;

impl Store {
    /// The SDK's client over it.
    pub(crate) fn client(&self) -> Client {
        let retries = if self.run.scenario.store.sdk_repeats {
            RetryConfig::standard().with_use_static_exponential_base(true)
        } else {
            RetryConfig::disabled()
        };
        let partition = RetryPartition::custom("simulation").token_bucket(TokenBucket::new(500)).build();
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(SharedHttpClient::new(self.clone()))
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .retry_config(retries)
            .retry_partition(partition)
            .retry_classifier(webhooks_runtime::aws::RetryTransactionConflicts)
            .region(Region::from_static("eu-central-1"))
            .credentials_provider(Credentials::new("simulation", "simulation", None, None, "simulation"))
            .endpoint_url("http://tables")
            .build();
        Client::from_conf(config)
    }

    fn fate(&self, operation: &str, table: &str) -> (Fate, Ms, Ms) {
        let faults = &self.run.scenario.store;
        let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
        let latency = if self.run.is_calm() { 4 } else { faults.latency_ms.max(2) };
        // Most calls are quick.
        let latency = if rng.u8(0..10) == 0 { latency } else { latency.min(10) };
        let (before, after) = (rng.u64(0..=latency / 2), rng.u64(1..=latency / 2));
        let batch = operation == "BatchWriteItem";
        let (which, some) = (rng.u8(0..3), rng.u64(..));
        let rates = [faults.refused, faults.lost, faults.unprocessed, faults.torn].map(|rate| happens(&mut rng, rate));
        let ms = self.run.ms();
        let out = |it: &crate::scenario::Outage| {
            ["Webhooks", "Deliveries"][usize::from(it.table.min(1))] == table && (it.from..it.to).contains(&ms)
        };
        let failure = [Fate::Throttled, Fate::InternalError, Fate::Unsent][usize::from(which)];
        let fate = match rates {
            _ if self.run.is_calm() => Fate::Answered,
            _ if faults.outages.iter().any(out) => failure,
            [true, ..] => failure,
            [_, true, ..] => Fate::Lost,
            [_, _, true, _] if batch => Fate::Unprocessed(some),
            [_, _, _, true] if batch => Fate::Torn(some),
            _ => Fate::Answered,
        };
        (fate, before, after)
    }

    /// Carries a call out, as far as its fate lets it.
    fn execute(&self, operation: &str, body: &str, fate: Fate) -> Answer {
        let failure =
            |kind: &str| format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{kind}","message":"refused"}}"#);
        let (status, answer) = match fate {
            Fate::Throttled => (400, failure("ProvisionedThroughputExceededException")),
            Fate::InternalError => (500, failure("InternalServerError")),
            Fate::Unsent => return Err(ConnectorError::io("the connection was closed".into())),
            Fate::Answered => self.done(operation, body),
            Fate::Lost => {
                self.done(operation, body);
                return Err(ConnectorError::io("the connection was reset".into()));
            }
            Fate::Unprocessed(some) | Fate::Torn(some) => {
                let left = self.done_in_part(body, some);
                if matches!(fate, Fate::Torn(_)) {
                    return Err(ConnectorError::io("the connection was reset".into()));
                }
                (200, json!({"UnprocessedItems": left}).to_string())
            }
        };
        let status = StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
        Ok(HttpResponse::new(status, SdkBody::from(answer)))
    }

    fn done(&self, operation: &str, body: &str) -> (u16, String) {
        let answer = self.tables.call(operation, body);
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        match operation {
            "UpdateItem" | "DeleteItem" => {
                let text = |name: &str| body["Key"][name]["S"].as_str().unwrap_or_default();
                if let Some(id) = text("sk").strip_prefix("endpoint#") {
                    self.observe(self.run.endpoint(text("pk"), id));
                }
            }
            "PutItem" if answer.0 == 200 && body["TableName"] == "Deliveries" => {
                self.tables.put(&self.run, &body["Item"]);
            }
            "TransactWriteItems" if answer.0 == 200 => {
                (0..self.run.endpoints.len()).for_each(|it| self.observe(Some(it)));
                if !self.tables.is_first(body["ClientRequestToken"].as_str().unwrap_or_default()) {
                    return answer;
                }
                for item in body["TransactItems"].as_array().into_iter().flatten() {
                    if item["Put"]["TableName"] == "Deliveries" {
                        self.tables.put(&self.run, &item["Put"]["Item"]);
                    } else if item["Delete"]["TableName"] == "Deliveries" {
                        self.tables.delete(&item["Delete"]["Key"]);
                    }
                }
            }
            "BatchWriteItem" if answer.0 == 200 => {
                for request in body["RequestItems"]["Deliveries"].as_array().into_iter().flatten() {
                    match request.get("PutRequest") {
                        Some(put) => self.tables.put(&self.run, &put["Item"]),
                        None => self.tables.delete(&request["DeleteRequest"]["Key"]),
                    }
                }
                self.failed(&body["RequestItems"]["Deliveries"]);
            }
            _ => {}
        }
        answer
    }

    /// Carries out a part of a `BatchWriteItem`; returns the rest. Which part does not depend on the order of the requests.
    fn done_in_part(&self, body: &str, some: u64) -> Value {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let requests = body["RequestItems"]["Deliveries"].as_array().cloned().unwrap_or_default();
        let (done, left): (Vec<_>, Vec<_>) = requests.into_iter().partition(|request| {
            let key = request.get("PutRequest").map_or(&request["DeleteRequest"]["Key"], |put| &put["Item"]);
            let name = format!("{}{}", key["pk"], key["sk"]);
            (hash(name.as_bytes()) ^ some).count_ones().is_multiple_of(2)
        });
        if !done.is_empty() {
            self.done("BatchWriteItem", &json!({"RequestItems": {"Deliveries": done}}).to_string());
        }
        if left.is_empty() { json!({}) } else { json!({"Deliveries": left}) }
    }

    /// Records what an endpoint's record is now.
    fn observe(&self, endpoint: Option<usize>) {
        let Some(endpoint) = endpoint else { return };
        let configured = &self.run.endpoints[endpoint];
        let workspace = workspace_name(configured.workspace);
        let record = self.tables.record(&self.run, &workspace, &configured.endpoint.id, endpoint);
        self.run.history().records.push(record);
    }

    /// Records which deliveries have failed.
    fn failed(&self, requests: &Value) {
        let at = self.run.ms();
        for request in requests.as_array().into_iter().flatten() {
            if let Some(row) = row(&self.run, &request["PutRequest"]["Item"]).filter(|row| row.status == "failed") {
                let failed = Failed { at, event: row.event, endpoint: row.endpoint, reason: row.reason };
                self.run.history().failed.push(failed);
            }
        }
    }

    fn record(&self, fate: Fate, took: Ms) {
        let (at, invocation) = (self.run.ms(), self.invocation.load(Ordering::Relaxed));
        let history = &mut *self.run.history();
        let Some(invocation) = history.invocations.get_mut(invocation) else { return };
        invocation.calls += 1;
        invocation.store_ms += took;
        if fate != Fate::Answered {
            invocation.faults.push(at);
        }
        invocation.unprocessed += u32::from(matches!(fate, Fate::Unprocessed(_)));
        if invocation.calls == MOST_CALLS {
            let text =
                format!("{:?} of {} has called the tables {MOST_CALLS} times", invocation.kind, self.environment);
            history.violations.push(crate::history::Violation { rule: "no-spin", text });
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("environment", &self.environment).finish_non_exhaustive()
    }
}

impl HttpClient for Store {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Store {
    /// The call goes on when its caller dies, as one that is on its way does.
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let table = if body.contains("\"Deliveries\"") { "Deliveries" } else { "Webhooks" };
        let (fate, before, after) = self.fate(&operation, table);
        self.record(fate, before + after);
        let (store, (send, answer)) = (self.clone(), oneshot::channel());
        tokio::spawn(async move {
            sleep(Duration::from_millis(before)).await;
            let answer = store.execute(&operation, &body, fate);
            let status = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
            store.run.trace(&store.environment, format_args!("{operation} {table} {status} {fate:?}"));
            sleep(Duration::from_millis(after)).await;
            _ = send.send(answer);
        });
        HttpConnectorFuture::new(async move {
            answer.await.unwrap_or_else(|_| Err(ConnectorError::io("the simulation has ended".into())))
        })
    }
}
