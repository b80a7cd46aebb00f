//! The built-in receiver for callbacks, which can be set to fail, to delay its responses and to hang.

use super::behaviour::Behaviour;
use super::body::JsonBody;
use super::log::Log;
use super::query::Parameters;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use webhooks_api::Problem;

/// Longest time that a reader of the log waits for news.
const PATIENCE: Duration = Duration::from_secs(10);

/// The receiver.
pub(super) struct Receiver {
    log: Mutex<Log>,
    /// Number of the log's state.
    state: watch::Sender<u64>,
    stop: CancellationToken,
    /// Permits of waiting requests, so that connections are left for the rest of this port.
    waiting: Semaphore,
}

impl Receiver {
    pub(super) fn new(most_waiting: usize, stop: CancellationToken) -> Self {
        let waiting = Semaphore::new(most_waiting);
        Self { log: Mutex::default(), state: watch::Sender::default(), stop, waiting }
    }

    /// Locks the log.
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the log and wakes its waiting readers.
    fn change<T>(&self, change: impl FnOnce(&mut Log) -> T) -> T {
        let mut log = self.log();
        let result = change(&mut log);
        self.state.send_replace(log.state());
        result
    }
}

/// Records a request and responds by the present behaviour.
pub(super) async fn called(
    State(receiver): State<Arc<Receiver>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let number = receiver.change(|log| log.note(&method, &uri, &headers, Timestamp::now()));
    let behaviour = receiver.log().behaviour();
    let mut request = Request { receiver: &receiver, number, came: Instant::now(), answered: None };
    let waiting = receiver.waiting.try_acquire();
    let answer = async {
        if waiting.is_err() {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        match behaviour.answer() {
            Some((delay, status)) => {
                sleep(delay).await;
                status
            }
            None => pending().await,
        }
    };
    // At its end the program does not wait for requests that the receiver holds.
    let status = receiver.stop.run_until_cancelled(answer).await.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    request.answered = Some(status);
    drop(request);
    let text = if status == StatusCode::OK { "ok\n".to_owned() } else { format!("{status}, as told\n") };
    (status, [(header::CACHE_CONTROL, "no-store")], text).into_response()
}

/// A waiting request. If it is dropped without a response, its caller disconnected.
struct Request<'a> {
    receiver: &'a Receiver,
    number: u64,
    came: Instant,
    answered: Option<StatusCode>,
}

impl Drop for Request<'_> {
    fn drop(&mut self) {
        let after_ms = u64::try_from(self.came.elapsed().as_millis()).unwrap_or(u64::MAX);
        let status = self.answered.map(|status| status.as_u16());
        self.receiver.change(|log| log.end(self.number, status, after_ms));
    }
}

/// Returns the news since the state `after`; with `wait`, as soon as there are some; with `workspace`, that one's.
pub(super) async fn log(State(receiver): State<Arc<Receiver>>, uri: Uri) -> Result<Response, Problem> {
    let parameters = Parameters::of(&uri, &["after", "wait", "workspace"])?;
    let (after, wait) = (parameters.get("after", 0)?, parameters.get("wait", false)?);
    if wait {
        let mut state = receiver.state.subscribe();
        // A state ahead of the log's is from an earlier run of the program: to that reader every request is news.
        let news = state.wait_for(|state| *state != after);
        _ = timeout(PATIENCE, receiver.stop.run_until_cancelled(news)).await;
    }
    let log = receiver.log();
    let since = if after > log.state() { 0 } else { after };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(log.since(since, parameters.text("workspace")))).into_response())
}

/// Removes all requests, or those of a workspace.
pub(super) async fn clear(State(receiver): State<Arc<Receiver>>, uri: Uri) -> Result<StatusCode, Problem> {
    let parameters = Parameters::of(&uri, &["workspace"])?;
    receiver.change(|log| log.clear(parameters.text("workspace")));
    Ok(StatusCode::NO_CONTENT)
}

/// Sets the behaviour.
pub(super) async fn behave(
    State(receiver): State<Arc<Receiver>>,
    JsonBody(behaviour): JsonBody<Behaviour>,
) -> Json<Behaviour> {
    receiver.change(|log| log.behave(behaviour));
    Json(behaviour)
}
