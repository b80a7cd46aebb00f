//! Parameters of a query.

use axum::http::Uri;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;
use url::form_urlencoded;
use webhooks_api::{Problem, ProblemType};

/// The parameters of a request, none of which is unknown.
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

    /// A parameter, or what holds without it.
    pub(super) fn get<T: FromStr<Err: Display>>(&self, name: &str, default: T) -> Result<T, Problem> {
        let Some(value) = self.0.get(name) else { return Ok(default) };
        value.parse().map_err(|error| invalid(format!("the parameter {name} is {value:?}: {error}")))
    }
}

/// The parameters of a query; of one that comes twice, the last.
pub(super) fn decoded(query: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

pub(super) fn invalid(detail: String) -> Problem {
    Problem::new(ProblemType::InvalidParameter, detail)
}
