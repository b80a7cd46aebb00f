//! What the OpenAPI document says about access, taken from the table that decides it.

use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ClientCredentials, Flow, Http, HttpAuthScheme, OAuth2, Scopes, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, OpenApi};

use super::document::{operations, problem};
use crate::access::Permission;
use crate::access::routes::{Asked, Rule, asked};

/// Somebody in one of the two groups.
const USER: &str = "signedIn";

/// A client that acts for itself.
const MACHINE: &str = "machineClient";

/// Says of every operation who may call it, and what others are answered.
pub(super) fn describe(document: &mut OpenApi) {
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme(USER, user());
    components.add_security_scheme(MACHINE, machine());
    for (route, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            // What the table does not know is not described, and a test fails.
            if let Asked::Call(Rule::Needs(permission)) = asked(&method, route) {
                restrict(operation, permission);
            }
        }
    }
}

fn restrict(operation: &mut Operation, permission: Permission) {
    let mut security = vec![SecurityRequirement::new(USER, [""; 0])];
    security.extend(permission.scope().map(|scope| SecurityRequirement::new(MACHINE, [scope])));
    operation.security = Some(security);
    let responses = &mut operation.responses.responses;
    responses.insert("401".to_owned(), problem("There is no token, or none that is valid").into());
    let forbidden = "The token gives too little, or names another workspace; the same whether that one exists or not";
    responses.insert("403".to_owned(), problem(forbidden).into());
}

fn user() -> SecurityScheme {
    let mut scheme = Http::new(HttpAuthScheme::Bearer);
    scheme.bearer_format = Some("JWT".to_owned());
    scheme.description = Some(
        "The token of a member of the Administrator or Developer group (the names are settings), who may do everything in \
         the workspaces that the token's workspace claim names. With Amazon Cognito it is the ID token."
            .to_owned(),
    );
    SecurityScheme::Http(scheme)
}

fn machine() -> SecurityScheme {
    let describe = |permission: &Permission| match permission {
        Permission::CallbacksRead => "To see callbacks, endpoints and the audit",
        Permission::CallbacksWrite => "To change callbacks and endpoints, and to have an example sent",
        Permission::DeliveriesRead => "To see what was sent",
        Permission::DeliveriesReplay => "To have it sent again",
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
