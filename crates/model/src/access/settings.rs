//! What the groups and claims are called.

/// What the groups and claims are called. Whoever runs the sign-in chooses; the defaults are Amazon Cognito's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessSettings {
    /// `ADMINISTRATOR_GROUP` (default `Administrator`): the group whose members may do everything in their workspaces.
    pub administrator_group: String,
    /// `DEVELOPER_GROUP` (default `Developer`): the other one.
    pub developer_group: String,
    /// `GROUPS_CLAIM` (default `cognito:groups`): the claim that lists somebody's groups.
    pub groups_claim: String,
    /// `WORKSPACE_CLAIM` (default `custom:workspace`): the claim that names somebody's workspaces.
    pub workspace_claim: String,
}

/// Why a text cannot be a group's or a claim's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a name has at least one character, and none of them is a blank, a comma, a bracket or a quotation mark")]
pub struct InvalidName;

impl Default for AccessSettings {
    fn default() -> Self {
        Self {
            administrator_group: "Administrator".to_owned(),
            developer_group: "Developer".to_owned(),
            groups_claim: "cognito:groups".to_owned(),
            workspace_claim: "custom:workspace".to_owned(),
        }
    }
}

impl AccessSettings {
    /// Checks a group's or a claim's name. A gateway hands a list over as the text `[a b]`, in which a group of a name with
    /// a blank would be two.
    ///
    /// # Errors
    /// When it could not be told apart in such a list.
    pub fn checked(name: String) -> Result<String, InvalidName> {
        let ambiguous = |c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | '[' | ']' | '"');
        if name.is_empty() || name.contains(ambiguous) { Err(InvalidName) } else { Ok(name) }
    }
}
