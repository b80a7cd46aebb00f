//! The three formats of a claim that lists names. Pure.

use serde_json::Value;

/// The value of a verified claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ClaimValue {
    /// A value from the token itself, in which a list is a list.
    Json(Value),
    /// A value from an HTTP API's JWT authorizer, in which everything is text, and a list is `[a b]`.
    Flat(String),
}

impl ClaimValue {
    /// Returns the value if it is a single text.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Json(Value::String(text)) | Self::Flat(text) => {
                Some(text).filter(|text| !text.is_empty()).map(|it| &**it)
            }
            Self::Json(_) => None,
        }
    }

    /// Returns names without blanks, such as groups and scopes: a list of them, or a text with blanks between them.
    ///
    /// After an authorizer has turned a list into text, a name with blanks cannot be distinguished from several shorter
    /// names. A list from the token itself is read as it is.
    pub(super) fn names(&self) -> Vec<&str> {
        match self {
            Self::Json(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            Self::Json(Value::String(text)) => text.split_whitespace().collect(),
            Self::Json(_) => Vec::new(),
            Self::Flat(text) => unbracketed(text).map(|text| text.split_whitespace().collect()).unwrap_or_default(),
        }
    }

    /// Returns workspaces: a list of them; a text with blanks or commas between them; or a JSON array written as text.
    ///
    /// The array is for ids that contain blanks or commas.
    pub(super) fn workspaces(&self) -> Vec<String> {
        let text = match self {
            Self::Json(Value::Array(list)) => {
                return list.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect();
            }
            Self::Json(Value::String(text)) | Self::Flat(text) => text,
            Self::Json(_) => return Vec::new(),
        };
        if let Ok(list) = serde_json::from_str::<Vec<String>>(text) {
            return list;
        }
        let text = match self {
            Self::Flat(text) => unbracketed(text),
            Self::Json(_) => Some(&**text),
        };
        let separate = |text: &str| {
            let separator = |c: char| c.is_whitespace() || c == ',';
            text.split(separator).filter(|id| !id.is_empty()).map(str::to_owned).collect()
        };
        text.map(separate).unwrap_or_default()
    }
}

/// Strips the brackets from a list, and returns a text without brackets as it is.
///
/// An authorizer writes no other brackets, so that a text with them names no caller and no workspace.
fn unbracketed(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    (!inner.contains(['[', ']'])).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn flat(text: &str) -> ClaimValue {
        ClaimValue::Flat(text.to_owned())
    }

    #[test]
    fn an_authorizers_list_is_text_in_brackets() {
        assert_eq!(flat("[Administrator Developer]").names(), ["Administrator", "Developer"]);
        assert_eq!(flat("[Administrator]").names(), ["Administrator"]);
        assert_eq!(flat("Administrator").names(), ["Administrator"]);
        for nothing in ["", "[]", "[ ]", "[Administrator", "Administrator]", "[[Administrator]]", "[a] [Administrator]"]
        {
            assert_eq!(flat(nothing).names(), [""; 0], "{nothing}");
        }
    }

    #[test]
    fn in_a_token_a_list_is_a_list_and_brackets_are_letters() {
        assert_eq!(ClaimValue::Json(json!(["a b", "c"])).names(), ["a b", "c"]);
        assert_eq!(ClaimValue::Json(json!("a b")).names(), ["a", "b"]);
        assert_eq!(ClaimValue::Json(json!("[a b]")).names(), ["[a", "b]"]);
        for nothing in [json!(null), json!(7), json!({"a": "a"}), json!([]), json!([["a"], 7, null])] {
            assert_eq!(ClaimValue::Json(nothing.clone()).names(), [""; 0], "{nothing}");
        }
    }

    #[test]
    fn workspaces_are_separated_by_blanks_or_commas_or_stand_in_an_array() {
        for text in ["a b", "a,b", " a , b,", r#"["a","b"]"#] {
            assert_eq!(flat(text).workspaces(), ["a", "b"], "{text}");
            assert_eq!(ClaimValue::Json(json!(text)).workspaces(), ["a", "b"], "{text}");
        }
        assert_eq!(flat("[a b]").workspaces(), ["a", "b"]);
        assert_eq!(flat(r#"["a b,c"]"#).workspaces(), ["a b,c"]);
        assert_eq!(ClaimValue::Json(json!(["a b,c", "d"])).workspaces(), ["a b,c", "d"]);
        for nothing in ["", ",", "[]", "[a", "[[a]]"] {
            assert_eq!(flat(nothing).workspaces(), [""; 0], "{nothing}");
        }
    }
}
