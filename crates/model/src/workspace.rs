//! Workspaces: the tenants that own callbacks, endpoints and deliveries.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The id of a workspace: 1 to 128 characters, without control characters and `/`, `?` and `%`; neither `.` nor `..`.
///
/// The ids are the process platform's own, and each of them is a segment of a path: API Gateway decodes `%2F` and `%3F`
/// before it routes a request, its documentation does not say whether it decodes `%25`, and URL parsers drop the
/// segments `.` and `..`, encoded or not. A call about such a workspace would be one about another workspace.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WorkspaceId(Arc<str>);

/// Error for a text that is not a valid [`WorkspaceId`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a workspace id has 1 to {max} characters, without control characters and / ? %, and is neither . nor ..; {fault}",
    max = WorkspaceId::MAX_CHARACTERS)]
pub struct InvalidWorkspaceId {
    fault: Fault,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Fault {
    #[error("this one has {0}")]
    Length(usize),
    #[error("this one has a control character in it")]
    ControlCharacter,
    #[error("this one has a {0} in it")]
    Character(char),
    #[error("this one is {0}")]
    DotSegment(String),
}

impl WorkspaceId {
    /// Maximum length of an id, in characters.
    pub const MAX_CHARACTERS: usize = 128;

    /// Returns the workspace of instance items without a workspace.
    pub fn default_workspace() -> Self {
        Self("default".into())
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for WorkspaceId {
    type Error = InvalidWorkspaceId;

    fn try_from(id: String) -> Result<Self, Self::Error> {
        match fault(&id) {
            Some(fault) => Err(InvalidWorkspaceId { fault }),
            None => Ok(Self(id.into())),
        }
    }
}

fn fault(id: &str) -> Option<Fault> {
    let characters = id.chars().count();
    if !(1..=WorkspaceId::MAX_CHARACTERS).contains(&characters) {
        return Some(Fault::Length(characters));
    }
    if id.chars().any(char::is_control) {
        return Some(Fault::ControlCharacter);
    }
    if let Some(character) = id.chars().find(|it| "/?%".contains(*it)) {
        return Some(Fault::Character(character));
    }
    matches!(id, "." | "..").then(|| Fault::DotSegment(id.to_owned()))
}

impl From<WorkspaceId> for String {
    fn from(id: WorkspaceId) -> Self {
        id.as_str().to_owned()
    }
}

impl fmt::Display for WorkspaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_bounded_and_free_of_control_characters() {
        for good in ["default", "Wörk space 1#", "a\\b", "...", &"x".repeat(128)] {
            assert_eq!(WorkspaceId::try_from(good.to_owned()).unwrap().as_str(), good);
        }
        for bad in ["", "a\nb", &"x".repeat(129)] {
            assert!(WorkspaceId::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_id_that_a_path_cannot_carry_is_not_allowed() {
        let rule =
            "a workspace id has 1 to 128 characters, without control characters and / ? %, and is neither . nor ..; ";
        for (id, fault) in [
            ("org/team", "this one has a / in it"),
            ("a?b", "this one has a ? in it"),
            ("50%20off", "this one has a % in it"),
            (".", "this one is ."),
            ("..", "this one is .."),
        ] {
            let error = WorkspaceId::try_from(id.to_owned()).unwrap_err();
            assert_eq!(error.to_string(), format!("{rule}{fault}"));
        }
    }
}
