use serde_json::{Value, json};

use super::*;

const USER: &str = "11111111-aaaa";

fn claims(claims: Value) -> Claims {
    let Value::Object(claims) = claims else { panic!("an object") };
    Claims::from_verified_token(claims)
}

fn flat(claims: &[(&str, &str)]) -> Claims {
    let claims = claims.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Claims::from_authorizer(&claims, None)
}

fn may(claims: &Claims, permission: Permission, workspace: &str) -> Result<(), Denied> {
    claims.may(permission, workspace, &AccessSettings::default())
}

/// Returns the permissions that the claims give in a workspace.
fn allowed(claims: &Claims, workspace: &str) -> Vec<String> {
    Permission::ALL
        .into_iter()
        .filter(|permission| may(claims, *permission, workspace).is_ok())
        .map(|it| it.to_string())
        .collect()
}

const EVERYTHING: [&str; 6] =
    ["callbacks:read", "callbacks:write", "deliveries:read", "deliveries:replay", "deliveries:erase", "signing-secret"];

#[test]
fn a_member_of_either_group_may_do_everything_in_the_workspaces_of_the_claim_and_nothing_elsewhere() {
    for group in ["Administrator", "Developer"] {
        let from_gateway =
            flat(&[("sub", USER), ("cognito:groups", &format!("[x {group}]")), ("custom:workspace", "a,b")]);
        let from_token = claims(json!({"sub": USER, "cognito:groups": ["x", group], "custom:workspace": ["a", "b"]}));
        for claims in [from_gateway, from_token] {
            assert_eq!(allowed(&claims, "a"), EVERYTHING);
            assert_eq!(allowed(&claims, "b"), EVERYTHING);
            for elsewhere in ["c", "", "A", "a,b", "a b", "*"] {
                assert_eq!(allowed(&claims, elsewhere), [""; 0], "{elsewhere}");
            }
        }
    }
}

#[test]
fn a_group_counts_by_its_whole_name_only() {
    for groups in
        ["[administrator]", "[Administrators]", "[Administrator,Developer]", "[\"Administrator\"]", "[x", "*", ""]
    {
        let claims = flat(&[("sub", USER), ("cognito:groups", groups), ("custom:workspace", "a")]);
        assert_eq!(allowed(&claims, "a"), [""; 0], "{groups}");
    }
    let claims = claims(json!({"sub": USER, "cognito:groups": ["not Administrator"], "custom:workspace": "a"}));
    assert_eq!(allowed(&claims, "a"), [""; 0], "in a token itself a blank is part of the name");
}

#[test]
fn other_names_of_groups_and_claims_are_settings() {
    let claims = claims(json!({"sub": USER, "roles": ["ops"], "tenant": "a", "cognito:groups": ["Administrator"]}));
    let settings = AccessSettings {
        developer_group: "ops".to_owned(),
        groups_claim: "roles".to_owned(),
        workspace_claim: "tenant".to_owned(),
        ..AccessSettings::default()
    };
    assert_eq!(claims.may(Permission::SigningSecret, "a", &settings), Ok(()));
    assert!(claims.may(Permission::SigningSecret, "b", &settings).is_err());
    assert_eq!(allowed(&claims, "a"), [""; 0]);
}

#[test]
fn a_machine_has_what_its_scopes_name_in_the_workspaces_of_the_claim() {
    let machine = |scope| claims(json!({"sub": "m1", "client_id": "m1", "scope": scope, "custom:workspace": "a"}));
    for permission in Permission::GRANTED_BY_SCOPE {
        let scope = permission.scope().unwrap();
        assert_eq!(allowed(&machine(scope), "a"), [scope]);
        assert_eq!(allowed(&machine(scope), "b"), [""; 0]);
    }
    let all = "callbacks:read callbacks:write deliveries:read deliveries:replay deliveries:erase signing-secret";
    let all = machine(all);
    assert_eq!(allowed(&all, "a"), EVERYTHING[..5], "no scope shows the signing secret");
}

#[test]
fn a_scope_of_a_workspace_counts_there_and_needs_no_claim() {
    let machine = claims(json!({"sub": "m1", "client_id": "m1", "scope": "a/callbacks:read x/y/deliveries:read"}));
    assert_eq!(allowed(&machine, "a"), ["callbacks:read"]);
    assert_eq!(allowed(&machine, "x/y"), ["deliveries:read"]);
    for elsewhere in ["b", "", "y", "x", "a/callbacks:read"] {
        assert_eq!(allowed(&machine, elsewhere), [""; 0], "{elsewhere}");
    }
}

#[test]
fn a_scope_of_one_workspace_does_not_become_a_plain_one_through_the_claim() {
    let machine =
        claims(json!({"sub": "m1", "client_id": "m1", "scope": "a/callbacks:read", "custom:workspace": "a b"}));
    assert_eq!(allowed(&machine, "b"), [""; 0]);
}

#[test]
fn the_scopes_of_a_users_token_neither_give_nor_take() {
    let all = "openid callbacks:read callbacks:write deliveries:read deliveries:replay a/callbacks:write";
    // An access token of Cognito, to whose scopes the user's application has added those of the API.
    let no_role = json!({"sub": USER, "username": "u", "client_id": "web", "token_use": "access", "scope": all,
        "custom:workspace": "a"});
    assert_eq!(allowed(&claims(no_role), "a"), [""; 0]);
    let member = json!({"sub": USER, "username": "u", "client_id": "web", "token_use": "access", "scope": "openid",
        "cognito:groups": ["Developer"], "custom:workspace": "a"});
    assert_eq!(allowed(&claims(member), "a"), EVERYTHING);
    let access_token = json!({"sub": USER, "username": "u", "client_id": "web", "token_use": "access", "scope": all,
        "cognito:groups": ["Developer"]});
    assert_eq!(allowed(&claims(access_token), "a"), [""; 0], "it names no workspace");
}

#[test]
fn a_caller_that_is_not_certainly_a_machine_is_none() {
    let surely = json!({"sub": "m1", "client_id": "m1", "scope": "a/callbacks:read"});
    assert_eq!(allowed(&claims(surely.clone()), "a"), ["callbacks:read"]);
    for (name, value) in [
        ("sub", json!("m2")),
        ("client_id", json!("m2")),
        ("client_id", json!(["m1"])),
        ("username", json!("m1")),
        ("cognito:username", json!("m1")),
        ("token_use", json!("id")),
    ] {
        let mut doubtful = surely.clone();
        doubtful[name] = value;
        assert_eq!(allowed(&claims(doubtful.clone()), "a"), [""; 0], "{doubtful}");
    }
}

#[test]
fn the_local_administrator_may_do_everything_everywhere() {
    assert_eq!(allowed(&Claims::local_administrator(), "anywhere"), EVERYTHING);
    assert_eq!(Claims::local_administrator().caller().unwrap().id, "local");
}

#[test]
fn a_caller_is_the_subject_and_is_called_what_people_call_them() {
    let name = |more: &[(&str, &str)]| {
        let caller = flat(&[&[("sub", USER)], more].concat()).caller().unwrap();
        assert_eq!(caller.id, USER);
        caller.name
    };
    assert_eq!(name(&[("email", "a@b.c"), ("cognito:username", "u")]).as_deref(), Some("a@b.c"));
    assert_eq!(name(&[("cognito:username", "u"), ("username", "v")]).as_deref(), Some("u"));
    assert_eq!(name(&[("preferred_username", "p")]).as_deref(), Some("p"));
    assert_eq!(name(&[]), None);
    assert_eq!(flat(&[("email", "a@b.c")]).caller(), None, "no caller without a subject");
    assert_eq!(flat(&[("sub", "")]).caller(), None);
    assert_eq!(claims(json!({"sub": 7})).caller(), None);
}

#[test]
fn scopes_are_taken_from_beside_the_claims_where_they_have_none() {
    let itself = [("sub", "m1"), ("client_id", "m1")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let scopes = ["a/callbacks:read".to_owned()];
    assert_eq!(allowed(&Claims::from_authorizer(&itself.into(), Some(&scopes)), "a"), ["callbacks:read"]);
}
