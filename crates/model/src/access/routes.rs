//! Which call needs what: the one table. What does not stand in it is refused.

use http::Method;

use super::Permission;
use Permission::{CallbacksRead, CallbacksWrite, DeliveriesRead, DeliveriesReplay, SigningSecret};

/// What a call needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Nothing: anybody may.
    Public,
    /// A token, whatever it gives.
    SignedIn,
    /// A token that gives this in the path's workspace.
    Needs(Permission),
}

use Rule::{Needs, Public, SignedIn};

/// A route, as the router matches it, and its methods.
type Entry = (&'static str, &'static [(Method, Rule)]);

/// Every route that there is.
pub const ROUTES: &[Entry] = &[
    ("/health", &[(Method::GET, Public)]),
    ("/openapi.json", &[(Method::GET, Public)]),
    ("/v1/caller", &[(Method::GET, SignedIn)]),
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
    ("/v1/workspaces/{workspace}/deliveries", &[(Method::GET, Needs(DeliveriesRead))]),
    ("/v1/workspaces/{workspace}/deliveries/replay", &[(Method::POST, Needs(DeliveriesReplay))]),
    ("/v1/workspaces/{workspace}/deliveries/{deliveryID}", &[(Method::GET, Needs(DeliveriesRead))]),
    ("/v1/workspaces/{workspace}/deliveries/{deliveryID}/replay", &[(Method::POST, Needs(DeliveriesReplay))]),
    ("/v1/workspaces/{workspace}/statistics", &[(Method::GET, Needs(DeliveriesRead))]),
    (
        "/v1/workspaces/{workspace}/signing-secret",
        &[(Method::GET, Needs(SigningSecret)), (Method::PUT, Needs(SigningSecret))],
    ),
    ("/v1/workspaces/{workspace}/signing-secret/rotate", &[(Method::POST, Needs(SigningSecret))]),
    ("/v1/workspaces/{workspace}/audit", &[(Method::GET, Needs(CallbacksRead))]),
];

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A call that there is.
    Call(Rule),
    /// A route that there is, by a method that it has not; these are what it has.
    OtherMethod(Vec<Method>),
    /// A route that the table does not know.
    Unknown,
}

/// Looks a request up: its method, and the route that the router has matched. `HEAD` is `GET` without the body.
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
