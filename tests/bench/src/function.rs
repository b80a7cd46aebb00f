//! One execution environment of a function: its process, and the Runtime API that it talks to.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use bytes::Bytes;
use serde_json::Value;

use crate::engine::Engine;
use crate::process::{LOG_OF_MEASURED, Launch, Process, built};
use crate::runtime_api::RuntimeApi;

/// What does the same job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Implementation {
    Ours,
    /// Also writes the log of what was delivered, as it does unless it is told not to.
    OursWithLog,
    Node,
    Python,
}

impl Implementation {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "instance-webhooks",
            Self::OursWithLog => "instance-webhooks-log",
            Self::Node => "node",
            Self::Python => "python",
        }
    }

    pub(crate) fn launch(self, engine: &Engine, urls: &[String]) -> Result<Launch> {
        Ok(match self {
            // Attempts begin as late as the function's time allows: the benchmark wants all of them.
            Self::Ours => engine
                .environment(bootstrap("Fanout")?)
                .set("LOG_DELIVERIES", "failures")
                .set("START_WINDOW_MS", "15000"),
            Self::OursWithLog => engine.environment(bootstrap("Fanout")?).set("START_WINDOW_MS", "15000"),
            Self::Node => node("fanout.handler")?.set("URLS", urls.join("\n")),
            Self::Python => python("fanout.handler")?.set("URLS", urls.join("\n")),
        })
    }
}

/// A function as `make build-emulator` builds it.
pub(crate) fn bootstrap(function: &str) -> Result<Launch> {
    let path = format!(".aws-sam/emulator/{function}Function/bootstrap");
    Ok(Launch::new([built(&path, "make build-emulator builds it")?]))
}

/// A handler of `peers/node`.
pub(crate) fn node(handler: &str) -> Result<Launch> {
    let directory = built("tests/bench/peers/node", "it is part of the repository")?;
    let ric = built("tests/bench/peers/node/node_modules/.bin/aws-lambda-ric", "make bench installs it")?;
    Ok(Launch { directory: Some(directory), ..Launch::new([ric, handler.to_owned()]) })
}

/// A handler of `peers/python`.
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
}

impl Function {
    /// Starts it, with what Lambda sets in each environment.
    pub(crate) async fn start(launch: Launch) -> Result<Self> {
        let api = RuntimeApi::start().await?;
        let directory = launch.directory.clone().unwrap_or_else(|| "/var/task".to_owned());
        let launch = launch
            .set("AWS_LAMBDA_RUNTIME_API", &api.address)
            .set("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .set("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .set("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .set("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
            .set("LAMBDA_TASK_ROOT", directory);
        let started = Instant::now();
        let process = launch.measured()?;
        Ok(Self { api, process, started })
    }

    /// From the start of the process until it first asks for an event.
    pub(crate) async fn init(&mut self) -> Result<Duration> {
        Ok(self.api.ready().await?.duration_since(self.started))
    }

    /// What it answers, and how long it took.
    pub(crate) async fn invoke(&mut self, payload: Bytes) -> Result<(Bytes, Duration)> {
        tokio::select! {
            answer = self.api.invoke(payload) => answer,
            status = self.process.child.wait() => bail!("the function ended, {}: see {LOG_OF_MEASURED}", status?),
        }
    }

    /// Works off a stream batch, and refuses an answer that asks for records to come again.
    pub(crate) async fn batch(&mut self, payload: Bytes) -> Result<Duration> {
        let (answer, took) = self.invoke(payload).await?;
        let answer: Value = serde_json::from_slice(&answer)?;
        let reported = answer["batchItemFailures"].as_array().map_or(0, Vec::len);
        ensure!(reported == 0, "{reported} records are reported back");
        Ok(took)
    }
}
