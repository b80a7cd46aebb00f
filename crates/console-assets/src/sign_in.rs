//! What the console has to know to sign people in (OpenID Connect, authorization code flow with PKCE).

use serde::Serialize;

/// How people sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignIn {
    /// The OpenID Connect issuer, as its tokens name it.
    pub issuer: String,
    /// The console's public client there; `None` when nobody has said which, so that nobody can sign in to the console.
    pub client_id: Option<String>,
    /// What the console asks for (RFC 6749, section 3.3).
    pub scope: String,
    /// Which of the tokens that it gets it sends to the API.
    pub token: TokenKind,
    /// Where a person is sent to end the session; `None` leaves it to the issuer's `end_session_endpoint`.
    pub logout_url: Option<String>,
}

/// Which token the API takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// The ID token, whose audience is the client.
    Id,
    /// The access token.
    Access,
}

impl TokenKind {
    /// The ID token if the API accepts the console's client as an audience, as it does Amazon Cognito's; else the access
    /// token, whose audience is the API.
    pub fn accepted(client_id: Option<&str>, audiences: &[String]) -> Self {
        match client_id.is_some_and(|client| audiences.iter().any(|audience| audience == client)) {
            true => Self::Id,
            false => Self::Access,
        }
    }
}

/// Why a text is no scope to sign in with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidScope {
    /// A character that no scope has.
    #[error("a scope is printable ASCII without \" and \\ (RFC 6749, section 3.3); {0:?} is not")]
    Character(char),
    /// Without it there is no ID token.
    #[error("the scopes of a sign-in are separated by blanks, and openid is one of them, as in \"openid email\"")]
    NotOpenId,
}

/// Checks what the console asks for.
///
/// # Errors
/// When the text is no list of scopes, or `openid` is none of them.
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
