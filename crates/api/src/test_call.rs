//! Test calls: one example request to each configured URL of an event type, or to URLs before they are configured.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use utoipa::ToSchema;

use super::body::OptionalJsonBody;
use super::callbacks::check_hosts;
use super::callbacks_input::{UrlLines, url_lines_schema};
use super::caller::Caller;
use super::path::EventTypePath;
use super::settings_input::given;
use super::{ApiState, Problem, ProblemType, schema};
use webhooks_engine::dispatch::attempt;
use webhooks_model::attempt::Reason;
use webhooks_model::audit::Actor;
use webhooks_model::callback_url::CallbackUrl;
use webhooks_model::callbacks::CallbackInput;
use webhooks_model::credentials::Credentials;
use webhooks_model::endpoint::{Endpoint, EndpointId};
use webhooks_model::event::{Event, EventType};
use webhooks_model::signing::WorkspaceKeys;
use webhooks_model::workspace::WorkspaceId;
use webhooks_store::{RateLimit, WorkspaceState};

/// Maximum wait for a free connection slot.
const PATIENCE: Duration = Duration::from_secs(1);

/// URLs to call.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TestInput {
    /// URLs to call instead of the configured ones.
    #[serde(default, deserialize_with = "given")]
    #[schema(schema_with = url_lines_schema)]
    urls: Option<UrlLines>,
}

/// Results of a test call.
#[derive(Serialize, ToSchema)]
#[schema(as = TestResults)]
pub(super) struct TestBody {
    /// One result per URL, in the order in which they are configured or given.
    results: Vec<TestResult>,
}

/// Result of one example request.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TestResult {
    /// The called URL.
    url: String,
    /// Endpoint id of the URL.
    #[serde(rename = "endpointID")]
    endpoint_id: String,
    /// Whether the endpoint acknowledged the event.
    delivered: bool,
    /// HTTP status code; null without a response.
    #[schema(required)]
    status: Option<u16>,
    /// Time until the response's headers or until the failure, in milliseconds.
    latency_ms: u64,
    /// Class of failure; null for a success.
    #[schema(required, value_type = Option<schema::Reason>)]
    reason: Option<Reason>,
    /// Description of the failure.
    #[schema(required)]
    detail: Option<String>,
    /// Beginning of the response's body, at most 4 KiB; empty without one.
    body: String,
}

/// Calls an event type's URLs once, with an example event
///
/// Each URL is called now, whether the event type is on or off, with the instanceID `example-instance`, the processName
/// `Example process` and a `webhook-id` that begins with `example-`. The response comes after all have responded, at
/// most 11 seconds later. Nothing is stored, and no endpoint's health changes.
///
/// With `urls` in the body these are called instead, to try them before they are saved. They are validated as when they
/// are saved. None is called if one is rejected, and a rejected call does not count as a test call.
///
/// The request is signed like every other one, with the endpoint's signing secret and over the same content:
/// `webhook-id`, `webhook-timestamp` and the target, which is the URL's path and query with the three parameters. A URL
/// that is not saved is signed with the secret that it will have when it is added, which
/// `…/endpoints/{endpointID}/signing-secret` shows; one that will replace another has that one's secret from then on. The
/// secret headers of an endpoint are sent, too.
#[utoipa::path(post, path = "/v1/workspaces/{workspace}/callbacks/{eventType}/test", tag = "callbacks",
    request_body(content = Option<TestInput>, description = "Optional: without it the configured URLs are called"),
    params(("workspace", description = "The workspace; `default` for instances that name none"), ("eventType" = schema::EventType, Path)),
    responses((status = 200, description = "The results; empty for an event type without URLs", body = TestBody),
        (status = 429, description = "The workspace's limit of test calls per minute is reached", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn test_callbacks(
    State(state): State<ApiState>,
    Caller(caller): Caller,
    EventTypePath(workspace, event_type): EventTypePath,
    OptionalJsonBody(input): OptionalJsonBody<TestInput>,
) -> Result<Json<TestBody>, Problem> {
    let given = match input.urls {
        Some(urls) => Some(checked(&state, event_type, urls).await?),
        None => None,
    };
    state.count_test_call(&workspace).await?;
    let mut now = state.endpoints.workspace(&workspace).await?;
    let urls = match given {
        Some(urls) => {
            // A change of configured URLs has an audit entry; a trial of others has only this log line.
            let (caller_id, url_count) = (&caller.id, urls.len());
            tracing::info!(caller_id, %workspace, %event_type, url_count, "unsaved URLs are tested");
            urls
        }
        None => {
            now = now.checked()?;
            now.callbacks.callbacks.of(event_type).urls.clone()
        }
    };
    let keys = match (now.keys.take(), now.damaged_keys.take()) {
        (_, Some(error)) => return Err(error.into()),
        (Some(stored), None) => stored.keys,
        (None, None) => state.secrets.get_or_create(&workspace, state.author(&Actor::service())).await?.keys,
    };
    let event = Event {
        id: format!("example-{}", state.world.unique_name()),
        sequence_number: "0".to_owned(),
        event_type,
        workspace,
        instance_id: "example-instance".to_owned(),
        process_name: "Example process".to_owned(),
        changed_at: state.world.now(),
    };
    let calls = urls.iter().map(|url| call(&state, url, &event, (&now, &keys)));
    let results = join_all(calls).await;
    Ok(Json(TestBody { results }))
}

/// Calls one URL, without an inline retry.
async fn call(
    state: &ApiState,
    url: &CallbackUrl,
    event: &Event,
    (now, keys): (&WorkspaceState, &WorkspaceKeys),
) -> TestResult {
    let empty = TestResult {
        url: url.as_str().to_owned(),
        endpoint_id: EndpointId::of(url).into(),
        delivered: false,
        status: None,
        latency_ms: 0,
        reason: None,
        detail: None,
        body: String::new(),
    };
    let endpoint = Endpoint::from(url.clone());
    // Nothing is sent unsigned, not even an example.
    let headers = now.endpoints.get(&endpoint.id).map(|record| record.settings.secret_headers.clone());
    let credentials = match state.secret_of(&event.workspace, &endpoint.id, now).await {
        Ok(secret) => Credentials {
            secrets: secret.sources.secrets(keys, state.world.now()),
            headers: headers.filter(|_| now.callbacks.callbacks.have(&endpoint.id)).unwrap_or_default(),
        },
        Err(problem) => return TestResult { reason: Some(Reason::Other), detail: Some(problem.detail()), ..empty },
    };
    let start_until = Instant::now() + PATIENCE;
    let Some(attempt) = attempt(&*state.sender, &endpoint, &credentials, (event, 1), start_until).await else {
        let detail = format!("no place within {PATIENCE:?}: as many attempts as may be are on their way; try again");
        return TestResult { reason: Some(Reason::Other), detail: Some(detail), ..empty };
    };
    TestResult {
        delivered: attempt.is_success(),
        status: attempt.status,
        latency_ms: u64::try_from(attempt.latency.as_millis()).unwrap_or(u64::MAX),
        reason: attempt.failure.as_ref().map(|failure| failure.reason),
        detail: attempt.failure.map(|failure| failure.detail),
        body: attempt.body,
        ..empty
    }
}

/// Returns the URLs, if they are valid and allowed.
async fn checked(state: &ApiState, event_type: EventType, urls: UrlLines) -> Result<Vec<CallbackUrl>, Problem> {
    let pending = CallbackInput { enabled: true, lines: urls.0 }.validate(event_type, state.sender.policy());
    let callback =
        check_hosts(state, pending).await.map_err(|invalid| Problem::in_lines("nothing was called", invalid))?;
    Ok(callback.urls)
}

impl ApiState {
    /// Counts a test call, or a dry run.
    ///
    /// # Errors
    /// [`ProblemType::TooManyTestCalls`] if the workspace's limit per minute is reached.
    pub(super) async fn count_test_call(&self, workspace: &WorkspaceId) -> Result<(), Problem> {
        let RateLimit::Limited(wait) = self.test_calls.take(workspace, self.world.now()).await? else { return Ok(()) };
        let (per_minute, seconds) = (self.test_calls.per_minute(), wait.as_secs());
        let detail =
            format!("a workspace may make {per_minute} test calls or dry runs a minute; try again in {seconds} s");
        Err(Problem::after(ProblemType::TooManyTestCalls, detail, wait))
    }
}
