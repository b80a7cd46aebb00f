//! The console's settings, from the environment or from the local program.

use crate::origins::{Origins, trustworthy};
use crate::sign_in::{SignIn, TokenKind, scope};
use std::fmt::Display;

/// Settings that the console is served with.
#[derive(Clone, Debug, Default)]
pub struct ConsoleSettings {
    /// Sign-in of the console's users; `None` if every caller that reaches the API may use it.
    pub sign_in: Option<SignIn>,
    /// Origins that the page may connect to besides the API: the issuer's, and that of its token endpoint.
    pub connect: Origins,
    /// Whether the page offers "Try it", which creates instances and receives callbacks: only in the local program.
    pub try_it: bool,
    /// Whether browsers must use https from then on (`Strict-Transport-Security`).
    pub https_only: bool,
}

/// An environment variable that is missing or has an invalid value.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {variable} is {value:?}: {reason}")]
pub struct InvalidSetting {
    variable: &'static str,
    value: String,
    reason: String,
}

impl ConsoleSettings {
    /// Reads the console function's settings from these variables:
    ///
    /// | variable | |
    /// |---|---|
    /// | `SIGN_IN_ISSUER` | the OpenID Connect issuer of the tokens that the API accepts |
    /// | `SIGN_IN_CLIENT_ID` | the console's public client at the issuer; if it is empty, the console offers no sign-in |
    /// | `SIGN_IN_AUDIENCES` | the audiences that the API accepts, separated by commas |
    /// | `SIGN_IN_SCOPE` | the scope that the console requests, `openid` by default |
    /// | `SIGN_IN_ORIGINS` | origins that the page may connect to besides the issuer's, separated by commas: the token endpoint's |
    /// | `SIGN_IN_LOGOUT_URL` | the page that ends a user's session, if the issuer does not publish one |
    ///
    /// # Errors
    /// [`InvalidSetting`], which names the variable.
    pub fn from_env() -> Result<Self, InvalidSetting> {
        Self::read(|variable| std::env::var(variable).unwrap_or_default())
    }

    fn read(value_of: impl Fn(&'static str) -> String) -> Result<Self, InvalidSetting> {
        let invalid = |variable, reason: &dyn Display| InvalidSetting {
            variable,
            value: value_of(variable),
            reason: reason.to_string(),
        };
        let list = |variable| {
            let value = value_of(variable);
            value.split(',').map(|entry| entry.trim().to_owned()).filter(|entry| !entry.is_empty()).collect::<Vec<_>>()
        };
        let some = |variable| Some(value_of(variable)).filter(|value| !value.is_empty());

        let issuer = some("SIGN_IN_ISSUER")
            .ok_or_else(|| invalid("SIGN_IN_ISSUER", &"it has to be the issuer whose tokens the API takes"))?;
        let connect = Origins::default();
        connect.add_origin_of(&issuer).map_err(|error| invalid("SIGN_IN_ISSUER", &error))?;
        for origin in list("SIGN_IN_ORIGINS") {
            connect.add(&origin).map_err(|error| invalid("SIGN_IN_ORIGINS", &error))?;
        }
        let scope = match some("SIGN_IN_SCOPE") {
            Some(text) => scope(&text).map_err(|error| invalid("SIGN_IN_SCOPE", &error))?,
            None => "openid".to_owned(),
        };
        let logout_url = some("SIGN_IN_LOGOUT_URL");
        if let Some(url) = &logout_url {
            trustworthy(url).map_err(|error| invalid("SIGN_IN_LOGOUT_URL", &error))?;
        }
        let client_id = some("SIGN_IN_CLIENT_ID");
        let token = TokenKind::accepted(client_id.as_deref(), &list("SIGN_IN_AUDIENCES"));
        let sign_in = SignIn { issuer, client_id, scope, token, logout_url };
        Ok(Self { sign_in: Some(sign_in), connect, try_it: false, https_only: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<ConsoleSettings, InvalidSetting> {
        let issuer = ("SIGN_IN_ISSUER", "https://id.example/pool");
        let find = |name| variables.iter().chain([&issuer]).find(|(variable, _)| *variable == name);
        ConsoleSettings::read(|name| find(name).map(|(_, value)| (*value).to_owned()).unwrap_or_default())
    }

    #[test]
    fn an_issuer_alone_is_enough_without_sign_in_to_the_console() {
        let settings = read(&[]).unwrap();
        let sign_in = settings.sign_in.unwrap();
        assert_eq!((&*sign_in.issuer, sign_in.client_id, &*sign_in.scope), ("https://id.example/pool", None, "openid"));
        assert_eq!((sign_in.token, sign_in.logout_url), (TokenKind::Access, None));
        assert_eq!(settings.connect.list().into_iter().collect::<Vec<_>>(), ["https://id.example"]);
        assert!(settings.https_only && !settings.try_it);
    }

    #[test]
    fn each_variable_is_taken() {
        let settings = read(&[
            ("SIGN_IN_CLIENT_ID", "console"),
            ("SIGN_IN_AUDIENCES", "cli, console"),
            ("SIGN_IN_SCOPE", "openid email"),
            ("SIGN_IN_ORIGINS", "https://sign-in.example, https://token.example"),
            ("SIGN_IN_LOGOUT_URL", "https://sign-in.example/logout"),
        ])
        .unwrap();
        let expected = SignIn {
            issuer: "https://id.example/pool".to_owned(),
            client_id: Some("console".to_owned()),
            scope: "openid email".to_owned(),
            token: TokenKind::Id,
            logout_url: Some("https://sign-in.example/logout".to_owned()),
        };
        assert_eq!(settings.sign_in, Some(expected));
        let origins: Vec<_> = settings.connect.list().into_iter().collect();
        assert_eq!(origins, ["https://id.example", "https://sign-in.example", "https://token.example"]);
    }

    #[test]
    fn a_setting_that_cannot_be_is_named_with_what_to_write_instead() {
        for (variable, value, remedy) in [
            ("SIGN_IN_ISSUER", "", "it has to be the issuer"),
            ("SIGN_IN_ISSUER", "http://id.example", "https://"),
            ("SIGN_IN_ISSUER", "id.example", "is not a URL"),
            ("SIGN_IN_SCOPE", "email", "openid is one of them"),
            ("SIGN_IN_ORIGINS", "https://a.example,https://b.example/oauth2", "write https://b.example"),
            ("SIGN_IN_LOGOUT_URL", "/logout", "is not a URL"),
        ] {
            let error = read(&[(variable, value)]).unwrap_err().to_string();
            let start = format!("the environment variable {variable} is {value:?}: ");
            assert!(error.starts_with(&start) && error.contains(remedy), "{error}");
        }
    }
}
