//! What is known of a caller.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::list::ClaimValue;
use crate::audit::Actor;

/// What is known of a caller, by the word of somebody who has verified it. Whoever inserts this into a request's extensions
/// answers for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims(pub(super) Known);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Whoever sits at the machine that the local program runs on.
    LocalAdministrator,
    /// What a verified token says.
    Token(HashMap<String, ClaimValue>),
}

/// What people may be called, the best first.
const NAMES: [&str; 4] = ["email", "cognito:username", "username", "preferred_username"];

/// A user's token has one of these, a machine client's none.
const NAMES_OF_USERS: [&str; 2] = ["cognito:username", "username"];

impl Claims {
    /// The local program's: whoever reaches its loopback address may do everything in every workspace.
    pub fn local_administrator() -> Self {
        Self(Known::LocalAdministrator)
    }

    /// As API Gateway's JWT authorizer for HTTP APIs hands them over (API Gateway, "Control access to HTTP APIs with JWT
    /// authorizers"): each claim as text, and beside them the scopes that the route asked for.
    pub fn from_authorizer(claims: &HashMap<String, String>, scopes: Option<&[String]>) -> Self {
        let mut known: HashMap<_, _> =
            claims.iter().map(|(name, value)| (name.clone(), ClaimValue::Flat(value.clone()))).collect();
        if let (Some(scopes), false) = (scopes, known.contains_key("scope")) {
            known.insert("scope".to_owned(), ClaimValue::Flat(scopes.join(" ")));
        }
        Self(Known::Token(known))
    }

    /// As they stand in a token whose signature, issuer, audience and time have been checked.
    pub fn from_verified_token(claims: Map<String, Value>) -> Self {
        Self(Known::Token(claims.into_iter().map(|(name, value)| (name, ClaimValue::Json(value))).collect()))
    }

    /// Who it is; `None` when the token does not say.
    pub fn caller(&self) -> Option<Actor> {
        let Known::Token(claims) = &self.0 else { return Some(Actor::local_administrator()) };
        let text = |name: &str| claims.get(name).and_then(ClaimValue::text).map(str::to_owned);
        let id = text("sub")?;
        Some(Actor { id, name: NAMES.iter().find_map(|name| text(name)) })
    }
}

/// Whether these are of a client that acts for itself, by OAuth 2's client credentials. Its subject is itself (RFC 9068,
/// section 2.2); a user's never is.
///
/// The scopes of a user's token say what the user let an application do in their name. They were asked for by the
/// application and add nothing to what the user may do, so whoever is not known to be a machine has no use of them.
pub(super) fn is_machine(claims: &HashMap<String, ClaimValue>) -> bool {
    let text = |name: &str| claims.get(name).and_then(ClaimValue::text);
    let itself = text("sub").is_some() && text("sub") == text("client_id");
    let access = text("token_use").is_none_or(|kind| kind == "access");
    itself && access && NAMES_OF_USERS.iter().all(|name| !claims.contains_key(*name))
}
