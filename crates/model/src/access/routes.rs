//! The permission required by each route. Routes that are not in the table are denied.

use http::Method;

use super::Permission;
use Permission::{CallbacksRead, CallbacksWrite, DeliveriesErase, DeliveriesRead, DeliveriesReplay, SigningSecret};

/// The requirement of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// No authentication.
    Public,
    /// Any valid token.
    SignedIn,
    /// A token of an operator.
    Operator,
    /// A token that gives this permission in the path's workspace.
    Needs(Permission),
}

use Rule::{Needs, Operator, Public, SignedIn};

/// A route in the router's notation, and its methods.
type Entry = (&'static str, &'static [(Method, Rule)]);

/// Table of all routes.
pub const ROUTES: &[Entry] = &[
    ("/health", &[(Method::GET, Public)]),
    ("/openapi.json", &[(Method::GET, Public)]),
    ("/v1/caller", &[(Method::GET, SignedIn)]),
    ("/v1/egress-addresses", &[(Method::GET, SignedIn)]),
    ("/v1/workspaces", &[(Method::GET, Operator)]),
    (
        "/v1/workspaces/{workspace}/callbacks",
        &[
            (Method::GET, Needs(CallbacksRead)),
            (Method::PUT, Needs(CallbacksWrite)),
            (Method::DELETE, Needs(CallbacksWrite)),
        ],
    ),
    (
        "/v1/workspaces/{workspace}/callbacks/{eventType}",
        &[
            (Method::GET, Needs(CallbacksRead)),
            (Method::PUT, Needs(CallbacksWrite)),
            (Method::DELETE, Needs(CallbacksWrite)),
        ],
    ),
    ("/v1/workspaces/{workspace}/callbacks/{eventType}/test", &[(Method::POST, Needs(CallbacksWrite))]),
    ("/v1/workspaces/{workspace}/endpoints", &[(Method::GET, Needs(CallbacksRead))]),
    (
        "/v1/workspaces/{workspace}/endpoints/{endpointID}",
        &[(Method::GET, Needs(CallbacksRead)), (Method::PATCH, Needs(CallbacksWrite))],
    ),
    ("/v1/workspaces/{workspace}/endpoints/{endpointID}/resume", &[(Method::POST, Needs(CallbacksWrite))]),
    ("/v1/workspaces/{workspace}/endpoints/{endpointID}/dry-run", &[(Method::POST, Needs(CallbacksWrite))]),
    (
        "/v1/workspaces/{workspace}/deliveries",
        &[(Method::GET, Needs(DeliveriesRead)), (Method::DELETE, Needs(DeliveriesErase))],
    ),
    ("/v1/workspaces/{workspace}/deliveries/replay", &[(Method::POST, Needs(DeliveriesReplay))]),
    ("/v1/workspaces/{workspace}/deliveries/{deliveryID}", &[(Method::GET, Needs(DeliveriesRead))]),
    ("/v1/workspaces/{workspace}/deliveries/{deliveryID}/replay", &[(Method::POST, Needs(DeliveriesReplay))]),
    ("/v1/workspaces/{workspace}/statistics", &[(Method::GET, Needs(DeliveriesRead))]),
    (
        "/v1/workspaces/{workspace}/endpoints/{endpointID}/signing-secret",
        &[(Method::GET, Needs(SigningSecret)), (Method::PUT, Needs(SigningSecret))],
    ),
    (
        "/v1/workspaces/{workspace}/endpoints/{endpointID}/signing-secret/rotate",
        &[(Method::POST, Needs(SigningSecret))],
    ),
    ("/v1/workspaces/{workspace}/signing-secret", &[(Method::GET, Needs(SigningSecret))]),
    ("/v1/workspaces/{workspace}/signing-secret/rotate", &[(Method::POST, Needs(SigningSecret))]),
    ("/v1/workspaces/{workspace}/audit", &[(Method::GET, Needs(CallbacksRead))]),
];

/// The result of looking up a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// An existing call.
    Call(Rule),
    /// An existing route without this method; the methods that it has.
    OtherMethod(Vec<Method>),
    /// A route that is not in the table.
    Unknown,
}

/// Looks up a request by its method and its matched route. `HEAD` is `GET` without the body.
pub fn asked(method: &Method, route: &str) -> Asked {
    let Some((_, methods)) = ROUTES.iter().find(|(known, _)| *known == route) else { return Asked::Unknown };
    let wanted = if method == Method::HEAD { &Method::GET } else { method };
    match methods.iter().find(|(known, _)| known == wanted) {
        Some((_, rule)) => Asked::Call(*rule),
        None => Asked::OtherMethod(methods.iter().map(|(known, _)| known.clone()).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_route_stands_twice_and_one_needs_a_permission_if_it_names_a_workspace() {
        for (index, (route, methods)) in ROUTES.iter().enumerate() {
            assert!(ROUTES[..index].iter().all(|(other, _)| other != route), "{route}");
            for (method, rule) in *methods {
                assert_eq!(
                    matches!(rule, Needs(_)),
                    route.starts_with("/v1/workspaces/{workspace}/"),
                    "{method} {route}"
                );
            }
        }
    }

    #[test]
    fn what_is_not_in_the_table_is_not_asked_for() {
        let callbacks = "/v1/workspaces/{workspace}/callbacks";
        assert_eq!(asked(&Method::HEAD, callbacks), Asked::Call(Needs(CallbacksRead)));
        assert_eq!(
            asked(&Method::PATCH, callbacks),
            Asked::OtherMethod(vec![Method::GET, Method::PUT, Method::DELETE])
        );
        assert_eq!(asked(&Method::GET, "/v1/workspaces/default/callbacks"), Asked::Unknown);
        assert_eq!(
            asked(&Method::HEAD, "/v1/workspaces/{workspace}/deliveries/replay"),
            Asked::OtherMethod(vec![Method::POST])
        );
    }
}
