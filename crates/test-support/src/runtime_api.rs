//! The part of the Lambda Runtime API that functions use (AWS: "Using the Lambda runtime API for custom runtimes").
//!
//! A function may continue after it has posted its response, until it asks for the next event. Its caller has the response
//! before that; the request frees the environment, and ends the time that is billed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Function timeout of the template.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Response of the function and the time at which it was posted.
type Answer = Result<(Bytes, Instant), String>;

/// Failure of an invocation.
#[derive(Debug, thiserror::Error)]
pub enum InvocationError {
    /// The handler returned an error, or its response is none.
    #[error("the function failed: {0}")]
    Function(String),
    #[error("no response within {} seconds", 2 * TIMEOUT.as_secs())]
    NoResponse,
    #[error("the function did not ask for an event within {} seconds", .0.as_secs())]
    NotReady(Duration),
}

struct Invocation {
    payload: Bytes,
    answer: oneshot::Sender<Answer>,
}

struct Shared {
    waiting: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    running: Mutex<HashMap<String, oneshot::Sender<Answer>>>,
    asked: watch::Sender<Asked>,
}

/// Number of the function's requests for an event, and the time of the last one.
#[derive(Clone, Copy, Debug)]
struct Asked {
    times: u64,
    last: Instant,
}

/// An invocation with a response, which may continue.
#[derive(Debug)]
pub struct Responded {
    pub payload: Bytes,
    pub begun: Instant,
    /// Time at which the response was posted.
    pub posted: Instant,
    /// Number of the function's requests for an event before that.
    asked: u64,
}

/// Runtime API of one execution environment.
#[derive(Debug)]
pub struct RuntimeApi {
    /// Value of `AWS_LAMBDA_RUNTIME_API`.
    pub address: String,
    invocations: mpsc::Sender<Invocation>,
    asked: watch::Receiver<Asked>,
    server: JoinHandle<()>,
}

impl RuntimeApi {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address").to_string();
        let (invocations, waiting) = mpsc::channel(1);
        let (asked, has_asked) = watch::channel(Asked { times: 0, last: Instant::now() });
        let shared = Shared { waiting: tokio::sync::Mutex::new(waiting), running: Mutex::default(), asked };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{outcome}", post(outcome))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::new(shared));
        let server = tokio::spawn(async { _ = axum::serve(listener, router).await });
        Self { address, invocations, asked: has_asked, server }
    }

    /// Returns the time at which the function first asked for an event; must be called before an invocation.
    pub async fn ready(&mut self) -> Result<Instant, InvocationError> {
        self.asked_more_than(0, TIMEOUT).await
    }

    /// Invokes the function, and returns with its response.
    pub async fn respond(&mut self, payload: Bytes) -> Result<Responded, InvocationError> {
        let begun = Instant::now();
        // One that is just starting has not asked yet.
        self.asked_more_than(0, TIMEOUT).await?;
        let asked = self.asked.borrow().times;
        let (answer, answered) = oneshot::channel();
        self.invocations.send(Invocation { payload, answer }).await.expect("the Runtime API lives as long as this");
        match timeout(TIMEOUT * 2, answered).await {
            Ok(Ok(Ok((payload, posted)))) => Ok(Responded { payload, begun, posted, asked }),
            Ok(Ok(Err(error))) => Err(InvocationError::Function(error)),
            Ok(Err(_)) | Err(_) => Err(InvocationError::NoResponse),
        }
    }

    /// Waits until the function asks for the next event; returns the time of that.
    pub async fn idle(&mut self, after: &Responded) -> Result<Instant, InvocationError> {
        self.asked_more_than(after.asked, TIMEOUT * 2).await
    }

    /// Returns whether the function has asked for the next event.
    pub fn is_idle(&self, after: &Responded) -> bool {
        self.asked.borrow().times > after.asked
    }

    async fn asked_more_than(&mut self, times: u64, patience: Duration) -> Result<Instant, InvocationError> {
        match timeout(patience, self.asked.wait_for(|it| it.times > times)).await {
            Ok(Ok(asked)) => Ok(asked.last),
            Ok(Err(_)) | Err(_) => Err(InvocationError::NotReady(patience)),
        }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    shared.asked.send_modify(|asked| *asked = Asked { times: asked.times + 1, last: Instant::now() });
    let Some(invocation) = shared.waiting.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let deadline = (SystemTime::now() + TIMEOUT).duration_since(UNIX_EPOCH).unwrap_or_default();
    let id = format!("{:032x}", deadline.as_nanos());
    let headers = [
        ("lambda-runtime-aws-request-id", id.clone()),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:tested".to_owned()),
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
    let answer = if outcome == "response" {
        Ok((body, Instant::now()))
    } else {
        Err(String::from_utf8_lossy(&body).into_owned())
    };
    match running {
        // The function may have disconnected.
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
