//! Request bodies of callbacks: URLs as a list, or as one text with a URL per line.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use webhooks_model::address::OutboundPolicy;
use webhooks_model::callback_url::MAX_URL_CHARACTERS;
use webhooks_model::callbacks::{self, Callback, Callbacks, PendingCallbacks, validate_all};
use webhooks_model::event::EventType;

use super::{json_integer, json_object};

/// Callbacks of all three event types. An event type that is left out is off and has no URLs.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbacksInput {
    /// Callbacks for created instances.
    #[serde(default, deserialize_with = "json_object::deserialize")]
    created: CallbackInput,
    /// Callbacks for updated instances.
    #[serde(default, deserialize_with = "json_object::deserialize")]
    updated: CallbackInput,
    /// Callbacks for deleted instances.
    #[serde(default, deserialize_with = "json_object::deserialize")]
    deleted: CallbackInput,
    /// Optional version to replace, as the caller read it. A change of another version is rejected with 412.
    #[serde(default, deserialize_with = "json_integer::deserialize")]
    pub(super) version: Option<u64>,
    /// Replaced URLs by new URL: `{"https://new": "https://old"}`, at most 50. Deliveries pending for the old URL are
    /// delivered to the new one, in order; its settings and its health history are kept, except for
    /// secret headers if scheme, host or port differ. The new URL has to be in one
    /// of the lists. The old one has to have been configured until now, and must be in none of them. Without an entry
    /// here, deliveries pending for a removed URL fail.
    #[serde(default)]
    pub(super) replaces: BTreeMap<String, String>,
}

/// One event type's switch and URLs.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CallbackInput {
    /// Whether the URLs are called.
    pub(super) enabled: bool,
    /// A list of URLs, or one text with a URL per line. Blank lines and duplicates are dropped. Each URL is stored and
    /// sent in the normal form of the WHATWG URL Standard, without its fragment: `http://EXAMPLE.com#x` as
    /// `http://example.com/`.
    #[serde(default)]
    #[schema(schema_with = url_lines_schema)]
    pub(super) urls: UrlLines,
}

/// Callbacks of one event type.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OneCallbackInput {
    /// Whether the URLs are called.
    pub(super) enabled: bool,
    /// A list of URLs, or one text with a URL per line. Blank lines and duplicates are dropped. Each URL is stored and
    /// sent in the normal form of the WHATWG URL Standard, without its fragment: `http://EXAMPLE.com#x` as
    /// `http://example.com/`.
    #[serde(default)]
    #[schema(schema_with = url_lines_schema)]
    pub(super) urls: UrlLines,
    /// Optional version to replace, as the caller read it. A change of another version is rejected with 412.
    #[serde(default, deserialize_with = "json_integer::deserialize")]
    pub(super) version: Option<u64>,
    /// Replaced URLs by new URL: `{"https://new": "https://old"}`, at most 50. Deliveries pending for the old URL are
    /// delivered to the new one, in order; its settings and its health history are kept, except for
    /// secret headers if scheme, host or port differ. The new URL has to be in one
    /// of the lists. The old one has to have been configured until now, and must be in none of them. Without an entry
    /// here, deliveries pending for a removed URL fail.
    #[serde(default)]
    pub(super) replaces: BTreeMap<String, String>,
}

/// The URLs as given, one per line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct UrlLines(pub(super) Vec<String>);

impl CallbacksInput {
    /// Validates every line of all three event types.
    pub fn validate(self, policy: &OutboundPolicy) -> PendingCallbacks<Callbacks> {
        validate_all([self.created, self.updated, self.deleted].map(CallbackInput::into_model), policy)
    }
}

impl OneCallbackInput {
    /// Validates every line.
    pub(super) fn validate(self, event_type: EventType, policy: &OutboundPolicy) -> PendingCallbacks<Callback> {
        CallbackInput { enabled: self.enabled, urls: self.urls }.into_model().validate(event_type, policy)
    }
}

impl CallbackInput {
    fn into_model(self) -> callbacks::CallbackInput {
        callbacks::CallbackInput { enabled: self.enabled, lines: self.urls.0 }
    }
}

impl<'de> Deserialize<'de> for UrlLines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrList;
        impl<'de> Visitor<'de> for TextOrList {
            type Value = UrlLines;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of URLs, or one string with a URL a line")
            }

            fn visit_str<E>(self, text: &str) -> Result<UrlLines, E> {
                Ok(UrlLines(text.lines().map(str::to_owned).collect()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<UrlLines, A::Error> {
                let mut lines = Vec::new();
                while let Some(line) = list.next_element()? {
                    lines.push(line);
                }
                Ok(UrlLines(lines))
            }
        }
        deserializer.deserialize_any(TextOrList)
    }
}

/// Returns the schema of a list of URLs, or of one text with a URL per line.
pub(super) fn url_lines_schema() -> utoipa::openapi::schema::Schema {
    use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, SchemaFormat, Type};
    let text = |format: &str| {
        ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::Custom(format.to_owned())))
    };
    let url = text("uri").max_length(Some(MAX_URL_CHARACTERS)).pattern(Some("^[Hh][Tt][Tt][Pp][Ss]?://"));
    let lines = text("uri-list").description(Some("one URL a line"));
    OneOfBuilder::new().item(ArrayBuilder::new().items(url)).item(lines).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_a_url_a_line_is_as_good_as_a_list() {
        let lines = |urls: &str| serde_json::from_str::<UrlLines>(urls).unwrap();
        assert_eq!(lines(r#""http://a/1\r\n\n http://b/2 ""#), lines(r#"["http://a/1", "", " http://b/2 "]"#));
    }
}
