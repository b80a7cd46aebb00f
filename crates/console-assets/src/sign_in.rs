//! The console's parameters for the sign-in (OpenID Connect, authorization code flow with PKCE).

use serde::Serialize;

/// Parameters of the sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignIn {
    /// The OpenID Connect issuer, as its tokens name it.
    pub issuer: String,
    /// The console's public client at the issuer; `None` if no client is set, and the console cannot offer the sign-in.
    pub client_id: Option<String>,
    /// Scope that the console requests (RFC 6749, section 3.3).
    pub scope: String,
    /// Token that the console sends to the API.
    pub token: TokenKind,
    /// Page that ends a user's session; `None` leaves it to the issuer's `end_session_endpoint`.
    pub logout_url: Option<String>,
}

/// Kind of token that the API accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// The ID token, whose audience is the client.
    Id,
    /// The access token.
    Access,
}

impl TokenKind {
    /// Returns the ID token if the API accepts the console's client as an audience, as it does for Amazon Cognito; else
    /// the access token, whose audience is the API.
    pub fn accepted(client_id: Option<&str>, audiences: &[String]) -> Self {
        match client_id.is_some_and(|client| audiences.iter().any(|audience| audience == client)) {
            true => Self::Id,
            false => Self::Access,
        }
    }
}

/// Error for a text that is not a scope of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidScope {
    /// The text has a character that is not allowed in a scope.
    #[error("a scope is printable ASCII without \" and \\ (RFC 6749, section 3.3); {0:?} is not")]
    Character(char),
    /// The text lacks `openid`, without which there is no ID token.
    #[error("the scopes of a sign-in are separated by blanks, and openid is one of them, as in \"openid email\"")]
    NotOpenId,
}

/// Checks the scope that the console requests.
///
/// # Errors
/// [`InvalidScope::Character`] if the text is not a list of scopes, [`InvalidScope::NotOpenId`] if it lacks `openid`.
pub fn scope(text: &str) -> Result<String, InvalidScope> {
    let allowed = |c: char| matches!(c, '\x20' | '\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e');
    if let Some(other) = text.chars().find(|c| !allowed(*c)) {
        return Err(InvalidScope::Character(other));
    }
    let scopes: Vec<_> = text.split_ascii_whitespace().collect();
    if scopes.contains(&"openid") { Ok(scopes.join(" ")) } else { Err(InvalidScope::NotOpenId) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_console_sends_the_token_that_the_api_takes() {
        let audiences = ["console".to_owned(), "cli".to_owned()];
        assert_eq!(TokenKind::accepted(Some("console"), &audiences), TokenKind::Id);
        assert_eq!(TokenKind::accepted(Some("spa"), &audiences), TokenKind::Access);
        assert_eq!(TokenKind::accepted(None, &audiences), TokenKind::Access);
    }

    #[test]
    fn openid_is_among_the_scopes() {
        assert_eq!(scope("openid").as_deref(), Ok("openid"));
        assert_eq!(scope(" openid  api/read ").as_deref(), Ok("openid api/read"));
        for bad in ["", "email", "openid,email", "OpenID"] {
            assert_eq!(scope(bad), Err(InvalidScope::NotOpenId), "{bad}");
        }
        for bad in ["openid \"a\"", "openid\temail", "openid ü"] {
            assert!(matches!(scope(bad), Err(InvalidScope::Character(_))), "{bad}");
        }
    }
}
