//! The replacement for AWS below the functions: DynamoDB (the one that is embedded in the program), SQS and EventBridge
//! (an emulator), and in front of them a proxy that counts the requests.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::counter::{Asked, Counter};
use crate::patience::PATIENCE;
use crate::process::{Launch, Process, built, built_with_this};
use crate::tables::pending;

/// Engine, emulator and proxy, until it is dropped.
pub(crate) struct Engine {
    counter: Counter,
    /// Address of the engine.
    pub(crate) dynamodb: String,
    queue: String,
    _processes: Vec<Process>,
}

impl Engine {
    pub(crate) async fn start() -> Result<Self> {
        let (engine, started) = Program::as_engine().await?;
        let (others, emulator) = ministack().await?;
        let counter = Counter::start(started.dynamodb.clone(), others).await?;
        let (dynamodb, queue) = (started.dynamodb, String::new());
        let mut engine = Self { counter, dynamodb, queue, _processes: vec![engine, emulator] };
        engine.queue = engine.make_queue().await?;
        Ok(engine)
    }

    /// Returns the counts since the last call.
    pub(crate) fn asked(&self) -> Asked {
        self.counter.asked()
    }

    /// Adds the variables that the template sets for its functions.
    pub(crate) fn environment(&self, launch: Launch) -> Launch {
        credentials(launch)
            .set("AWS_ENDPOINT_URL", &self.counter.endpoint)
            .set("WAKEUP_QUEUE_URL", &self.queue)
            // Of no dry run.
            .set("INSTANCE_STREAM_ARN", "arn:aws:dynamodb:us-east-1:000000000000:table/None/stream/none")
            .set("DEPLOYMENT_NAME", "bench")
            .set("CONSOLE_URL", "https://console.example/")
            .set("ALLOWED_NETWORKS", "127.0.0.0/8") // where the receivers are
    }

    /// Sets the callbacks of created instances, by workspace, through the API of a program that ends after this.
    pub(crate) async fn call_back(&self, workspaces: &[(String, Vec<String>)]) -> Result<()> {
        let in_memory = ["--in-memory", "--dynamodb-endpoint", &self.dynamodb];
        let (_program, started) = Program::start(&in_memory, credentials).await?;
        for (workspace, urls) in workspaces {
            started.call_back(workspace, urls).await?;
        }
        Ok(())
    }

    /// Sets these settings of all endpoints of a workspace, through the API of a program that ends after this.
    pub(crate) async fn set_endpoints(&self, workspace: &str, settings: &Value) -> Result<()> {
        let in_memory = ["--in-memory", "--dynamodb-endpoint", &self.dynamodb];
        let (_program, started) = Program::start(&in_memory, credentials).await?;
        started.set_endpoints(workspace, settings, |_| true).await
    }

    /// Returns the number of pending deliveries of all endpoints. The requests for it are not counted.
    pub(crate) async fn pending(&self) -> Result<u64> {
        pending(&self.dynamodb).await
    }

    async fn make_queue(&self) -> Result<String> {
        let answer = reqwest::Client::builder()
            .no_proxy()
            .build()?
            .post(&self.counter.endpoint)
            .header("x-amz-target", "AmazonSQS.CreateQueue")
            .header("content-type", "application/x-amz-json-1.0")
            .body(json!({"QueueName": "wake-ups"}).to_string())
            .send()
            .await?;
        let answer: Value = serde_json::from_slice(&answer.bytes().await?)?;
        Ok(answer["QueueUrl"].as_str().with_context(|| format!("a queue: {answer}"))?.to_owned())
    }
}

/// Adds any credentials: none of the engines checks them.
pub(crate) fn credentials(launch: Launch) -> Launch {
    launch.set("AWS_ACCESS_KEY_ID", "test").set("AWS_SECRET_ACCESS_KEY", "test").set("AWS_REGION", "us-east-1")
}

/// Addresses of a program.
pub(crate) struct Program {
    pub(crate) api: String,
    pub(crate) dynamodb: String,
    client: reqwest::Client,
}

impl Program {
    /// Starts `instance-webhooks` beside the measured process, and waits until it is ready.
    pub(crate) async fn start(arguments: &[&str], settings: impl FnOnce(Launch) -> Launch) -> Result<(Process, Self)> {
        let launch = settings(Self::launch(&program()?, arguments)?);
        Self::ready(launch.beside()?).await
    }

    /// Starts `instance-webhooks` as on a machine of its own, on both cores, and waits until it is ready.
    pub(crate) async fn everywhere(arguments: &[&str]) -> Result<(Process, Self)> {
        Self::ready(Self::launch(&program()?, arguments)?.everywhere()?).await
    }

    /// Starts a program whose tables have other names, so that it reads none of the tables of others.
    pub(crate) async fn as_engine() -> Result<(Process, Self)> {
        let apart = |launch: Launch| {
            ["INSTANCES_TABLE", "WEBHOOKS_TABLE", "DELIVERIES_TABLE"]
                .iter()
                .fold(launch, |launch, name| launch.set(name, format!("Unused-{name}")))
        };
        Self::start(&["--in-memory", "--dynamodb-port", "0"], apart).await
    }

    /// Returns the settings for the start of a built program.
    pub(crate) fn launch(binary: &str, arguments: &[&str]) -> Result<Launch> {
        let binary = built(binary, "build it first: cargo build --workspace --bin instance-webhooks")?;
        let launch = Launch::new([&binary, "--port", "0"].into_iter().chain(arguments.iter().copied()));
        Ok(launch.talks().set("ALLOWED_NETWORKS", "127.0.0.0/8"))
    }

    /// Waits until a program that has just been started is ready.
    pub(crate) async fn ready(mut process: Process) -> Result<(Process, Self)> {
        let out = process.child.stdout.take().context("its output is piped")?;
        let line = tokio::time::timeout(PATIENCE, BufReader::new(out).lines().next_line()).await??;
        let ready = line.context("instance-webhooks ended, see target/bench/*.log")?;
        let mut urls = ready.split([' ', ',']).filter(|it| it.starts_with("http://"));
        let (api, dynamodb) = (urls.next(), urls.next());
        let started = Self {
            api: api.context("where the API is")?.to_owned(),
            dynamodb: dynamodb.context("where DynamoDB is")?.to_owned(),
            client: reqwest::Client::builder().no_proxy().build()?,
        };
        Ok((process, started))
    }

    /// Sets these URLs as callbacks of created instances.
    pub(crate) async fn call_back(&self, workspace: &str, urls: &[String]) -> Result<()> {
        self.call_back_on("created", workspace, urls).await
    }

    /// Sets these URLs as callbacks of this event type.
    pub(crate) async fn call_back_on(&self, event_type: &str, workspace: &str, urls: &[String]) -> Result<()> {
        let url = format!("{}/v1/workspaces/{workspace}/callbacks/{event_type}", self.api);
        let answer = self.client.put(url).json(&json!({"enabled": true, "urls": urls})).send().await?;
        let status = answer.status();
        ensure!(status.is_success(), "callbacks of {workspace}: {status} {}", answer.text().await?);
        Ok(())
    }

    /// Sets these settings of the endpoints of a workspace whose URL is `wanted`; one of them must be.
    pub(crate) async fn set_endpoints(
        &self,
        workspace: &str,
        settings: &Value,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<()> {
        let all = format!("{}/v1/workspaces/{workspace}/endpoints", self.api);
        let listed: Value = serde_json::from_slice(&self.client.get(&all).send().await?.bytes().await?)?;
        let endpoints =
            listed["endpoints"].as_array().with_context(|| format!("endpoints of {workspace}: {listed}"))?;
        let endpoints: Vec<&Value> = endpoints.iter().filter(|it| it["url"].as_str().is_some_and(&wanted)).collect();
        ensure!(!endpoints.is_empty(), "{workspace} has no such endpoint: {listed}");
        for endpoint in endpoints {
            let id = endpoint["endpointID"].as_str().context("an endpoint has an ID")?;
            let answer = self.client.patch(format!("{all}/{id}")).json(settings).send().await?;
            let status = answer.status();
            ensure!(status.is_success(), "settings of {workspace}: {status} {}", answer.text().await?);
        }
        Ok(())
    }
}

/// Returns the path of the program.
pub(crate) fn program() -> Result<String> {
    built_with_this("instance-webhooks")
}

async fn ministack() -> Result<(String, Process)> {
    let program = built(".venv/bin/ministack", "make installs it")?;
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let launch = Launch::new([program])
        .set("BIND_HOST", "127.0.0.1")
        .set("GATEWAY_PORT", port.to_string())
        .set("IOT_MTLS_ENABLED", "0") // or it opens ports of its own
        .set("SFTP_ENABLED", "0");
    let process = launch.beside()?;
    let endpoint = format!("http://127.0.0.1:{port}");
    let client = reqwest::Client::builder().no_proxy().build()?;
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if client.get(format!("{endpoint}/_ministack/health")).send().await.is_ok() {
            return Ok((endpoint, process));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("the emulator did not start, see target/bench/others.log")
}
