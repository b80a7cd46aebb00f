use std::collections::HashMap;

use serde_json::{Map, Value, json};
use webhooks_model::access::{AccessSettings, Claims, Permission};
use webhooks_model::workspace::WorkspaceId;

/// Parses groups, scopes, workspaces and the path's workspace, one a line, as an authorizer passes them: only a caller
/// that the text names gets access, and a list means the same in both of its forms.
pub fn claims(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut lines = text.splitn(4, '\n');
    let [groups, scopes, workspaces, workspace] = [(); 4].map(|()| lines.next().unwrap_or_default());
    let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let user: HashMap<_, _> =
        [text("sub", "u"), text("cognito:groups", groups), text("scope", scopes), text("custom:workspace", workspaces)]
            .into();
    let mut machine = user.clone();
    machine.insert("client_id".to_owned(), "u".to_owned());

    let settings = AccessSettings::default();
    let named = names(workspaces, workspace);
    let in_role = groups.contains("Administrator") || groups.contains("Developer");
    for permission in Permission::ALL {
        let shown = |claims: &Claims| {
            let grants = claims.grants(&settings);
            let grant =
                grants.into_iter().find(|grant| grant.workspace.as_ref().is_some_and(|it| it.as_str() == workspace));
            grant.is_some_and(|grant| grant.permissions.contains(&permission))
        };
        let nameable = WorkspaceId::try_from(workspace.to_owned()).is_ok();
        for claims in [&user, &machine].map(|claims| Claims::from_authorizer(claims, None)) {
            let may = claims.may(permission, workspace, &settings).is_ok();
            assert_eq!(shown(&claims), may && nameable, "what a caller is shown");
        }
        let user = Claims::from_authorizer(&user, None).may(permission, workspace, &settings).is_ok();
        assert!(!user || (in_role && named), "a user without a role, or of another workspace");

        let machine = Claims::from_authorizer(&machine, None).may(permission, workspace, &settings).is_ok();
        let scope = permission.scope().is_some_and(|scope| scopes.contains(scope));
        assert!(!machine || in_role || scope, "a machine without the scope");
        let by_scope = permission.scope().is_some_and(|scope| scopes.contains(&format!("{workspace}/{scope}")));
        assert!(!machine || named || by_scope, "a machine of another workspace");
    }
    in_both_forms(groups, workspaces, workspace, &settings);
}

/// Returns whether the claim names the workspace, in any reading.
fn names(workspaces: &str, workspace: &str) -> bool {
    let listed = serde_json::from_str::<Vec<String>>(workspaces).unwrap_or_default();
    workspaces.contains(workspace) || listed.iter().any(|it| it == workspace)
}

/// Compares a list in the token with the text that API Gateway makes of it.
fn in_both_forms(groups: &str, workspaces: &str, workspace: &str, settings: &AccessSettings) {
    if format!("{groups}{workspaces}").contains(['[', ']', ',', '"']) {
        return;
    }
    let list = |text: &str| text.split_whitespace().map(Value::from).collect::<Value>();
    let token: Map<String, Value> = [
        ("sub".to_owned(), json!("u")),
        ("cognito:groups".to_owned(), list(groups)),
        ("custom:workspace".to_owned(), list(workspaces)),
    ]
    .into_iter()
    .collect();
    let flat: HashMap<_, _> = [
        ("sub".to_owned(), "u".to_owned()),
        ("cognito:groups".to_owned(), format!("[{groups}]")),
        ("custom:workspace".to_owned(), format!("[{workspaces}]")),
    ]
    .into();
    let may = |claims: Claims| claims.may(Permission::CallbacksWrite, workspace, settings);
    assert_eq!(may(Claims::from_verified_token(token)), may(Claims::from_authorizer(&flat, None)));
}
