//! One example request to each URL of an event type, now.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use futures_util::future::join_all;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::path::InEventType;
use super::{ApiState, Problem, ProblemType};
use crate::access::Caller;
use crate::delivery::Reason;
use crate::endpoint::EndpointId;
use crate::event::{Event, EventType};
use crate::request;
use crate::store::Taken;

/// What came of the example requests.
#[derive(Serialize, ToSchema)]
pub(super) struct TestBody {
    /// One for each URL of the event type, in the order in which they are configured.
    results: Vec<TestResult>,
}

/// What came of one example request.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TestResult {
    /// Who was called.
    url: String,
    /// Its name.
    #[serde(rename = "endpointID")]
    endpoint_id: String,
    /// Whether it took the event.
    delivered: bool,
    /// The status code, if an answer came.
    #[schema(required)]
    status: Option<u16>,
    /// Until the answer's headers, or until it failed; in milliseconds.
    latency_ms: u64,
    /// Why it is not a success; null when it is one.
    #[schema(required)]
    reason: Option<Reason>,
    /// The reason in words.
    #[schema(required)]
    detail: Option<String>,
}

/// Calls an event type's URLs once, as an example
///
/// Each is called now, whether the event type is on or off, with the instanceID `example-instance` and the processName
/// `Example process`. The answer comes when all have answered, at most 10 seconds later. Nothing of it is kept, and no
/// endpoint's health changes.
#[utoipa::path(post, path = "/v1/workspaces/{workspace}/callbacks/{eventType}/test", tag = "callbacks",
    params(("workspace", description = "The workspace; `default` for instances that name none"), ("eventType" = EventType, Path)),
    responses((status = 200, description = "What came of it; an event type without URLs has an empty list", body = TestBody),
        (status = 429, description = "The workspace has made its test calls of this minute", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn test_callbacks(
    State(state): State<ApiState>,
    InEventType(workspace, event_type): InEventType,
) -> Result<Json<TestBody>, Problem> {
    if let Taken::After(wait) = state.test_calls.take(&workspace, Timestamp::now()).await? {
        return Err(too_many(state.test_calls.per_minute(), wait));
    }
    let callbacks = state.callbacks.get(&workspace).await?.callbacks;
    let secrets = state.secrets.get_or_make(&workspace, &Caller::service()).await?.secrets;
    let event = Event {
        id: format!("example-{}", Uuid::new_v4().simple()),
        sequence_number: "0".to_owned(),
        event_type,
        workspace,
        instance_id: "example-instance".to_owned(),
        process_name: "Example process".to_owned(),
        changed_at: Timestamp::now(),
    };
    let calls = callbacks.of(event_type).urls.iter().map(|url| async {
        let empty = TestResult {
            url: url.as_str().to_owned(),
            endpoint_id: EndpointId::of(url).into(),
            delivered: false,
            status: None,
            latency_ms: 0,
            reason: None,
            detail: None,
        };
        let request = match request::build(url, &event, 1, Timestamp::now(), &secrets) {
            Ok(request) => request,
            Err(error) => {
                let detail = Some(format!("no request could be made: {error}"));
                return TestResult { reason: Some(Reason::Other), detail, ..empty };
            }
        };
        let attempt = state.sender.attempt(request).await;
        TestResult {
            delivered: attempt.succeeded(),
            status: attempt.status,
            latency_ms: u64::try_from(attempt.latency.as_millis()).unwrap_or(u64::MAX),
            reason: attempt.failure.as_ref().map(|failure| failure.reason),
            detail: attempt.failure.map(|failure| failure.detail),
            ..empty
        }
    });
    let results = join_all(calls).await;
    Ok(Json(TestBody { results }))
}

fn too_many(per_minute: u32, wait: Duration) -> Problem {
    let seconds = wait.as_secs();
    let detail = format!("a workspace may make {per_minute} test calls a minute; try again in {seconds} s");
    Problem::after(ProblemType::TooManyTestCalls, detail, wait)
}
