//! The access decision: the permissions of a caller in a workspace. Pure.

use super::claims::{Claims, Known, is_machine};
use super::{AccessSettings, Permission};

/// Reason why an authenticated caller lacks a permission.
///
/// It says what is missing and nothing about what exists: it is the same for a workspace that exists and for one that
/// does not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The user is in neither group.
    #[error(
        "this needs membership of the group {administrator} or {developer}, and the claim {claim} names neither: \
        have an administrator add you, then sign in again"
    )]
    Group {
        /// Name of the administrators' group.
        administrator: String,
        /// Name of the developers' group.
        developer: String,
        /// Claim that lists the groups.
        claim: String,
    },
    /// The machine client lacks the scope.
    #[error(
        "this needs the scope {0}, or {{workspace}}/{0} with the workspace of the path: have it granted to the client"
    )]
    Scope(&'static str),
    /// No scope grants this permission to machine clients.
    #[error(
        "this is for members of the group {administrator} or {developer}, and no scope grants it: sign in as one of them"
    )]
    RoleOnly {
        /// Name of the administrators' group.
        administrator: String,
        /// Name of the developers' group.
        developer: String,
    },
    /// The caller is not in the operators' group.
    #[error(
        "this needs membership of the group {operator}, and the claim {claim} does not name it: have an administrator add \
        you, then sign in again"
    )]
    Operator {
        /// Name of the operators' group.
        operator: String,
        /// Claim that lists the groups.
        claim: String,
    },
    /// The caller has the permission, but not in this workspace.
    #[error(
        "the claim {claim} of this token does not name the workspace of the path: use a token that names it \
        (a user's is the ID token), or have an administrator add it"
    )]
    Workspace {
        /// Claim that lists the workspaces.
        claim: String,
    },
}

impl Claims {
    /// Checks that the claims give a permission in a workspace.
    ///
    /// # Errors
    /// [`Denied`], which says what is missing.
    pub fn may(&self, permission: Permission, workspace: &str, settings: &AccessSettings) -> Result<(), Denied> {
        let Known::Token(claims) = &self.0 else { return Ok(()) };
        let AccessSettings { administrator_group, developer_group, groups_claim, workspace_claim, .. } = settings;
        let groups = claims.get(groups_claim).map(|groups| groups.names()).unwrap_or_default();
        let in_role = groups.iter().any(|group| group == administrator_group || group == developer_group);
        if !in_role {
            let (administrator, developer) = (administrator_group.clone(), developer_group.clone());
            if !is_machine(claims) {
                return Err(Denied::Group { administrator, developer, claim: groups_claim.clone() });
            }
            let Some(scope) = permission.scope() else { return Err(Denied::RoleOnly { administrator, developer }) };
            let scopes = claims.get("scope").map(|scopes| scopes.names()).unwrap_or_default();
            if scopes.contains(&&*format!("{workspace}/{scope}")) {
                return Ok(()); // such a scope includes the workspace
            }
            if !scopes.contains(&scope) {
                return Err(Denied::Scope(scope));
            }
        }
        let workspaces = claims.get(workspace_claim).map(|workspaces| workspaces.workspaces()).unwrap_or_default();
        if workspaces.iter().any(|named| named == workspace) {
            return Ok(());
        }
        Err(Denied::Workspace { claim: workspace_claim.clone() })
    }

    /// Checks that the claims are an operator's, who may list all workspaces.
    ///
    /// # Errors
    /// [`Denied::Operator`].
    pub fn operates(&self, settings: &AccessSettings) -> Result<(), Denied> {
        let Known::Token(claims) = &self.0 else { return Ok(()) };
        let groups = claims.get(&settings.groups_claim).map(|groups| groups.names()).unwrap_or_default();
        if groups.iter().any(|group| *group == settings.operator_group) {
            return Ok(());
        }
        Err(Denied::Operator { operator: settings.operator_group.clone(), claim: settings.groups_claim.clone() })
    }
}

#[cfg(test)]
mod tests;
