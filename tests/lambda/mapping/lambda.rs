//! Lambda's side of a function: an execution environment with the [Runtime API], by which a built bootstrap receives
//! its events and responds to them.
//!
//! Like Lambda, it starts an environment if there is none, sends it one event at a time, keeps it for the next, and
//! counts an exit or a missed deadline as a failure of the function.
//!
//! [Runtime API]: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use event_source_mapping::{Invoke, InvokeError};
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::timeout;
use webhooks_test_support::runtime_api::{InvocationError, Responded, RuntimeApi, TIMEOUT};

/// Result of an invocation.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Response(Value),
    /// The handler returned an error.
    Error(String),
    /// The process ended.
    Exited(String),
    TimedOut,
}

/// An invocation.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) event: Value,
    pub(crate) answer: Answer,
}

impl Call {
    fn records(&self) -> impl Iterator<Item = &Value> {
        self.event["Records"].as_array().expect("a batch").iter()
    }

    /// Returns the instances whose records were in the batch.
    pub(crate) fn instances(&self) -> Vec<&str> {
        self.records().map(|record| record["dynamodb"]["Keys"]["instanceID"]["S"].as_str().expect("a key")).collect()
    }

    /// Returns the instances whose records were reported back.
    pub(crate) fn reported_back(&self) -> Vec<&str> {
        let Answer::Response(response) = &self.answer else { return vec![] };
        let reported: Vec<_> = response["batchItemFailures"]
            .as_array()
            .expect("a report")
            .iter()
            .map(|it| &it["itemIdentifier"])
            .collect();
        let is_reported = |record: &Value| reported.contains(&&record["dynamodb"]["SequenceNumber"]);
        self.records().zip(self.instances()).filter(|(record, _)| is_reported(record)).map(|(_, it)| it).collect()
    }

    /// Returns whether the whole batch is processed.
    pub(crate) fn is_done(&self) -> bool {
        matches!(&self.answer, Answer::Response(response) if response["batchItemFailures"] == Value::Array(vec![]))
    }
}

/// A deployed function.
#[derive(Clone)]
pub(crate) struct Lambda(Arc<Inner>);

struct Inner {
    bootstrap: PathBuf,
    settings: Vec<(String, String)>,
    environment: Mutex<Option<Environment>>,
    started: AtomicUsize,
    peak_memory: AtomicU64,
    kill: Notify,
    calls: watch::Sender<Vec<Call>>,
}

impl Lambda {
    pub(crate) fn new(bootstrap: PathBuf, settings: Vec<(String, String)>) -> Self {
        Self(Arc::new(Inner {
            bootstrap,
            settings,
            environment: Mutex::default(),
            started: AtomicUsize::new(0),
            peak_memory: AtomicU64::new(0),
            kill: Notify::new(),
            calls: watch::Sender::default(),
        }))
    }

    /// Returns the invocations that have ended.
    pub(crate) fn calls(&self) -> watch::Receiver<Vec<Call>> {
        self.0.calls.subscribe()
    }

    /// Returns the number of environments so far.
    pub(crate) fn environments(&self) -> usize {
        self.0.started.load(Ordering::SeqCst)
    }

    /// Sends `kill -9` to the environment at work.
    pub(crate) fn kill_environment(&self) {
        self.0.kill.notify_one();
    }

    /// Returns the peak memory of any environment at the end of an invocation, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.0.peak_memory.load(Ordering::SeqCst)
    }

    pub(crate) async fn answer(&self, event: &str) -> Answer {
        let mut slot = self.0.environment.lock().await;
        let mut environment = match slot.take() {
            Some(warm) => warm,
            None => {
                self.0.started.fetch_add(1, Ordering::SeqCst);
                Environment::start(&self.0.bootstrap, &self.0.settings).await
            }
        };
        let ended = timeout(TIMEOUT, environment.invoke(event.to_owned(), &self.0.kill)).await;
        self.0.peak_memory.fetch_max(environment.peak_memory().unwrap_or_default(), Ordering::SeqCst);
        match ended {
            Err(_) => Answer::TimedOut,
            Ok(exited @ Answer::Exited(_)) => exited,
            Ok(answer) => {
                *slot = Some(environment);
                answer
            }
        }
    }
}

impl Invoke for Lambda {
    async fn invoke(&self, event: String) -> Result<String, InvokeError> {
        let answer = self.answer(&event).await;
        let event = serde_json::from_str(&event).expect("a mapping sends JSON");
        self.0.calls.send_modify(|calls| calls.push(Call { event, answer: answer.clone() }));
        match answer {
            Answer::Response(response) => Ok(response.to_string()),
            Answer::Error(error) | Answer::Exited(error) => Err(InvokeError::Function(error)),
            Answer::TimedOut => Err(InvokeError::Function("timed out".to_owned())),
        }
    }
}

/// A process of the function, and its Runtime API. Both end when it is dropped.
struct Environment {
    process: Child,
    api: RuntimeApi,
}

impl Environment {
    async fn start(bootstrap: &PathBuf, settings: &[(String, String)]) -> Self {
        let api = RuntimeApi::start().await;
        let process = Command::new(bootstrap)
            .env_clear()
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", &api.address)
            .env("ALLOWED_NETWORKS", "127.0.0.0/8") // the receivers of the tests
            // No program reads this queue: a message to it is lost, and a lost wake-up is no error.
            .env("WAKEUP_QUEUE_URL", "http://127.0.0.1:1/000000000000/unread-queue")
            .env("AWS_LAMBDA_FUNCTION_NAME", "fanout")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", bootstrap.display()));
        Self { process, api }
    }

    /// Returns its peak memory so far, in bytes (`VmHWM` of proc(5)); `None` when it has ended.
    fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()?)).ok()?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(peak.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
    }

    async fn invoke(&mut self, event: String, kill: &Notify) -> Answer {
        tokio::select! {
            responded = self.api.respond(event.into()) => answer(responded),
            status = self.process.wait() => Answer::Exited(format!("the process ended: {}", status.expect("its status"))),
            () = kill.notified() => {
                self.process.kill().await.expect("the process is killed");
                Answer::Exited("the process was killed".to_owned())
            }
        }
    }
}

fn answer(responded: Result<Responded, InvocationError>) -> Answer {
    match responded {
        Ok(Responded { payload, .. }) => match serde_json::from_slice(&payload) {
            Ok(response) => Answer::Response(response),
            Err(error) => Answer::Error(format!("the response is not JSON ({error}): {payload:?}")),
        },
        Err(InvocationError::Function(error)) => Answer::Error(error),
        Err(InvocationError::NotReady(_) | InvocationError::NoResponse) => Answer::TimedOut,
    }
}

/// Builds a stream batch with a record of each of these workspaces, all of a workspace about one created instance.
pub(crate) fn batch(workspaces: &[String]) -> String {
    let record = |(number, workspace): (usize, &String)| {
        json!({
            "eventID": format!("{number:032x}"),
            "eventName": "INSERT",
            "eventSource": "aws:dynamodb",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_769_860_800.0,
                "Keys": {"instanceID": {"S": format!("of-{workspace}")}},
                "NewImage": {
                    "instanceID": {"S": format!("of-{workspace}")},
                    "processName": {"S": "Loan"},
                    "workspaceID": {"S": workspace},
                },
                "SequenceNumber": number.to_string(),
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
        })
    };
    let records: Vec<Value> = workspaces.iter().enumerate().map(record).collect();
    json!({"Records": records}).to_string()
}
