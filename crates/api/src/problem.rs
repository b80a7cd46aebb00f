//! All problems of the API in one enum: a new one does not compile without its type, title and status.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::schema;
use webhooks_model::address::NotAllowed;
use webhooks_model::callback_url::InvalidUrl;
use webhooks_model::callbacks::{InvalidCallbacks, LineError};
use webhooks_model::cut::{cut, without_middle};
use webhooks_model::event::EventType;
use webhooks_store::StoreError;

/// Stable types of problems. Callers distinguish them by [`ProblemType::uri`], the member `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemType {
    /// The path does not exist.
    NotFound,
    /// Credentials are missing or invalid.
    Unauthenticated,
    /// The caller lacks the permission.
    Forbidden,
    /// Tokens cannot be verified at the moment.
    SignInUnavailable,
    /// The request is for another host, or comes from a foreign web page.
    ForeignRequest,
    /// The path exists, but not with this method.
    MethodNotAllowed,
    /// The body is not declared as JSON, or is encoded.
    UnsupportedMediaType,
    /// The body is larger than any valid one.
    BodyTooLarge,
    /// The body ended early.
    IncompleteBody,
    /// The body is not JSON.
    MalformedJson,
    /// The body is JSON, but a field is unknown, missing or of the wrong type.
    InvalidField,
    /// A line is not a valid URL.
    InvalidUrl,
    /// A URL's scheme is neither http nor https.
    UnsupportedScheme,
    /// A URL carries a user or password.
    UserInfoInUrl,
    /// A URL is longer than 2,048 characters.
    UrlTooLong,
    /// A URL's host is, or resolves to, an address that is not allowed.
    AddressNotAllowed,
    /// A URL's port is not allowed.
    PortNotAllowed,
    /// A URL is `http`, but only `https` is allowed.
    HttpsRequired,
    /// More than 50 URLs for one event type.
    TooManyUrls,
    /// The workspace in the path is not a valid workspace id.
    InvalidWorkspace,
    /// The event type in the path is not one of the three.
    UnknownEventType,
    /// The workspace does not have the endpoint in the path.
    UnknownEndpoint,
    /// The workspace does not have the delivery in the path.
    UnknownDelivery,
    /// A query parameter is unknown or invalid.
    InvalidParameter,
    /// At least one filter is required.
    EmptyFilter,
    /// The URL is no longer called for this event type.
    NoLongerConfigured,
    /// The endpoint is disabled.
    EndpointDisabled,
    /// The workspace has no signing secret yet.
    NoSigningSecret,
    /// The text is not a valid signing secret.
    InvalidSecret,
    /// The maximum number of concurrently signing secrets is reached.
    TooManySecrets,
    /// The workspace's limit of test calls per minute is reached.
    TooManyTestCalls,
    /// Another bulk replay of the workspace is running.
    ReplayAtWork,
    /// `If-Match` is not a list of entity tags.
    InvalidPrecondition,
    /// The resource has changed since the caller read it.
    PreconditionFailed,
    /// Concurrent changes kept conflicting with this one.
    Conflict,
    /// The table is unavailable.
    StoreUnavailable,
    /// The stream is off or unavailable.
    StreamUnavailable,
    /// The stored data cannot be read.
    StoredDataDamaged,
}

impl ProblemType {
    fn parts(self) -> (&'static str, &'static str, StatusCode) {
        match self {
            Self::NotFound => ("not-found", "Not found", StatusCode::NOT_FOUND),
            Self::Unauthenticated => ("unauthenticated", "Not signed in", StatusCode::UNAUTHORIZED),
            Self::Forbidden => ("forbidden", "Forbidden", StatusCode::FORBIDDEN),
            Self::SignInUnavailable => ("sign-in-unavailable", "Sign-in unavailable", StatusCode::SERVICE_UNAVAILABLE),
            Self::ForeignRequest => ("foreign-request", "Foreign request", StatusCode::FORBIDDEN),
            Self::MethodNotAllowed => ("method-not-allowed", "Method not allowed", StatusCode::METHOD_NOT_ALLOWED),
            Self::UnsupportedMediaType => {
                ("unsupported-media-type", "Unsupported media type", StatusCode::UNSUPPORTED_MEDIA_TYPE)
            }
            Self::BodyTooLarge => ("body-too-large", "Body too large", StatusCode::PAYLOAD_TOO_LARGE),
            Self::IncompleteBody => ("incomplete-body", "Incomplete body", StatusCode::BAD_REQUEST),
            Self::MalformedJson => ("malformed-json", "Malformed JSON", StatusCode::BAD_REQUEST),
            Self::InvalidField => ("invalid-field", "Invalid field", StatusCode::UNPROCESSABLE_ENTITY),
            Self::InvalidUrl => ("invalid-url", "Invalid URL", StatusCode::UNPROCESSABLE_ENTITY),
            Self::UnsupportedScheme => ("unsupported-scheme", "Unsupported scheme", StatusCode::UNPROCESSABLE_ENTITY),
            Self::UserInfoInUrl => ("user-info-in-url", "User or password in URL", StatusCode::UNPROCESSABLE_ENTITY),
            Self::UrlTooLong => ("url-too-long", "URL too long", StatusCode::UNPROCESSABLE_ENTITY),
            Self::AddressNotAllowed => ("address-not-allowed", "Address not allowed", StatusCode::UNPROCESSABLE_ENTITY),
            Self::PortNotAllowed => ("port-not-allowed", "Port not allowed", StatusCode::UNPROCESSABLE_ENTITY),
            Self::HttpsRequired => ("https-required", "HTTPS required", StatusCode::UNPROCESSABLE_ENTITY),
            Self::TooManyUrls => ("too-many-urls", "Too many URLs", StatusCode::UNPROCESSABLE_ENTITY),
            Self::InvalidWorkspace => ("invalid-workspace", "Invalid workspace", StatusCode::BAD_REQUEST),
            Self::UnknownEventType => ("unknown-event-type", "Unknown event type", StatusCode::NOT_FOUND),
            Self::UnknownEndpoint => ("unknown-endpoint", "Unknown endpoint", StatusCode::NOT_FOUND),
            Self::UnknownDelivery => ("unknown-delivery", "Unknown delivery", StatusCode::NOT_FOUND),
            Self::InvalidParameter => ("invalid-parameter", "Invalid parameter", StatusCode::BAD_REQUEST),
            Self::EmptyFilter => ("empty-filter", "Empty filter", StatusCode::UNPROCESSABLE_ENTITY),
            Self::NoLongerConfigured => ("no-longer-configured", "No longer configured", StatusCode::CONFLICT),
            Self::EndpointDisabled => ("endpoint-disabled", "Endpoint disabled", StatusCode::CONFLICT),
            Self::NoSigningSecret => ("no-signing-secret", "No signing secret yet", StatusCode::NOT_FOUND),
            Self::InvalidSecret => ("invalid-secret", "Invalid secret", StatusCode::UNPROCESSABLE_ENTITY),
            Self::TooManySecrets => ("too-many-secrets", "Too many secrets", StatusCode::CONFLICT),
            Self::TooManyTestCalls => ("too-many-test-calls", "Too many test calls", StatusCode::TOO_MANY_REQUESTS),
            Self::ReplayAtWork => ("replay-at-work", "Another replay is at work", StatusCode::TOO_MANY_REQUESTS),
            Self::InvalidPrecondition => ("invalid-precondition", "Invalid precondition", StatusCode::BAD_REQUEST),
            Self::PreconditionFailed => {
                ("precondition-failed", "Changed in the meantime", StatusCode::PRECONDITION_FAILED)
            }
            Self::Conflict => ("conflict", "Too many concurrent changes", StatusCode::CONFLICT),
            Self::StoreUnavailable => ("store-unavailable", "Store unavailable", StatusCode::SERVICE_UNAVAILABLE),
            Self::StreamUnavailable => ("stream-unavailable", "Stream unavailable", StatusCode::SERVICE_UNAVAILABLE),
            Self::StoredDataDamaged => {
                ("stored-data-damaged", "Stored data damaged", StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    /// Returns whether the same call may succeed a second later.
    fn passes(self) -> bool {
        matches!(self, Self::Conflict | Self::StoreUnavailable | Self::StreamUnavailable | Self::SignInUnavailable)
    }

    /// Returns the member `type`: it never changes.
    pub fn uri(self) -> String {
        format!("urn:instance-webhooks:problem:{}", self.parts().0)
    }
}

impl From<&InvalidUrl> for ProblemType {
    fn from(error: &InvalidUrl) -> Self {
        match error {
            InvalidUrl::TooLong(_) | InvalidUrl::TooLongNormalised(_) => Self::UrlTooLong,
            InvalidUrl::Scheme(_) => Self::UnsupportedScheme,
            InvalidUrl::UserInfo => Self::UserInfoInUrl,
            InvalidUrl::Character { .. }
            | InvalidUrl::TwoSchemes
            | InvalidUrl::TwoUrls { .. }
            | InvalidUrl::HostName(_)
            | InvalidUrl::Syntax(_) => Self::InvalidUrl,
        }
    }
}

impl From<&NotAllowed> for ProblemType {
    fn from(not_allowed: &NotAllowed) -> Self {
        match not_allowed {
            NotAllowed::Scheme => Self::HttpsRequired,
            NotAllowed::Port { .. } => Self::PortNotAllowed,
            NotAllowed::Address(_) | NotAllowed::Name(_) => Self::AddressNotAllowed,
        }
    }
}

/// A problem document (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    #[serde(skip)]
    #[schema(ignore)]
    kind: ProblemType,
    /// Delay after which the same call may succeed, in seconds.
    #[serde(skip)]
    #[schema(ignore)]
    retry_after: Option<u16>,
    /// Stable type of the problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:instance-webhooks:problem:invalid-url")]
    uri: String,
    /// Title of the type.
    title: &'static str,
    /// HTTP status code.
    #[schema(example = 422)]
    status: u16,
    /// Description of the problem: its cause, its place and how to fix it.
    #[schema(value_type = String)]
    detail: Box<str>,
    /// Path of the invalid field, or name of the invalid parameter, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "created.urls[1]")]
    field: Option<String>,
    /// The first 50 rejected lines, if lines of URLs were rejected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<LineProblem>,
    /// Number of further rejected lines; left out if it is zero.
    #[serde(skip_serializing_if = "is_none")]
    #[schema(required = false)]
    errors_left_out: usize,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

/// Maximum length of a problem's detail, in characters.
///
/// A detail may repeat the caller's input, of which a body has up to a million characters. Truncation keeps both ends:
/// the first half describes the error, the second half the fix.
const DETAIL_CHARACTERS: usize = 1_000;
const FIELD_CHARACTERS: usize = 200;

/// A rejected line.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LineProblem {
    /// Stable type of the problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:instance-webhooks:problem:invalid-url")]
    uri: String,
    /// Event type whose list has the line.
    #[schema(value_type = schema::EventType)]
    event_type: EventType,
    /// Number of the line, from 1, including blank lines.
    line: usize,
    /// Description of the problem: its cause and how to fix it.
    detail: String,
}

impl Problem {
    /// Creates a problem that concerns no single field.
    pub fn new(kind: ProblemType, detail: impl Into<String>) -> Self {
        let (_, title, status) = kind.parts();
        Self {
            kind,
            retry_after: kind.passes().then_some(1),
            uri: kind.uri(),
            title,
            status: status.as_u16(),
            detail: without_middle(&detail.into(), DETAIL_CHARACTERS).into(),
            field: None,
            errors: Vec::new(),
            errors_left_out: 0,
        }
    }

    /// Creates a problem that ends after a delay.
    pub fn after(kind: ProblemType, detail: impl Into<String>, wait: Duration) -> Self {
        Self { retry_after: Some(u16::try_from(wait.as_secs().max(1)).unwrap_or(u16::MAX)), ..Self::new(kind, detail) }
    }

    /// Creates a problem for rejected lines of URLs. Its type is that of the first rejected line.
    pub(super) fn in_lines(not_done: &str, invalid: InvalidCallbacks) -> Self {
        let detail = format!("{not_done}: {invalid}");
        let errors_left_out = invalid.left_out();
        let errors: Vec<_> = invalid.0.iter().take(InvalidCallbacks::NAMED).map(|it| (kind_of(it), it)).collect();
        let first = errors.first().map_or(ProblemType::InvalidUrl, |(kind, _)| *kind);
        let errors = errors.into_iter().map(|(kind, error)| LineProblem::new(kind, error)).collect();
        Self { errors, errors_left_out, detail: detail.into(), ..Self::new(first, "") }
    }

    /// Returns the description of the problem.
    pub(super) fn detail(&self) -> String {
        self.detail.to_string()
    }

    /// Creates a problem of one field.
    pub fn in_field(kind: ProblemType, detail: impl Into<String>, field: String) -> Self {
        Self { field: Some(cut(&field, FIELD_CHARACTERS).into_owned()), ..Self::new(kind, detail) }
    }
}

impl From<InvalidCallbacks> for Problem {
    fn from(invalid: InvalidCallbacks) -> Self {
        Self::in_lines("nothing was changed", invalid)
    }
}

fn kind_of(error: &LineError) -> ProblemType {
    match error {
        LineError::Url { reason, .. } => ProblemType::from(reason),
        LineError::NotAllowed { reason, .. } => ProblemType::from(reason),
        LineError::TooMany { .. } => ProblemType::TooManyUrls,
    }
}

impl LineProblem {
    fn new(kind: ProblemType, error: &LineError) -> Self {
        let (event_type, line) = error.place();
        Self { uri: kind.uri(), event_type, line, detail: error.to_string() }
    }
}

impl From<StoreError> for Problem {
    /// Converts a store error. The operator's details are logged; the caller gets those that it can act on.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::new(
                ProblemType::Conflict,
                "others kept changing this at the same moment; nothing was changed, try again",
            ),
            StoreError::Unavailable { .. } | StoreError::Denied { .. } => {
                tracing::error!(%error, "the store is unavailable");
                Self::new(
                    ProblemType::StoreUnavailable,
                    "the table did not respond; whether anything was changed is unknown, try again",
                )
            }
            StoreError::Damaged { .. } | StoreError::Invalid { .. } => {
                tracing::error!(%error, "a stored item is damaged");
                Self::new(ProblemType::StoredDataDamaged, "what is stored cannot be read; the log names the item")
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (kind, retry_after, (_, _, status)) = (self.kind, self.retry_after, self.kind.parts());
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        super::headers::set(headers); // a sign-in rejects requests before they reach the router
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if kind == ProblemType::Unauthenticated {
            // RFC 9110, section 11.6.1: a 401 names the scheme. RFC 6750 defines the one for tokens.
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
