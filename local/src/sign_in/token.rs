//! Verifies a caller's token.

use super::crypto;
use super::issuer::{Issuer, NoKey, PAUSE_WITHOUT_KEYS};
use super::rejected_tokens::RejectedTokens;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};
use serde_json::{Map, Value};
use std::sync::Arc;
use webhooks_api::{Problem, ProblemType};
use webhooks_model::access::Claims;

/// Allowed difference between the issuer's clock and this machine's, in seconds.
const LEEWAY_S: u64 = 30;

/// Verifier of tokens of one issuer for one of some audiences.
pub(crate) struct Verifier {
    issuer: Arc<Issuer>,
    audiences: Vec<String>,
    rejected: RejectedTokens,
}

/// Reason that a token is rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Rejection {
    #[error("it is no JSON Web Token, or one with an algorithm that is not taken; RS256, PS256, ES256 and EdDSA are")]
    Form,
    #[error("its header asks for something that is not understood here (crit)")]
    Critical,
    #[error("it names a key that its issuer does not have")]
    Key,
    #[error("its algorithm is none of its key's")]
    Algorithm,
    #[error("its signature is wrong")]
    Signature,
    #[error("it has expired: sign in again")]
    Expired,
    #[error("it is not valid yet")]
    TooEarly,
    #[error("its claim {0} is missing, or is not what it can be")]
    Claim(String),
    #[error("it is of another issuer")]
    Issuer,
    #[error("it is for another application: its claim aud, or client_id if it has no aud, is none of --audience")]
    Audience,
    #[error("the issuer's keys are not known at the moment; try again")]
    Unavailable,
}

/// Accepts a caller with a valid token, and leaves a caller without one to the API, which rejects it. An invalid token
/// is rejected at every path, because its sender assumes that it is signed in.
pub(super) async fn admit(State(verifier): State<Arc<Verifier>>, mut request: Request, next: Next) -> Response {
    if let Some(token) = bearer(request.headers()) {
        match verifier.verify(token).await {
            Ok(claims) => _ = request.extensions_mut().insert(claims),
            Err(rejection) => {
                verifier.rejected.log(&rejection, token);
                return rejection.problem().into_response();
            }
        }
    }
    next.run(request).await
}

/// Returns the token of `Authorization: Bearer …` (RFC 6750, section 2.1), if there is exactly one.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (scheme, token) = all.next()?.to_str().ok()?.split_once(' ')?;
    let only = scheme.eq_ignore_ascii_case("bearer") && all.next().is_none();
    only.then(|| token.trim_matches(' '))
}

impl Verifier {
    pub(super) fn new(issuer: Arc<Issuer>, audiences: Vec<String>) -> Self {
        crypto::install();
        Self { issuer, audiences, rejected: RejectedTokens::default() }
    }

    pub(super) fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    async fn verify(&self, token: &str) -> Result<Claims, Rejection> {
        let header = decode_header(token).map_err(|_| Rejection::Form)?;
        if is_critical(token) {
            return Err(Rejection::Critical);
        }
        let key = self.issuer.key(header.kid.as_deref()).await.map_err(|error| match error {
            NoKey::Unknown => Rejection::Key,
            NoKey::Unavailable => Rejection::Unavailable,
        })?;
        if !key.algorithms.contains(&header.alg) {
            return Err(Rejection::Algorithm);
        }
        let mut validation = Validation::new(header.alg);
        validation.leeway = LEEWAY_S;
        validation.validate_nbf = true;
        validation.set_required_spec_claims(&["exp", "iss"]);
        validation.set_issuer(&[self.issuer.name()]);
        validation.validate_aud = false; // below: Cognito's access tokens have none
        let claims = decode::<Map<String, Value>>(token, &key.key, &validation)?.claims;
        if !self.is_audience(&claims) {
            return Err(Rejection::Audience);
        }
        Ok(Claims::from_verified_token(claims))
    }

    /// Returns whether a token is meant for this program. The `client_id` counts if there is no `aud` (Amazon Cognito,
    /// "Verifying JSON web tokens").
    fn is_audience(&self, claims: &Map<String, Value>) -> bool {
        let named = |value: &Value| value.as_str().is_some_and(|name| self.audiences.iter().any(|it| it == name));
        match claims.get("aud") {
            Some(Value::Array(audiences)) => audiences.iter().any(named),
            Some(audience) => named(audience),
            None => claims.get("client_id").is_some_and(named),
        }
    }
}

/// Returns whether the header has a `crit`; no extension is supported here (RFC 7515, section 4.1.11).
fn is_critical(token: &str) -> bool {
    let header = token.split('.').next().and_then(|header| URL_SAFE_NO_PAD.decode(header).ok());
    let header = header.and_then(|header| serde_json::from_slice::<Map<String, Value>>(&header).ok());
    header.is_none_or(|header| header.contains_key("crit"))
}

impl From<jsonwebtoken::errors::Error> for Rejection {
    fn from(error: jsonwebtoken::errors::Error) -> Self {
        match error.into_kind() {
            ErrorKind::InvalidSignature => Self::Signature,
            ErrorKind::ExpiredSignature => Self::Expired,
            ErrorKind::ImmatureSignature => Self::TooEarly,
            ErrorKind::InvalidIssuer => Self::Issuer,
            ErrorKind::InvalidAlgorithm => Self::Algorithm,
            ErrorKind::MissingRequiredClaim(claim) | ErrorKind::InvalidClaimFormat(claim) => Self::Claim(claim),
            _ => Self::Form,
        }
    }
}

impl Rejection {
    fn problem(&self) -> Problem {
        let detail = format!("the token is not taken: {self}");
        match self {
            Self::Unavailable => Problem::after(ProblemType::SignInUnavailable, detail, PAUSE_WITHOUT_KEYS),
            _ => Problem::new(ProblemType::Unauthenticated, detail),
        }
    }
}
