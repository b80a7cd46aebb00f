//! Parameters of a query.

use axum::http::Uri;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;
use url::form_urlencoded;
use webhooks_api::{Problem, ProblemType};

/// Parameters of a request, with unknown ones rejected.
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    pub(super) fn of(uri: &Uri, known: &[&str]) -> Result<Self, Problem> {
        let all = decoded(uri.query().unwrap_or_default());
        match all.keys().find(|name| !known.contains(&name.as_str())) {
            Some(unknown) => {
                Err(invalid(format!("there is no parameter {unknown:?} here; {} are", known.join(" and "))))
            }
            None => Ok(Self(all)),
        }
    }

    /// Returns a parameter's text, if it is given.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns a parameter's value, or `default`.
    pub(super) fn get<T: FromStr<Err: Display>>(&self, name: &str, default: T) -> Result<T, Problem> {
        let Some(value) = self.0.get(name) else { return Ok(default) };
        value.parse().map_err(|error| invalid(format!("the parameter {name} is {value:?}: {error}")))
    }
}

/// Decodes the parameters of a query; of a repeated one the last value counts.
pub(super) fn decoded(query: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

pub(super) fn invalid(detail: String) -> Problem {
    Problem::new(ProblemType::InvalidParameter, detail)
}
