//! JSON request bodies. A rejection names the error and its position.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, header};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::json_object;
use super::{Problem, ProblemType};

/// Maximum size of a body, in bytes: 3 × 50 URLs of 2,048 characters, with room for JSON's escapes.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Byte order mark (U+FEFF) in UTF-8. Some editors write it at the beginning of a file.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Extracts a JSON body.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        check_encoding(request.headers())?;
        if !is_json(request.headers()) {
            let detail = "the body has to be JSON: send it with the header `content-type: application/json`";
            return Err(Problem::new(ProblemType::UnsupportedMediaType, detail));
        }
        parse(&read(request.into_body()).await?).map(Self)
    }
}

/// Extracts an optional JSON body. An empty body gives the default.
pub(super) struct OptionalJsonBody<T>(pub(super) T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        check_encoding(&parts.headers)?;
        let body = read(body).await?;
        if body.is_empty() {
            return Ok(Self(T::default()));
        }
        let request = Request::from_parts(parts, Body::from(body));
        JsonBody::from_request(request, state).await.map(|JsonBody(body)| Self(body))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(header::CONTENT_TYPE).map(|value| value.to_str()) else { return false };
    let media_type = value.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
}

/// Checks that the body has no content encoding. Parsing an encoded body would fail as malformed JSON, which does not
/// say how to fix it.
fn check_encoding(headers: &HeaderMap) -> Result<(), Problem> {
    let codings = headers.get_all(header::CONTENT_ENCODING).iter();
    let plain = |value: &HeaderValue| value.to_str().is_ok_and(|it| it.trim().eq_ignore_ascii_case("identity"));
    if codings.into_iter().all(plain) {
        return Ok(());
    }
    let detail = "the body is encoded (content-encoding): send it as it is, without that header or with `identity`";
    Err(Problem::new(ProblemType::UnsupportedMediaType, detail))
}

async fn read(body: Body) -> Result<Vec<u8>, Problem> {
    let too_large = || {
        let detail = format!("the body is larger than {MAX_BODY_BYTES} bytes, and no valid one is");
        Problem::new(ProblemType::BodyTooLarge, detail)
    };
    match to_bytes(body, MAX_BODY_BYTES).await {
        Ok(bytes) => Ok(bytes.into()),
        Err(error)
            if std::error::Error::source(&error)
                .is_some_and(|cause| cause.is::<http_body_util::LengthLimitError>()) =>
        {
            Err(too_large())
        }
        Err(error) => Err(Problem::new(ProblemType::IncompleteBody, format!("the body ended early: {error}"))),
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // RFC 8259, section 8.1: a parser may ignore a byte order mark.
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    let mut json = serde_json::Deserializer::from_slice(body);
    let mut track = serde_path_to_error::Track::new();
    let parsed =
        json_object::deserialize(serde_path_to_error::Deserializer::new(&mut json, &mut track)).map_err(|cause| {
            let path = track.path().to_string();
            match cause.classify() {
                Category::Data if path == "." => {
                    Problem::new(ProblemType::InvalidField, format!("in the body: {cause}"))
                }
                Category::Data => Problem::in_field(ProblemType::InvalidField, format!("in {path}: {cause}"), path),
                Category::Syntax | Category::Eof | Category::Io => malformed(&cause),
            }
        })?;
    json.end().map_err(|error| malformed(&error))?;
    Ok(parsed)
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(ProblemType::MalformedJson, format!("the body is not JSON: {error}"))
}
