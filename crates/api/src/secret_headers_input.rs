//! Secret headers, as given in a request.

use std::fmt;

use http::{HeaderName, HeaderValue};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, SchemaType, Type};

use super::{Problem, ProblemType};
use webhooks_model::credentials::{
    InvalidHeader, MAX_SECRET_HEADERS, MAX_SECRET_HEADERS_BYTES, SecretHeaders, header_name, header_value,
};

/// Headers to set, or without a value to remove, in the order given.
#[derive(Default)]
pub(super) struct SecretHeadersInput(pub(super) Vec<(HeaderName, Option<HeaderValue>)>);

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Name(HeaderName);

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Secret(HeaderValue);

impl TryFrom<String> for Name {
    type Error = InvalidHeader;

    fn try_from(name: String) -> Result<Self, InvalidHeader> {
        header_name(&name).map(Self)
    }
}

impl TryFrom<String> for Secret {
    type Error = InvalidHeader;

    fn try_from(value: String) -> Result<Self, InvalidHeader> {
        header_value(&value).map(Self)
    }
}

impl<'de> Deserialize<'de> for SecretHeadersInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ByName;
        impl<'de> Visitor<'de> for ByName {
            type Value = SecretHeadersInput;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object such as {\"authorization\": \"Bearer …\"}, with null for a header to remove")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SecretHeadersInput, A::Error> {
                let mut all: Vec<(HeaderName, Option<HeaderValue>)> = Vec::new();
                while let Some(Name(name)) = map.next_key()? {
                    let value: Option<Secret> = map.next_value()?;
                    if all.iter().any(|(other, _)| *other == name) {
                        return Err(A::Error::custom(format!("{:?} is given twice; give it once", name.as_str())));
                    }
                    all.push((name, value.map(|secret| secret.0)));
                }
                Ok(SecretHeadersInput(all))
            }
        }
        deserializer.deserialize_map(ByName)
    }
}

/// Checks the bounds of all headers of an endpoint. Changes at the same moment are checked one by one.
///
/// # Errors
/// A [`Problem`] that names the bound.
pub(super) fn check(headers: &SecretHeaders) -> Result<(), Problem> {
    let (count, bytes) = (headers.len(), headers.bytes());
    let detail = match () {
        () if count > MAX_SECRET_HEADERS => format!(
            "the endpoint would have {count} secret headers; at most {MAX_SECRET_HEADERS} are allowed: remove one by null"
        ),
        () if bytes > MAX_SECRET_HEADERS_BYTES => {
            format!("names and values would have {bytes} bytes in all; at most {MAX_SECRET_HEADERS_BYTES} are allowed")
        }
        () => return Ok(()),
    };
    Err(Problem::in_field(ProblemType::InvalidField, format!("in secretHeaders: {detail}"), "secretHeaders".to_owned()))
}

pub(super) fn schema() -> Schema {
    let description = "Headers of the endpoint's requests, such as `authorization`, to set or, with null, to remove; those \
        that are left out stay. Values are visible ASCII and never shown again. At most 10, and 4,096 bytes in all. Names \
        that would change how the request is read or say who sent it are not allowed: `host`, `content-*`, `webhook-*`, …";
    let value = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .min_length(Some(1))
        .pattern(Some("^[!-~]([ -~]*[!-~])?$"));
    ObjectBuilder::new()
        .additional_properties(Some(AdditionalProperties::RefOr(Schema::from(value).into())))
        .description(Some(description))
        .build()
        .into()
}
