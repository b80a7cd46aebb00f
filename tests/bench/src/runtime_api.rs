//! The Lambda Runtime API, as far as a function asks for it (AWS: "Using the Lambda runtime API for custom runtimes").

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::patience::PATIENCE;

/// The function timeout that the template sets.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

type Answer = Result<Bytes, String>;

struct Invocation {
    payload: Bytes,
    answer: oneshot::Sender<Answer>,
}

struct Shared {
    waiting: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    running: Mutex<HashMap<String, oneshot::Sender<Answer>>>,
    /// When the function first asked for an event.
    ready: watch::Sender<Option<Instant>>,
}

/// One execution environment's Runtime API.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    /// For `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) address: String,
    invocations: mpsc::Sender<Invocation>,
    ready: watch::Receiver<Option<Instant>>,
    server: JoinHandle<()>,
}

impl RuntimeApi {
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (invocations, waiting) = mpsc::channel(1);
        let (ready, is_ready) = watch::channel(None);
        let shared = Shared { waiting: tokio::sync::Mutex::new(waiting), running: Mutex::default(), ready };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{outcome}", post(outcome))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::new(shared));
        let server = tokio::spawn(async { _ = axum::serve(listener, router).await });
        Ok(Self { address, invocations, ready: is_ready, server })
    }

    /// When the function first asked for an event.
    pub(crate) async fn ready(&mut self) -> Result<Instant> {
        let ready = tokio::time::timeout(PATIENCE, self.ready.wait_for(Option::is_some)).await;
        ready.context("the function never asked for an event")??.context("it is there")
    }

    /// What the function answers, and how long it took.
    pub(crate) async fn invoke(&self, payload: Bytes) -> Result<(Bytes, Duration)> {
        let (answer, answered) = oneshot::channel();
        let begun = Instant::now();
        self.invocations.send(Invocation { payload, answer }).await.ok().context("the Runtime API is there")?;
        match tokio::time::timeout(TIMEOUT * 2, answered).await.context("no answer")?? {
            Ok(answer) => Ok((answer, begun.elapsed())),
            Err(error) => bail!("the function failed: {error}"),
        }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    shared.ready.send_if_modified(|ready| ready.is_none() && ready.replace(Instant::now()).is_none());
    let Some(invocation) = shared.waiting.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let deadline = (SystemTime::now() + TIMEOUT).duration_since(UNIX_EPOCH).unwrap_or_default();
    let id = format!("{:032x}", deadline.as_nanos());
    let headers = [
        ("lambda-runtime-aws-request-id", id.clone()),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:bench".to_owned()),
        ("lambda-runtime-trace-id", "Root=1-697dfb40-0123456789abcdef01234567;Sampled=0".to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    shared.running.lock().unwrap_or_else(PoisonError::into_inner).insert(id, invocation.answer);
    (headers, invocation.payload).into_response()
}

async fn outcome(
    State(shared): State<Arc<Shared>>,
    Path((id, outcome)): Path<(String, String)>,
    body: Bytes,
) -> StatusCode {
    let running = shared.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    let answer = if outcome == "response" { Ok(body) } else { Err(String::from_utf8_lossy(&body).into_owned()) };
    match running {
        // Who asked may have given up.
        Some(asked) => {
            _ = asked.send(answer);
            StatusCode::ACCEPTED
        }
        None => StatusCode::NOT_FOUND,
    }
}

async fn init_error(body: Bytes) -> StatusCode {
    let mut stderr = std::io::stderr();
    _ = std::io::Write::write_all(&mut stderr, &body);
    StatusCode::ACCEPTED
}
