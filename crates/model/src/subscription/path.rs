//! The path of an attribute in an item.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Maximum length of a path, in characters.
pub const MAX_PATH_CHARACTERS: usize = 255;

/// The path of an attribute, such as `status`, `customer.country` or `steps[0].name`: names of the attributes of nested
/// maps, and positions in lists, from 0. A backslash takes the character behind it literally: `a\.b` is one name.
///
/// The form is that of DynamoDB's document paths ("Expression attribute names and document paths", DynamoDB Developer
/// Guide).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AttributePath {
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Name(String),
    Position(usize),
}

/// Reason why a text is not a valid path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPath {
    /// It is too long.
    #[error("the path has {0} characters; at most {MAX_PATH_CHARACTERS} are allowed")]
    TooLong(usize),
    /// A name is empty: the path is empty, or begins or ends with a dot, or has two in a row.
    #[error(
        "the path {0:?} has an empty name; write the names of nested attributes with one dot between them, such as customer.country"
    )]
    EmptyName(String),
    /// Brackets do not enclose a position.
    #[error("the path {0:?} has brackets without a position; write steps[0], or \\[ for a bracket in a name")]
    Position(String),
    /// Nothing follows the last backslash.
    #[error("the path {0:?} ends with a backslash; write \\\\ for a backslash in a name")]
    Backslash(String),
}

impl AttributePath {
    /// Returns the path as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the attribute value at this path of an image.
    pub fn find<'v>(&self, image: &'v Value) -> Option<&'v Value> {
        let mut steps = self.steps.iter();
        let Some(Step::Name(first)) = steps.next() else { return None };
        steps.try_fold(image.get(first)?, |value, step| match step {
            Step::Name(name) => value.get("M")?.get(name),
            Step::Position(position) => value.get("L")?.get(position),
        })
    }
}

impl TryFrom<String> for AttributePath {
    type Error = InvalidPath;

    fn try_from(text: String) -> Result<Self, InvalidPath> {
        let characters = text.chars().count();
        if characters > MAX_PATH_CHARACTERS {
            return Err(InvalidPath::TooLong(characters));
        }
        let mut steps = Vec::new();
        let mut rest = text.as_str();
        loop {
            let (name, behind) = name(rest).ok_or_else(|| InvalidPath::Backslash(text.clone()))?;
            if name.is_empty() {
                return Err(InvalidPath::EmptyName(text));
            }
            steps.push(Step::Name(name));
            rest = behind;
            while let Some(behind) = rest.strip_prefix('[') {
                let (position, behind) = behind.split_once(']').unwrap_or_default();
                let position = position.bytes().all(|byte| byte.is_ascii_digit()).then(|| position.parse().ok());
                let position = position.flatten().ok_or_else(|| InvalidPath::Position(text.clone()))?;
                steps.push(Step::Position(position));
                rest = behind;
            }
            match rest.strip_prefix('.') {
                Some(behind) => rest = behind,
                None if rest.is_empty() => return Ok(Self { text, steps }),
                None => return Err(InvalidPath::Position(text)),
            }
        }
    }
}

/// Takes a name from the start of a text; `None` if a backslash has nothing behind it.
fn name(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '.' | '[' => return Some((name, &text[at..])),
            '\\' => name.push(characters.next()?.1),
            _ => name.push(character),
        }
    }
    Some((name, ""))
}

impl From<AttributePath> for String {
    fn from(path: AttributePath) -> Self {
        path.text
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(text: &str) -> Result<AttributePath, InvalidPath> {
        AttributePath::try_from(text.to_owned())
    }

    #[test]
    fn a_path_leads_into_maps_and_lists_and_a_backslash_takes_the_next_character_literally() {
        let image = json!({
            "status": {"S": "Approved"},
            "a.b[0]": {"N": "1"},
            "customer": {"M": {"country": {"S": "DE"}, "back\\slash": {"BOOL": true}}},
            "steps": {"L": [{"S": "first"}, {"M": {"names": {"L": [{"L": [{"S": "deep"}]}]}}}]},
        });
        let cases = [
            ("status", Some(json!({"S": "Approved"}))),
            ("a\\.b\\[0]", Some(json!({"N": "1"}))),
            ("customer.country", Some(json!({"S": "DE"}))),
            ("customer.back\\\\slash", Some(json!({"BOOL": true}))),
            ("steps[0]", Some(json!({"S": "first"}))),
            ("steps[1].names[0][0]", Some(json!({"S": "deep"}))),
            ("steps[2]", None),
            ("steps.first", None),
            ("status.S", None),
            ("status[0]", None),
            ("Status", None),
            ("a.b", None),
        ];
        for (text, value) in cases {
            let path = path(text).unwrap();
            assert_eq!(path.find(&image), value.as_ref(), "{text}");
            assert_eq!((path.as_str(), &*path.to_string(), &*String::from(path.clone())), (text, text, text));
        }
    }

    #[test]
    fn an_error_says_what_is_wrong_with_a_path() {
        let empty = |text: &str| InvalidPath::EmptyName(text.to_owned());
        let position = |text: &str| InvalidPath::Position(text.to_owned());
        let cases = [
            ("", empty("")),
            (".a", empty(".a")),
            ("a.", empty("a.")),
            ("a..b", empty("a..b")),
            ("[0]", empty("[0]")),
            ("a.[0]", empty("a.[0]")),
            ("a[", position("a[")),
            ("a[]", position("a[]")),
            ("a[x]", position("a[x]")),
            ("a[-1]", position("a[-1]")),
            ("a[+1]", position("a[+1]")),
            ("a[99999999999999999999]", position("a[99999999999999999999]")),
            ("a[0]b", position("a[0]b")),
            ("a\\", InvalidPath::Backslash("a\\".to_owned())),
        ];
        for (text, error) in cases {
            assert_eq!(path(text), Err(error), "{text}");
        }
        assert_eq!(path(&"ü".repeat(256)), Err(InvalidPath::TooLong(256)));
        assert!(path(&"ü".repeat(255)).is_ok());
    }
}
