//! The grants of a caller, for display: the decision of each call, made in advance for every workspace that the claims
//! name. Pure.

use super::claims::{Claims, Known};
use super::{AccessSettings, Permission};
use crate::workspace::WorkspaceId;

/// The permissions of a caller in one workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The workspace; `None` for every workspace.
    pub workspace: Option<WorkspaceId>,
    /// The permissions; never empty.
    pub permissions: Vec<Permission>,
}

impl Claims {
    /// Returns everything that [`Self::may`] allows, each workspace once.
    ///
    /// Names that are not valid workspace ids are left out, because no call can use them.
    pub fn grants(&self, settings: &AccessSettings) -> Vec<Grant> {
        let allowed = |workspace: &str| -> Vec<Permission> {
            Permission::ALL
                .into_iter()
                .filter(|permission| self.may(*permission, workspace, settings).is_ok())
                .collect()
        };
        let mut grants: Vec<Grant> = Vec::new();
        match &self.0 {
            // The workspace is not checked, whatever it is.
            Known::LocalAdministrator => grants.push(Grant { workspace: None, permissions: allowed("") }),
            Known::Token(_) => {
                for name in self.named(settings) {
                    let permissions = allowed(&name);
                    let Ok(workspace) = WorkspaceId::try_from(name).map(Some) else { continue };
                    if !permissions.is_empty() && grants.iter().all(|grant| grant.workspace != workspace) {
                        grants.push(Grant { workspace, permissions });
                    }
                }
            }
        }
        grants
    }

    /// Returns every workspace that the claims name, in the workspace claim or before a scope, whether it counts or
    /// not.
    fn named(&self, settings: &AccessSettings) -> Vec<String> {
        let Known::Token(claims) = &self.0 else { return Vec::new() };
        let mut named = claims.get(&settings.workspace_claim).map(|claim| claim.workspaces()).unwrap_or_default();
        let scopes = claims.get("scope").map(|scopes| scopes.names()).unwrap_or_default();
        for scope in scopes {
            let ours = Permission::ALL.into_iter().filter_map(Permission::scope);
            let before = ours.filter_map(|ours| scope.strip_suffix(ours)?.strip_suffix('/'));
            named.extend(before.map(str::to_owned));
        }
        named
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn grants(claims: Value) -> Vec<String> {
        shown(&Claims::from_verified_token(claims.as_object().unwrap().clone()))
    }

    fn shown(claims: &Claims) -> Vec<String> {
        let show = |grant: Grant| {
            let permissions: Vec<_> = grant.permissions.iter().map(ToString::to_string).collect();
            format!("{}: {}", grant.workspace.map_or("*".to_owned(), |it| it.to_string()), permissions.join(" "))
        };
        claims.grants(&AccessSettings::default()).into_iter().map(show).collect()
    }

    const EVERYTHING: &str =
        "callbacks:read callbacks:write deliveries:read deliveries:replay deliveries:erase signing-secret";

    #[test]
    fn a_member_of_a_group_has_everything_in_each_workspace_of_the_claim() {
        let member = json!({"sub": "u", "cognito:groups": ["Developer"], "custom:workspace": ["b", "a", "b", ""]});
        assert_eq!(grants(member), [format!("b: {EVERYTHING}"), format!("a: {EVERYTHING}")]);
        assert_eq!(shown(&Claims::local_administrator()), [format!("*: {EVERYTHING}")]);
    }

    #[test]
    fn a_machine_has_what_its_scopes_give_where_they_or_the_claim_say() {
        let machine = json!({"sub": "m", "client_id": "m", "custom:workspace": "a",
            "scope": "callbacks:read b/deliveries:read b/deliveries:replay a/callbacks:write c/signing-secret x-y/callbacks:read"});
        assert_eq!(
            grants(machine),
            ["a: callbacks:read callbacks:write", "b: deliveries:read deliveries:replay", "x-y: callbacks:read"]
        );
    }

    #[test]
    fn who_has_no_role_has_nothing_whatever_the_claims_name() {
        let scopes = "a/callbacks:read callbacks:write";
        assert_eq!(grants(json!({"sub": "u", "scope": scopes, "custom:workspace": "a"})), [""; 0]);
        assert_eq!(grants(json!({"sub": "u", "cognito:groups": ["Administrator"]})), [""; 0]);
        assert_eq!(grants(json!({"sub": "m", "client_id": "m", "scope": "callbacks:read"})), [""; 0]);
    }

    #[test]
    fn what_is_no_workspace_id_is_left_out() {
        let claims =
            json!({"sub": "u", "cognito:groups": ["Developer"], "custom:workspace": ["a\nb", "x".repeat(129), "c"]});
        assert_eq!(grants(claims), [format!("c: {EVERYTHING}")]);
    }

    proptest! {
        /// Compares the grants with `may` for every workspace that could be meant: neither more nor less is allowed.
        #[test]
        fn what_is_shown_is_what_is_allowed(
            scopes in proptest::collection::vec("([ab](-[ab])?/)?(callbacks:(read|write)|deliveries:(read|replay|erase)|signing-secret)", 0..4),
            workspaces in proptest::collection::vec("[ab](-[ab])?", 0..3),
            groups in proptest::collection::vec("(Administrator|Guest)", 0..2),
            machine in any::<bool>(),
        ) {
            let mut claims = json!({"sub": "s", "scope": scopes.join(" "), "custom:workspace": workspaces, "cognito:groups": groups});
            if machine {
                claims["client_id"] = "s".into();
            }
            let claims = Claims::from_verified_token(claims.as_object().unwrap().clone());
            let settings = AccessSettings::default();
            let grants = claims.grants(&settings);
            for workspace in ["a", "b", "a-a", "a-b", "b-a", "b-b", "c"] {
                let shown = grants.iter().find(|grant| grant.workspace.as_ref().is_some_and(|it| it.as_str() == workspace));
                let shown = shown.map(|grant| grant.permissions.clone()).unwrap_or_default();
                let allowed: Vec<_> =
                    Permission::ALL.into_iter().filter(|it| claims.may(*it, workspace, &settings).is_ok()).collect();
                prop_assert_eq!(shown, allowed, "{}", workspace);
            }
        }
    }
}
