//! Names of the groups and claims.

/// Names of the groups and claims, as configured in the identity provider. The defaults are Amazon Cognito's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessSettings {
    /// `ADMINISTRATOR_GROUP` (default `Administrator`): a group whose members have all permissions in their workspaces.
    pub administrator_group: String,
    /// `DEVELOPER_GROUP` (default `Developer`): another group with the same permissions.
    pub developer_group: String,
    /// `OPERATOR_GROUP` (default `Operator`): a group whose members may list all workspaces, and nothing else.
    pub operator_group: String,
    /// `GROUPS_CLAIM` (default `cognito:groups`): the claim that lists a user's groups.
    pub groups_claim: String,
    /// `WORKSPACE_CLAIM` (default `custom:workspace`): the claim that lists a user's workspaces.
    pub workspace_claim: String,
}

/// Error for a text that is not a valid name of a group or a claim.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a name has at least one character, and none of them is a blank, a comma, a bracket or a quotation mark")]
pub struct InvalidName;

impl Default for AccessSettings {
    fn default() -> Self {
        Self {
            administrator_group: "Administrator".to_owned(),
            developer_group: "Developer".to_owned(),
            operator_group: "Operator".to_owned(),
            groups_claim: "cognito:groups".to_owned(),
            workspace_claim: "custom:workspace".to_owned(),
        }
    }
}

impl AccessSettings {
    /// Checks the name of a group or a claim.
    ///
    /// A gateway passes a list on as the text `[a b]`, in which a group with a blank in its name would become two.
    ///
    /// # Errors
    /// [`InvalidName`] if the name would be ambiguous in such a list.
    pub fn checked(name: String) -> Result<String, InvalidName> {
        let ambiguous = |c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | '[' | ']' | '"');
        if name.is_empty() || name.contains(ambiguous) { Err(InvalidName) } else { Ok(name) }
    }
}
