//! Security of the OpenAPI document, generated from the table of permissions.

use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ClientCredentials, Flow, Http, HttpAuthScheme, OAuth2, Scopes, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, OpenApi};

use super::document::{operations, problem};
use webhooks_model::access::Permission;
use webhooks_model::access::routes::{Asked, Rule, asked};

/// Security scheme of members of the two groups.
const USER: &str = "signedIn";

/// Security scheme of machine clients.
const MACHINE: &str = "machineClient";

/// Documents the required permission and the access errors of every operation.
pub(super) fn describe(document: &mut OpenApi) {
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme(USER, user());
    components.add_security_scheme(MACHINE, machine());
    for (route, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            // A route that is not in the table is not described, and a test fails.
            match asked(&method, route) {
                Asked::Call(Rule::Needs(permission)) => restrict(operation, permission),
                Asked::Call(Rule::Operator) => {
                    ask_for_a_token(operation, vec![(USER, None)]);
                    let forbidden = problem("The caller is not a member of the operators' group");
                    operation.responses.responses.insert("403".to_owned(), forbidden.into());
                }
                Asked::Call(Rule::SignedIn) => ask_for_a_token(operation, [USER, MACHINE].map(|it| (it, None)).into()),
                Asked::Call(Rule::Public) | Asked::OtherMethod(_) | Asked::Unknown => {}
            }
        }
    }
}

fn restrict(operation: &mut Operation, permission: Permission) {
    let machine = permission.scope().map(|scope| (MACHINE, Some(scope)));
    ask_for_a_token(operation, std::iter::once((USER, None)).chain(machine).collect());
    let responses = &mut operation.responses.responses;
    let forbidden = "The token lacks the permission in this workspace; the response is the same whether the workspace exists or not";
    responses.insert("403".to_owned(), problem(forbidden).into());
}

/// Requires one of these security schemes, each with its scope.
fn ask_for_a_token(operation: &mut Operation, kinds: Vec<(&str, Option<&str>)>) {
    let requirement = |(kind, scope): (&str, Option<&str>)| SecurityRequirement::new(kind, scope);
    operation.security = Some(kinds.into_iter().map(requirement).collect());
    let unauthenticated = problem("The token is missing or invalid");
    operation.responses.responses.insert("401".to_owned(), unauthenticated.into());
}

fn user() -> SecurityScheme {
    let mut scheme = Http::new(HttpAuthScheme::Bearer);
    scheme.bearer_format = Some("JWT".to_owned());
    scheme.description = Some(
        "The token of a member of the Administrator or Developer group (the names are settings), with all permissions in \
         the workspaces of the token's workspace claim. With Amazon Cognito it is the ID token."
            .to_owned(),
    );
    SecurityScheme::Http(scheme)
}

fn machine() -> SecurityScheme {
    let describe = |permission: &Permission| match permission {
        Permission::CallbacksRead => "Read callbacks, endpoints and the audit",
        Permission::CallbacksWrite => "Change callbacks and endpoints, and make test calls",
        Permission::DeliveriesRead => "Read deliveries",
        Permission::DeliveriesReplay => "Replay deliveries",
        Permission::DeliveriesErase => "Erase an instance's deliveries from the log",
        Permission::SigningSecret => "",
    };
    let scopes = Permission::GRANTED_BY_SCOPE.iter();
    let scopes = scopes.filter_map(|it| it.scope().map(|scope| (scope.to_owned(), describe(it).to_owned())));
    let flow = ClientCredentials::new("https://sign-in.example/oauth2/token", Scopes::from_iter(scopes));
    let mut scheme = OAuth2::new([Flow::ClientCredentials(flow)]);
    scheme.description = Some(
        "OAuth 2.0 client credentials, at the token endpoint of the deployment's issuer. A scope counts in the workspaces \
         of the token's workspace claim; as `{workspace}/callbacks:read`, with the workspace before it, in that one, and \
         needs no claim."
            .to_owned(),
    );
    SecurityScheme::OAuth2(scheme)
}
