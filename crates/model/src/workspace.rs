//! Workspaces: the tenants that own callbacks, endpoints and deliveries.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The id of a workspace: 1 to 128 characters, none of them a control character.
///
/// There are no further restrictions, because the ids are the process platform's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WorkspaceId(String);

/// Error for a text that is not a valid [`WorkspaceId`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a workspace id has 1 to {max} characters and no control characters; this one has {characters}{control}",
    max = WorkspaceId::MAX_CHARACTERS, control = if *.control { ", a control character among them" } else { "" })]
pub struct InvalidWorkspaceId {
    characters: usize,
    control: bool,
}

impl WorkspaceId {
    /// Maximum length of an id, in characters.
    pub const MAX_CHARACTERS: usize = 128;

    /// Returns the workspace of instance items without a workspace.
    pub fn default_workspace() -> Self {
        Self("default".to_owned())
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for WorkspaceId {
    type Error = InvalidWorkspaceId;

    fn try_from(id: String) -> Result<Self, Self::Error> {
        let characters = id.chars().count();
        let control = id.chars().any(char::is_control);
        if control || !(1..=Self::MAX_CHARACTERS).contains(&characters) {
            return Err(InvalidWorkspaceId { characters, control });
        }
        Ok(Self(id))
    }
}

impl From<WorkspaceId> for String {
    fn from(id: WorkspaceId) -> Self {
        id.0
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
        for good in ["default", "Wörk space/1#", &"x".repeat(128)] {
            assert_eq!(WorkspaceId::try_from(good.to_owned()).unwrap().as_str(), good);
        }
        for bad in ["", "a\nb", &"x".repeat(129)] {
            assert!(WorkspaceId::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }
}
