//! What stands for AWS below the functions: DynamoDB (the one that is embedded in the program), SQS and EventBridge (an
//! emulator), and in front of them a proxy that counts what is asked of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::patience::PATIENCE;
use crate::process::{Launch, Process, built};

/// What was asked, by operation, and how many items were written. An item that was removed is written, too.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Asked {
    pub(crate) requests: BTreeMap<String, u64>,
    pub(crate) items: u64,
}

impl Asked {
    /// Requests to DynamoDB.
    pub(crate) fn dynamodb(&self) -> u64 {
        self.requests.iter().filter(|(name, _)| name.starts_with("DynamoDB")).map(|(_, count)| count).sum()
    }

    /// Requests of an operation.
    pub(crate) fn of(&self, operation: &str) -> u64 {
        self.requests.iter().filter(|(name, _)| name.ends_with(operation)).map(|(_, count)| count).sum()
    }
}

type Forward = Client<HttpConnector, Full<Bytes>>;

struct Proxy {
    client: Forward,
    dynamodb: String,
    others: String,
    asked: Mutex<Asked>,
}

/// Engine, emulator and proxy, until it is dropped.
pub(crate) struct Engine {
    proxy: Arc<Proxy>,
    /// Of the proxy.
    endpoint: String,
    /// Of the engine.
    pub(crate) dynamodb: String,
    queue: String,
    server: JoinHandle<()>,
    _processes: Vec<Process>,
}

impl Engine {
    pub(crate) async fn start() -> Result<Self> {
        // Its tables have other names: so it looks at none of those that the functions use.
        let apart = |launch: Launch| {
            ["INSTANCES_TABLE", "WEBHOOKS_TABLE", "DELIVERIES_TABLE"]
                .iter()
                .fold(launch, |launch, name| launch.set(name, format!("Unused-{name}")))
        };
        let (engine, started) = Program::start(&["--in-memory", "--dynamodb-port", "0"], apart).await?;
        let (others, emulator) = ministack().await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let client = Client::builder(TokioExecutor::new()).build_http();
        let proxy = Arc::new(Proxy { client, dynamodb: started.dynamodb.clone(), others, asked: Mutex::default() });
        let router = Router::new().fallback(forward).layer(DefaultBodyLimit::disable()).with_state(Arc::clone(&proxy));
        let server = tokio::spawn(async { _ = axum::serve(listener, router).await });
        let mut engine = Self {
            proxy,
            endpoint,
            dynamodb: started.dynamodb,
            queue: String::new(),
            server,
            _processes: vec![engine, emulator],
        };
        engine.queue = engine.make_queue().await?;
        Ok(engine)
    }

    /// What has been asked since this was last called.
    pub(crate) fn asked(&self) -> Asked {
        std::mem::take(&mut *self.proxy.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the template sets for its functions.
    pub(crate) fn environment(&self, launch: Launch) -> Launch {
        credentials(launch)
            .set("AWS_ENDPOINT_URL", &self.endpoint)
            .set("WAKEUP_QUEUE_URL", &self.queue)
            .set("DEPLOYMENT_NAME", "bench")
            .set("ALLOWED_NETWORKS", "127.0.0.0/8") // where the receivers are
    }

    /// Sets the callbacks of created instances, by workspace, through the API of a program that ends with this.
    pub(crate) async fn call_back(&self, workspaces: &[(String, Vec<String>)]) -> Result<()> {
        let in_memory = ["--in-memory", "--dynamodb-endpoint", &self.dynamodb];
        let (_program, started) = Program::start(&in_memory, credentials).await?;
        for (workspace, urls) in workspaces {
            started.call_back(workspace, urls).await?;
        }
        Ok(())
    }

    async fn make_queue(&self) -> Result<String> {
        let answer = reqwest::Client::builder()
            .no_proxy()
            .build()?
            .post(&self.endpoint)
            .header("x-amz-target", "AmazonSQS.CreateQueue")
            .header("content-type", "application/x-amz-json-1.0")
            .body(json!({"QueueName": "wake-ups"}).to_string())
            .send()
            .await?;
        let answer: Value = serde_json::from_slice(&answer.bytes().await?)?;
        Ok(answer["QueueUrl"].as_str().with_context(|| format!("a queue: {answer}"))?.to_owned())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn credentials(launch: Launch) -> Launch {
    launch.set("AWS_ACCESS_KEY_ID", "test").set("AWS_SECRET_ACCESS_KEY", "test").set("AWS_REGION", "us-east-1")
}

async fn forward(State(proxy): State<Arc<Proxy>>, request: Request) -> Response {
    match pass(&proxy, request).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}")).into_response(),
    }
}

async fn pass(proxy: &Proxy, request: Request) -> Result<Response> {
    let (mut head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let target = head.headers.get("x-amz-target").and_then(|it| it.to_str().ok()).unwrap_or("other").to_owned();
    {
        let mut asked = proxy.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.items += written(&target, &body);
        *asked.requests.entry(target.clone()).or_default() += 1;
    }
    let to = if target.starts_with("DynamoDB") { &proxy.dynamodb } else { &proxy.others };
    let path = head.uri.path_and_query().map_or("/", |it| it.as_str());
    head.uri = Uri::try_from(format!("{}{path}", to.trim_end_matches('/')))?;
    let response = proxy.client.request(Request::from_parts(head, Full::new(body))).await?;
    Ok(response.map(Body::new))
}

fn written(target: &str, body: &[u8]) -> u64 {
    match target.rsplit('.').next() {
        Some("PutItem" | "UpdateItem" | "DeleteItem") => 1,
        Some("BatchWriteItem") => {
            let text = String::from_utf8_lossy(body);
            (text.matches("\"PutRequest\"").count() + text.matches("\"DeleteRequest\"").count()) as u64
        }
        _ => 0,
    }
}

/// Where a program listens.
pub(crate) struct Program {
    pub(crate) api: String,
    pub(crate) dynamodb: String,
    client: reqwest::Client,
}

impl Program {
    /// Starts `instance-webhooks` and waits until it is ready.
    pub(crate) async fn start(arguments: &[&str], settings: impl FnOnce(Launch) -> Launch) -> Result<(Process, Self)> {
        let program = built(&program(), "build it first: cargo build --workspace --bin instance-webhooks")?;
        let launch = Launch::new([&program, "--port", "0"].into_iter().chain(arguments.iter().copied()));
        let mut process = settings(launch.talks().set("ALLOWED_NETWORKS", "127.0.0.0/8")).beside()?;
        let out = process.child.stdout.take().context("its output is piped")?;
        let line = tokio::time::timeout(PATIENCE, BufReader::new(out).lines().next_line()).await??;
        let ready = line.context("instance-webhooks ended, see target/bench/others.log")?;
        let mut urls = ready.split([' ', ',']).filter(|it| it.starts_with("http://"));
        let (api, dynamodb) = (urls.next(), urls.next());
        let started = Self {
            api: api.context("where the API is")?.to_owned(),
            dynamodb: dynamodb.context("where DynamoDB is")?.to_owned(),
            client: reqwest::Client::builder().no_proxy().build()?,
        };
        Ok((process, started))
    }

    /// Calls these URLs when an instance is created.
    pub(crate) async fn call_back(&self, workspace: &str, urls: &[String]) -> Result<()> {
        let url = format!("{}/v1/workspaces/{workspace}/callbacks/created", self.api);
        let answer = self.client.put(url).json(&json!({"enabled": true, "urls": urls})).send().await?;
        let status = answer.status();
        ensure!(status.is_success(), "callbacks of {workspace}: {status} {}", answer.text().await?);
        Ok(())
    }
}

/// Beside this program, as cargo builds both.
fn program() -> String {
    let beside = |it: std::path::PathBuf| it.with_file_name("instance-webhooks").display().to_string();
    std::env::current_exe().map_or_else(|_| "instance-webhooks".to_owned(), beside)
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
