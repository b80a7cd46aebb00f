//! One execution environment of a function: its process, and its Runtime API.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use bytes::Bytes;
use serde_json::Value;

use crate::engine::Engine;
use crate::events::wake_up;
use webhooks_test_support::runtime_api::{Responded, RuntimeApi};

use crate::process::{LOG_OF_MEASURED, Launch, Process, built, built_with_this};

/// Implementation of the fan-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Implementation {
    Ours,
    /// Instance Webhooks with its log of completed deliveries, which is on by default.
    OursWithLog,
    /// Instance Webhooks without its log, called for a workspace whose endpoints have conditions and secret headers.
    OursWithSettings,
    /// The least that a function of this stack does for the same batch (`floor.rs`).
    Floor,
    Node,
    Python,
}

/// Workspace of the batches.
pub(crate) const WORKSPACE: &str = "acme";

/// Number of attempts in flight to which the functions come for each URL of a receiver next door.
pub(crate) const IN_FLIGHT: usize = 32;

impl Implementation {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "instance-webhooks",
            Self::OursWithLog => "instance-webhooks-log",
            Self::OursWithSettings => "instance-webhooks-settings",
            Self::Floor => "floor",
            Self::Node => "node",
            Self::Python => "python",
        }
    }

    /// Returns the settings for its start: for Instance Webhooks those of the template.
    pub(crate) fn launch(self, engine: &Engine, urls: &[String]) -> Result<Launch> {
        Ok(match self {
            Self::Ours | Self::OursWithSettings => {
                engine.environment(bootstrap("Fanout")?).set("LOG_DELIVERIES", "failures")
            }
            Self::OursWithLog => engine.environment(bootstrap("Fanout")?),
            Self::Floor => engine
                .environment(Launch::new([built_with_this("floor")?]))
                .set("WORKSPACE", WORKSPACE)
                .set("IN_FLIGHT", (IN_FLIGHT * urls.len()).to_string())
                .set("URLS", urls.join("\n")),
            Self::Node => node("fanout.handler")?.set("URLS", urls.join("\n")),
            Self::Python => python("fanout.handler")?.set("URLS", urls.join("\n")),
        })
    }

    /// Returns the same settings with the longest hold, to deliver as much as possible at once, at any size of the
    /// batch.
    pub(crate) fn patient(self, engine: &Engine, urls: &[String]) -> Result<Launch> {
        Ok(self.launch(engine, urls)?.set("HOLD_MS", "2000"))
    }
}

/// Returns the settings for a function as `make build-emulator` builds it.
pub(crate) fn bootstrap(function: &str) -> Result<Launch> {
    let path = format!(".aws-sam/emulator/{function}Function/bootstrap");
    Ok(Launch::new([built(&path, "make build-emulator builds it")?]))
}

/// Returns the settings for a handler of `peers/node`.
pub(crate) fn node(handler: &str) -> Result<Launch> {
    let directory = built("tests/bench/peers/node", "it is part of the repository")?;
    let ric = built("tests/bench/peers/node/node_modules/.bin/aws-lambda-ric", "make bench installs it")?;
    Ok(Launch { directory: Some(directory), ..Launch::new([ric, handler.to_owned()]) })
}

/// Returns the settings for a handler of `peers/python`.
pub(crate) fn python(handler: &str) -> Result<Launch> {
    let directory = built("tests/bench/peers/python", "it is part of the repository")?;
    built(".venv-bench/bin/python", "make bench installs it")?;
    let python = std::env::current_dir()?.join(".venv-bench/bin/python").display().to_string();
    Ok(Launch {
        directory: Some(directory),
        ..Launch::new([python, "-m".into(), "awslambdaric".into(), handler.into()])
    })
}

/// A running environment.
pub(crate) struct Function {
    api: RuntimeApi,
    pub(crate) process: Process,
    started: Instant,
    /// Its last response.
    last: Option<Responded>,
}

/// A completed invocation: the function has asked for the next event.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) payload: Bytes,
    /// Time until the response was posted: for so long a batch holds its part of the stream.
    pub(crate) held: Duration,
    /// Time until the function asked for the next event, which is billed.
    pub(crate) took: Duration,
}

impl Function {
    /// Starts an environment, with the variables that Lambda sets in each.
    pub(crate) async fn start(launch: Launch) -> Result<Self> {
        let api = RuntimeApi::start().await;
        let directory = launch.directory.clone().unwrap_or_else(|| "/var/task".to_owned());
        let launch = launch
            .set("AWS_LAMBDA_RUNTIME_API", &api.address)
            .set("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .set("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .set_default("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .set("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
            .set("LAMBDA_TASK_ROOT", directory);
        let started = Instant::now();
        let process = launch.measured()?;
        Ok(Self { api, process, started, last: None })
    }

    /// Returns the time from the start of the process until it first asks for an event.
    pub(crate) async fn init(&mut self) -> Result<Duration> {
        Ok(self.api.ready().await?.duration_since(self.started))
    }

    /// Invokes the function; returns its response, the time at which it was posted, and the duration. The function may
    /// continue after that.
    pub(crate) async fn respond(&mut self, payload: Bytes) -> Result<(Bytes, Instant, Duration)> {
        let response = tokio::select! {
            response = self.api.respond(payload) => response?,
            status = self.process.child.wait() => bail!("the function ended, {}: see {LOG_OF_MEASURED}", status?),
        };
        let payload = response.payload.clone();
        let (posted, held) = (response.posted, response.posted.duration_since(response.begun));
        self.last = Some(response);
        Ok((payload, posted, held))
    }

    /// Returns whether the function has asked for the next event.
    pub(crate) fn is_idle(&self) -> bool {
        self.last.as_ref().is_none_or(|last| self.api.is_idle(last))
    }

    /// Waits until the function has asked for the next event; returns the duration of its last invocation.
    pub(crate) async fn idle(&mut self) -> Result<Duration> {
        let Some(last) = &self.last else { return Ok(Duration::ZERO) };
        let asked = tokio::select! {
            asked = self.api.idle(last) => asked?,
            status = self.process.child.wait() => bail!("the function ended, {}: see {LOG_OF_MEASURED}", status?),
        };
        Ok(asked.duration_since(last.begun))
    }

    /// Invokes the function, and waits until it asks for the next event.
    pub(crate) async fn invoke(&mut self, payload: Bytes) -> Result<Done> {
        let (payload, _, held) = self.respond(payload).await?;
        Ok(Done { payload, held, took: self.idle().await? })
    }

    /// Processes a stream batch; a response with failed records is an error.
    pub(crate) async fn batch(&mut self, payload: Bytes) -> Result<Duration> {
        let done = self.invoke(payload).await?;
        let answer: Value = serde_json::from_slice(&done.payload)?;
        let reported = answer["batchItemFailures"].as_array().map_or(0, Vec::len);
        ensure!(reported == 0, "{reported} records are reported back");
        Ok(done.took)
    }
}

/// Delivers the pending deliveries of these endpoints, and returns when none is left.
pub(crate) async fn drain(engine: &Engine, workspace: &str, urls: &[String]) -> Result<()> {
    let mut retry = Function::start(engine.environment(bootstrap("Retry")?)).await?;
    let begun = Instant::now();
    while engine.pending().await? > 0 {
        ensure!(begun.elapsed() < Duration::from_secs(60), "{} deliveries stay pending", engine.pending().await?);
        for url in urls {
            retry.invoke(wake_up(workspace, url)?).await?;
        }
    }
    Ok(())
}
