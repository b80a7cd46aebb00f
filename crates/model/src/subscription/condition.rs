//! Conditions on the value of an attribute.

use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Maximum length of a text that a condition compares with, in characters.
pub const MAX_TEXT_CHARACTERS: usize = 255;

/// A condition on the text of a value: an exact text, or `{"prefix": "…"}`, as in event patterns of EventBridge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Condition {
    /// The text is this one.
    Is(String),
    /// The text begins with this one.
    Prefix {
        /// The beginning.
        prefix: String,
    },
}

impl Condition {
    /// Returns whether an attribute value fulfils the condition.
    ///
    /// A number is compared as DynamoDB writes it, and a boolean as `true` or `false`. A set or a list fulfils it if one
    /// of its elements does; null, a map and bytes never do.
    pub fn is_fulfilled_by(&self, value: &Value) -> bool {
        let Some((kind, value)) = value.as_object().and_then(|value| value.iter().next()) else { return false };
        let text = |value: &Value| value.as_str().is_some_and(|text| self.is_fulfilled_by_text(text));
        match (kind.as_str(), value) {
            ("S" | "N", value) => text(value),
            ("BOOL", Value::Bool(value)) => self.is_fulfilled_by_text(if *value { "true" } else { "false" }),
            ("SS" | "NS", Value::Array(all)) => all.iter().any(text),
            ("L", Value::Array(all)) => all.iter().any(|value| self.is_fulfilled_by(value)),
            _ => false,
        }
    }

    fn is_fulfilled_by_text(&self, text: &str) -> bool {
        match self {
            Self::Is(is) => text == is,
            Self::Prefix { prefix } => text.starts_with(prefix.as_str()),
        }
    }

    /// Returns the text that is compared.
    pub fn text(&self) -> &str {
        match self {
            Self::Is(text) | Self::Prefix { prefix: text } => text,
        }
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrPrefix;
        impl<'de> Visitor<'de> for TextOrPrefix {
            type Value = Condition;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, such as \"Approved\" or \"42\", or a beginning, such as {\"prefix\": \"Appr\"}")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Condition, E> {
                checked(text.to_owned()).map(Condition::Is)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Condition, A::Error> {
                let mut prefix: Option<String> = None;
                while let Some(key) = map.next_key::<String>()? {
                    if key != "prefix" || prefix.is_some() {
                        return Err(A::Error::custom(format!(
                            "{key:?} is not known here; write {{\"prefix\": \"Appr\"}} for texts that begin so"
                        )));
                    }
                    prefix = Some(map.next_value()?);
                }
                let prefix = prefix.ok_or_else(|| A::Error::missing_field("prefix"))?;
                checked(prefix).map(|prefix| Condition::Prefix { prefix })
            }
        }
        deserializer.deserialize_any(TextOrPrefix)
    }
}

fn checked<E: Error>(text: String) -> Result<String, E> {
    match text.chars().count() {
        0..=MAX_TEXT_CHARACTERS => Ok(text),
        characters => Err(E::custom(format!(
            "the text has {characters} characters; at most {MAX_TEXT_CHARACTERS} are allowed, so compare with a prefix"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_numbers_booleans_and_elements_are_compared_and_nothing_else() {
        let is = |text: &str| Condition::Is(text.to_owned());
        let prefix = |text: &str| Condition::Prefix { prefix: text.to_owned() };
        let cases = [
            (is("Approved"), json!({"S": "Approved"}), true),
            (is("Approved"), json!({"S": "approved"}), false),
            (is("Approved"), json!({"S": "Approved by"}), false),
            (is(""), json!({"S": ""}), true),
            (is("42"), json!({"N": "42"}), true),
            (is("42"), json!({"N": "4"}), false),
            (is("true"), json!({"BOOL": true}), true),
            (is("true"), json!({"BOOL": false}), false),
            (is("false"), json!({"BOOL": false}), true),
            (is("b"), json!({"SS": ["a", "b"]}), true),
            (is("2"), json!({"NS": ["1", "2"]}), true),
            (is("c"), json!({"SS": ["a", "b"]}), false),
            (is("b"), json!({"L": [{"N": "1"}, {"L": [{"S": "b"}]}]}), true),
            (is("true"), json!({"NULL": true}), false),
            (is("b"), json!({"M": {"a": {"S": "b"}}}), false),
            (is("AAEC"), json!({"B": "AAEC"}), false),
            (is("AAEC"), json!({"BS": ["AAEC"]}), false),
            (is("a"), json!("a"), false),
            (prefix("Appr"), json!({"S": "Approved"}), true),
            (prefix("Approved"), json!({"S": "Approved"}), true),
            (prefix("Approved!"), json!({"S": "Approved"}), false),
            (prefix(""), json!({"N": "1"}), true),
            (prefix("tr"), json!({"BOOL": true}), true),
        ];
        for (condition, value, fulfilled) in cases {
            assert_eq!(condition.is_fulfilled_by(&value), fulfilled, "{condition:?}, {value}");
        }
    }

    #[test]
    fn a_condition_is_a_text_or_a_prefix_and_an_error_says_so() {
        let read = |json: Value| serde_json::from_value::<Condition>(json).map_err(|error| error.to_string());
        assert_eq!(read(json!("a")), Ok(Condition::Is("a".to_owned())));
        assert_eq!(read(json!({"prefix": "a"})), Ok(Condition::Prefix { prefix: "a".to_owned() }));
        for json in [json!("a"), json!({"prefix": "a"})] {
            assert_eq!(read(json).unwrap().text(), "a");
        }
        assert_eq!(
            read(json!(42)).unwrap_err(),
            "invalid type: integer `42`, expected a text, such as \"Approved\" or \"42\", or a beginning, such as {\"prefix\": \"Appr\"}"
        );
        assert_eq!(read(json!({})).unwrap_err(), "missing field `prefix`");
        assert_eq!(
            read(json!({"suffix": "a"})).unwrap_err(),
            "\"suffix\" is not known here; write {\"prefix\": \"Appr\"} for texts that begin so"
        );
        assert!(read(json!("ü".repeat(255))).is_ok());
        assert_eq!(
            read(json!({"prefix": "ü".repeat(256)})).unwrap_err(),
            "the text has 256 characters; at most 255 are allowed, so compare with a prefix"
        );
    }
}
