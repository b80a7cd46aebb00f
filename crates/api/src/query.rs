//! Query strings. Unknown, repeated or invalid parameters are rejected by name, so that a misspelt filter does not
//! return everything.

use std::collections::HashSet;
use std::fmt;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::value::{Error, MapDeserializer};
use serde::de::{DeserializeOwned, Error as _, IntoDeserializer, Unexpected, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};
use url::form_urlencoded;

use super::{Problem, ProblemType};

/// Extracts the parameters of a query string.
pub(super) struct QueryParams<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryParams<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parse(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let mut given = HashSet::new();
    for (name, _) in form_urlencoded::parse(query.as_bytes()) {
        if !given.insert(name.clone()) {
            return Err(invalid_parameter("it is given more than once", name.into_owned()));
        }
    }
    let pairs = form_urlencoded::parse(query.as_bytes());
    let parameters = MapDeserializer::new(pairs.map(|(name, value)| (name.into_owned(), Value(value.into_owned()))));
    serde_path_to_error::deserialize(parameters)
        .map_err(|error| invalid_parameter(error.inner(), error.path().to_string()))
}

/// Returns the problem of an invalid parameter.
pub(super) fn invalid_parameter(reason: impl fmt::Display, name: String) -> Problem {
    Problem::in_field(ProblemType::InvalidParameter, format!("the parameter {name}: {reason}"), name)
}

/// A parameter's value: a text, parsed as the requested type.
struct Value(String);

impl IntoDeserializer<'_> for Value {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Value {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.parse() {
            Ok(number) => visitor.visit_u64(number),
            Err(_) => Err(Error::invalid_value(Unexpected::Str(&self.0), &visitor)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &*self.0 {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            other => Err(Error::invalid_value(Unexpected::Str(other), &"true or false")),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.into_deserializer().deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}
