//! A JSON body, or a problem with the cause of its rejection.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use webhooks_api::{Problem, ProblemType};

/// Extractor of a JSON body.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Json(body) = Json::from_request(request, state).await.map_err(|rejection| problem(&rejection))?;
        Ok(Self(body))
    }
}

fn problem(rejection: &JsonRejection) -> Problem {
    let kind = match rejection {
        JsonRejection::MissingJsonContentType(_) => ProblemType::UnsupportedMediaType,
        JsonRejection::JsonSyntaxError(_) => ProblemType::MalformedJson,
        JsonRejection::JsonDataError(_) => ProblemType::InvalidField,
        other if other.status() == StatusCode::PAYLOAD_TOO_LARGE => ProblemType::BodyTooLarge,
        _ => ProblemType::IncompleteBody,
    };
    Problem::new(kind, rejection.body_text())
}
