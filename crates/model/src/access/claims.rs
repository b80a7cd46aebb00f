//! The verified claims of a caller.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::list::ClaimValue;
use crate::audit::Actor;

/// The verified claims of a caller.
///
/// The code that inserts them into a request's extensions is responsible for the verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims(pub(super) Known);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// The user of the machine on which the local program runs.
    LocalAdministrator,
    /// The claims of a verified token.
    Token(HashMap<String, ClaimValue>),
}

/// Claims with a display name, in order of preference.
const NAMES: [&str; 4] = ["email", "cognito:username", "username", "preferred_username"];

/// Claims that a user's token has and a machine client's token does not.
const NAMES_OF_USERS: [&str; 2] = ["cognito:username", "username"];

impl Claims {
    /// Returns the claims of the local program's user, who may do everything in every workspace.
    ///
    /// They are given to every request that reaches the loopback address.
    pub fn local_administrator() -> Self {
        Self(Known::LocalAdministrator)
    }

    /// Returns the claims that API Gateway's JWT authorizer for HTTP APIs passes on.
    ///
    /// Each claim is a text, and the scopes that the route requires are beside them (API Gateway, "Control access to
    /// HTTP APIs with JWT authorizers").
    pub fn from_authorizer(claims: &HashMap<String, String>, scopes: Option<&[String]>) -> Self {
        let mut known: HashMap<_, _> =
            claims.iter().map(|(name, value)| (name.clone(), ClaimValue::Flat(value.clone()))).collect();
        if let (Some(scopes), false) = (scopes, known.contains_key("scope")) {
            known.insert("scope".to_owned(), ClaimValue::Flat(scopes.join(" ")));
        }
        Self(Known::Token(known))
    }

    /// Returns the claims of a token whose signature, issuer, audience and time have been checked.
    pub fn from_verified_token(claims: Map<String, Value>) -> Self {
        Self(Known::Token(claims.into_iter().map(|(name, value)| (name, ClaimValue::Json(value))).collect()))
    }

    /// Returns the caller; `None` if the token does not identify it.
    pub fn caller(&self) -> Option<Actor> {
        let Known::Token(claims) = &self.0 else { return Some(Actor::local_administrator()) };
        let text = |name: &str| claims.get(name).and_then(ClaimValue::text).map(str::to_owned);
        let id = text("sub")?;
        Some(Actor { id, name: NAMES.iter().find_map(|name| text(name)) })
    }
}

/// Returns whether the claims are those of a machine client, which uses OAuth 2's client credentials.
///
/// Its subject is the client itself (RFC 9068, section 2.2); a user's never is.
///
/// The scopes of a user's token say what the user has allowed an application to do in their name. The application
/// requested them, and they add nothing to the user's permissions. Therefore scopes count only for a known machine
/// client.
pub(super) fn is_machine(claims: &HashMap<String, ClaimValue>) -> bool {
    let text = |name: &str| claims.get(name).and_then(ClaimValue::text);
    let itself = text("sub").is_some() && text("sub") == text("client_id");
    let access = text("token_use").is_none_or(|kind| kind == "access");
    itself && access && NAMES_OF_USERS.iter().all(|name| !claims.contains_key(*name))
}
