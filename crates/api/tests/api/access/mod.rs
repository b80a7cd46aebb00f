//! Permissions of each call, as in the documentation's table, and isolation of tenants: they cannot see, count or guess
//! one another.

use super::{call, configure, event, id, keep, show, state, support};
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, Response};
use axum::{Extension, Router};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use webhooks_api::ApiState;
use webhooks_model::access::routes::{Asked, ROUTES, Rule, asked};
use webhooks_model::access::{Claims, Permission};
use webhooks_model::delivery::Status;
use webhooks_model::event::EventType;
use webhooks_store::StorageState;

mod refusals;
mod workspaces;

const URL: &str = "https://a.example/";

/// A method and a route of the OpenAPI document.
type Operation = (String, String);

/// Returns every operation of the OpenAPI document, with routes in the order of the table.
fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(webhooks_api::openapi()).unwrap();
    let mut operations = Vec::new();
    for (route, item) in document["paths"].as_object().unwrap() {
        operations.extend(item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), route.clone())));
    }
    let place = |(method, route): &Operation| {
        let known = ROUTES.iter().flat_map(|(route, methods)| methods.iter().map(move |(method, _)| (method, route)));
        known.into_iter().position(|(known, path)| known.as_str() == method && path == route)
    };
    operations.sort_by_key(|operation| (place(operation).unwrap_or(usize::MAX), operation.clone()));
    operations
}

/// Returns callers by name. Those with a known workspace belong to `acme`.
fn callers() -> Vec<(&'static str, Option<Claims>)> {
    let token = |claims: Value| Some(Claims::from_verified_token(claims.as_object().unwrap().clone()));
    let user = |groups: Value, workspace: &str| {
        token(json!({"sub": "5f3c", "cognito:groups": groups, "custom:workspace": workspace, "token_use": "id"}))
    };
    let machine = |scope: &str, workspace: &str| {
        token(
            json!({"sub": "m1", "client_id": "m1", "scope": scope, "custom:workspace": workspace, "token_use": "access"}),
        )
    };
    let all = |workspace: &str| {
        let scopes = Permission::GRANTED_BY_SCOPE.map(|it| it.scope().unwrap());
        scopes.map(|scope| format!("{workspace}{scope}")).join(" ")
    };
    let of_user =
        json!({"sub": "5f3c", "username": "u", "client_id": "web", "scope": all(""), "custom:workspace": "acme"});
    let garbage = json!({"sub": "5f3c", "cognito:groups": {"Administrator": 1}, "custom:workspace": 7, "scope": ["["]});
    let flat = [("sub", "5f3c"), ("cognito:groups", "[Administrator"), ("custom:workspace", "[acme")];
    let flat = flat.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    vec![
        ("no token", None),
        ("a token without a subject", token(json!({"cognito:groups": ["Administrator"], "custom:workspace": "acme"}))),
        ("garbage for claims", token(garbage)),
        ("an authorizer's list, cut off", Some(Claims::from_authorizer(&flat, None))),
        ("a user in no group", token(json!({"sub": "5f3c", "custom:workspace": "acme"}))),
        ("a user in another group", user(json!(["Guest", "Administrators"]), "acme")),
        ("a user in no group, whose token has all scopes", token(of_user)),
        ("Administrator", user(json!(["Administrator"]), "acme")),
        ("Developer", user(json!(["Guest", "Developer"]), "acme")),
        ("machine with callbacks:read", machine("callbacks:read", "acme")),
        ("machine with callbacks:write", machine("callbacks:write", "acme")),
        ("machine with deliveries:read", machine("deliveries:read", "acme")),
        ("machine with deliveries:replay", machine("deliveries:replay", "acme")),
        ("machine with deliveries:erase", machine("deliveries:erase", "acme")),
        ("machine with all scopes", machine(&all(""), "acme")),
        ("machine with acme/callbacks:read and so on, all, without a workspace claim", machine(&all("acme/"), "")),
        ("Operator, whose claims name the workspace, too", user(json!(["Operator"]), "acme")),
        ("Administrator of another workspace", user(json!(["Administrator"]), "globex")),
        ("machine with all scopes in another workspace", machine(&all(""), "globex")),
        ("machine with globex/callbacks:read and so on, all", machine(&all("globex/"), "")),
    ]
}

/// Returns the API for this caller.
fn api_of(state: &ApiState, claims: Option<Claims>) -> Router {
    let router = webhooks_api::router(state.clone());
    match claims {
        Some(claims) => router.layer(Extension(claims)),
        None => router,
    }
}

/// Returns the API for an Administrator of the workspace.
fn of(state: &ApiState, workspace: &str) -> Router {
    let claims = json!({"sub": "5f3c", "cognito:groups": ["Administrator"], "custom:workspace": workspace});
    api_of(state, Some(Claims::from_verified_token(claims.as_object().unwrap().clone())))
}

/// Returns a request that succeeds if it is allowed. A new route needs its parameters here.
fn request(operation: &Operation, workspace: &str, delivery: &str) -> Request<Body> {
    let (method, route) = (&*operation.0, &*operation.1);
    let path = route.replace("{workspace}", workspace).replace("{eventType}", "deleted");
    let path = path.replace("{endpointID}", &id(URL)).replace("{deliveryID}", delivery);
    let path = if method == "DELETE" && route.ends_with("/deliveries") { path + "?instanceID=i" } else { path };
    assert!(!path.contains('{'), "{route}: say here what stands for its parameter");
    let body = match (method, route.rsplit('/').next().unwrap()) {
        ("PUT", "callbacks") => json!({}),
        ("PUT", "{eventType}") => json!({"enabled": false, "urls": []}),
        ("PATCH", "{endpointID}") => json!({"paused": true}),
        ("POST", "replay") if route.ends_with("/deliveries/replay") => json!({"status": "failed"}),
        ("PUT", "signing-secret") => json!({"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}),
        ("POST", "rotate") => json!({"overlapSeconds": 0}),
        _ => Value::Null,
    };
    let request = Request::builder().method(method).uri(path);
    if body.is_null() {
        return request.body(Body::empty()).unwrap();
    }
    request.header("content-type", "application/json").body(body.to_string().into()).unwrap()
}

async fn answer(api: &Router, request: Request<Body>) -> Response<Body> {
    use tower::ServiceExt;
    api.clone().oneshot(request).await.unwrap()
}

/// Returns status, headers and body, byte for byte.
async fn bytes(response: Response<Body>) -> (u16, Vec<(String, String)>, String) {
    let (parts, body) = response.into_parts();
    let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (parts.status.as_u16(), headers.collect(), String::from_utf8(body.to_vec()).unwrap())
}

/// Configures one URL for created instances, and stores one completed delivery.
async fn furnish(state: &ApiState, workspace: &str) -> String {
    let body = json!({"created": {"enabled": true, "urls": [URL]}});
    let put = Request::builder().method("PUT").uri(format!("/v1/workspaces/{workspace}/callbacks"));
    let put = put.header("content-type", "application/json").body(body.to_string().into()).unwrap();
    assert_eq!(answer(&of(state, workspace), put).await.status(), 200);
    let mut event = event(0, EventType::Created, "i");
    event.workspace = workspace.to_owned().try_into().unwrap();
    keep(state, &event, URL, StorageState::Completed, Status::Failed).await
}

/// Calls every operation as every caller; returns the statuses as a table.
async fn statuses() -> String {
    let mut table = String::new();
    let callers = callers();
    for ((name, _), letter) in callers.iter().zip('A'..) {
        writeln!(table, "{letter}  {name}").unwrap();
    }
    writeln!(
        table,
        "\n{:56}{}",
        "… is /v1/workspaces/acme",
        ('A'..).take(callers.len()).map(|it| format!("   {it}")).collect::<String>()
    )
    .unwrap();
    for operation in operations() {
        let shown = format!("{:6} {}", operation.0, operation.1.replace("/v1/workspaces/{workspace}", "…"));
        write!(table, "{shown:56}").unwrap();
        let (mut state, mut _sent) = super::state(&support::engine().await);
        for (_, claims) in &callers {
            if ["/test", "/dry-run"].iter().any(|limited| operation.1.ends_with(limited)) {
                (state, _sent) = super::state(&support::engine().await); // a new state, because they are limited per minute
            }
            let delivery = furnish(&state, "acme").await;
            let response = answer(&api_of(&state, claims.clone()), request(&operation, "acme", &delivery)).await;
            write!(table, " {}", response.status().as_u16()).unwrap();
        }
        table.push('\n');
    }
    table
}

#[tokio::test]
async fn who_may_call_what() {
    insta::assert_snapshot!(statuses().await, @r#"
    A  no token
    B  a token without a subject
    C  garbage for claims
    D  an authorizer's list, cut off
    E  a user in no group
    F  a user in another group
    G  a user in no group, whose token has all scopes
    H  Administrator
    I  Developer
    J  machine with callbacks:read
    K  machine with callbacks:write
    L  machine with deliveries:read
    M  machine with deliveries:replay
    N  machine with deliveries:erase
    O  machine with all scopes
    P  machine with acme/callbacks:read and so on, all, without a workspace claim
    Q  Operator, whose claims name the workspace, too
    R  Administrator of another workspace
    S  machine with all scopes in another workspace
    T  machine with globex/callbacks:read and so on, all

    … is /v1/workspaces/acme                                   A   B   C   D   E   F   G   H   I   J   K   L   M   N   O   P   Q   R   S   T
    GET    /health                                           200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
    GET    /openapi.json                                     200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
    GET    /v1/caller                                        401 401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
    GET    /v1/egress-addresses                              401 401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
    GET    /v1/workspaces                                    401 401 403 403 403 403 403 403 403 403 403 403 403 403 403 403 200 403 403 403
    GET    …/callbacks                                       401 401 403 403 403 403 403 200 200 200 403 403 403 403 200 200 403 403 403 403
    PUT    …/callbacks                                       401 401 403 403 403 403 403 200 200 403 200 403 403 403 200 200 403 403 403 403
    DELETE …/callbacks                                       401 401 403 403 403 403 403 204 204 403 204 403 403 403 204 204 403 403 403 403
    GET    …/callbacks/{eventType}                           401 401 403 403 403 403 403 200 200 200 403 403 403 403 200 200 403 403 403 403
    PUT    …/callbacks/{eventType}                           401 401 403 403 403 403 403 200 200 403 200 403 403 403 200 200 403 403 403 403
    DELETE …/callbacks/{eventType}                           401 401 403 403 403 403 403 204 204 403 204 403 403 403 204 204 403 403 403 403
    POST   …/callbacks/{eventType}/test                      401 401 403 403 403 403 403 200 200 403 200 403 403 403 200 200 403 403 403 403
    GET    …/endpoints                                       401 401 403 403 403 403 403 200 200 200 403 403 403 403 200 200 403 403 403 403
    GET    …/endpoints/{endpointID}                          401 401 403 403 403 403 403 200 200 200 403 403 403 403 200 200 403 403 403 403
    PATCH  …/endpoints/{endpointID}                          401 401 403 403 403 403 403 200 200 403 200 403 403 403 200 200 403 403 403 403
    POST   …/endpoints/{endpointID}/resume                   401 401 403 403 403 403 403 202 202 403 202 403 403 403 202 202 403 403 403 403
    POST   …/endpoints/{endpointID}/dry-run                  401 401 403 403 403 403 403 503 503 403 503 403 403 403 503 503 403 403 403 403
    GET    …/deliveries                                      401 401 403 403 403 403 403 200 200 403 403 200 403 403 200 200 403 403 403 403
    DELETE …/deliveries                                      401 401 403 403 403 403 403 200 200 403 403 403 403 200 200 200 403 403 403 403
    POST   …/deliveries/replay                               401 401 403 403 403 403 403 202 202 403 403 403 202 403 202 202 403 403 403 403
    GET    …/deliveries/{deliveryID}                         401 401 403 403 403 403 403 200 200 403 403 200 403 403 200 200 403 403 403 403
    POST   …/deliveries/{deliveryID}/replay                  401 401 403 403 403 403 403 202 202 403 403 403 202 403 202 202 403 403 403 403
    GET    …/statistics                                      401 401 403 403 403 403 403 200 200 403 403 200 403 403 200 200 403 403 403 403
    GET    …/endpoints/{endpointID}/signing-secret           401 401 403 403 403 403 403 404 404 403 403 403 403 403 403 403 403 403 403 403
    PUT    …/endpoints/{endpointID}/signing-secret           401 401 403 403 403 403 403 200 200 403 403 403 403 403 403 403 403 403 403 403
    POST   …/endpoints/{endpointID}/signing-secret/rotate    401 401 403 403 403 403 403 200 200 403 403 403 403 403 403 403 403 403 403 403
    GET    …/signing-secret                                  401 401 403 403 403 403 403 404 404 403 403 403 403 403 403 403 403 403 403 403
    POST   …/signing-secret/rotate                           401 401 403 403 403 403 403 200 200 403 403 403 403 403 403 403 403 403 403 403
    GET    …/audit                                           401 401 403 403 403 403 403 200 200 200 403 403 403 403 200 200 403 403 403 403
    "#);
}

/// Compares the response with the decision of each call: the console must neither show a button that fails, nor hide
/// one that works.
#[tokio::test]
async fn what_a_caller_is_told_they_may_do_is_what_they_may_do() {
    let (state, _sent) = state(&support::engine().await);
    let needs = |permission: Permission| {
        let of = |method: &Method, route: &str| asked(method, route) == Asked::Call(Rule::Needs(permission));
        operations().into_iter().find(|(method, route)| of(&method.parse().unwrap(), route)).unwrap()
    };
    let mut table = String::new();
    for (name, claims) in callers() {
        let api = api_of(&state, claims);
        let told = answer(&api, Request::get("/v1/caller").body(Body::empty()).unwrap()).await;
        if told.status() != 200 {
            writeln!(table, "{name}: {}", told.status().as_u16()).unwrap();
            continue;
        }
        let told: Value = serde_json::from_str(&bytes(told).await.2).unwrap();
        let grants = told["grants"].as_array().unwrap();
        writeln!(table, "{name}: {} {}", told["id"], told["grants"]).unwrap();
        for workspace in ["acme", "globex", "initech"] {
            let delivery = furnish(&state, workspace).await;
            let grant = grants.iter().find(|grant| grant["workspace"] == workspace);
            for permission in Permission::ALL {
                let told = grant.is_some_and(|it| it["permissions"].as_array().unwrap().contains(&json!(permission)));
                let status = answer(&api, request(&needs(permission), workspace, &delivery)).await.status();
                assert_eq!(told, status != 403, "{name}: {permission} in {workspace}: {status}");
            }
        }
    }
    insta::assert_snapshot!(table, @r#"
    no token: 401
    a token without a subject: 401
    garbage for claims: "5f3c" []
    an authorizer's list, cut off: "5f3c" []
    a user in no group: "5f3c" []
    a user in another group: "5f3c" []
    a user in no group, whose token has all scopes: "5f3c" []
    Administrator: "5f3c" [{"permissions":["callbacks:read","callbacks:write","deliveries:read","deliveries:replay","deliveries:erase","signing-secret"],"workspace":"acme"}]
    Developer: "5f3c" [{"permissions":["callbacks:read","callbacks:write","deliveries:read","deliveries:replay","deliveries:erase","signing-secret"],"workspace":"acme"}]
    machine with callbacks:read: "m1" [{"permissions":["callbacks:read"],"workspace":"acme"}]
    machine with callbacks:write: "m1" [{"permissions":["callbacks:write"],"workspace":"acme"}]
    machine with deliveries:read: "m1" [{"permissions":["deliveries:read"],"workspace":"acme"}]
    machine with deliveries:replay: "m1" [{"permissions":["deliveries:replay"],"workspace":"acme"}]
    machine with deliveries:erase: "m1" [{"permissions":["deliveries:erase"],"workspace":"acme"}]
    machine with all scopes: "m1" [{"permissions":["callbacks:read","callbacks:write","deliveries:read","deliveries:replay","deliveries:erase"],"workspace":"acme"}]
    machine with acme/callbacks:read and so on, all, without a workspace claim: "m1" [{"permissions":["callbacks:read","callbacks:write","deliveries:read","deliveries:replay","deliveries:erase"],"workspace":"acme"}]
    Operator, whose claims name the workspace, too: "5f3c" []
    Administrator of another workspace: "5f3c" [{"permissions":["callbacks:read","callbacks:write","deliveries:read","deliveries:replay","deliveries:erase","signing-secret"],"workspace":"globex"}]
    machine with all scopes in another workspace: "m1" [{"permissions":["callbacks:read","callbacks:write","deliveries:read","deliveries:replay","deliveries:erase"],"workspace":"globex"}]
    machine with globex/callbacks:read and so on, all: "m1" [{"permissions":["callbacks:read","callbacks:write","deliveries:read","deliveries:replay","deliveries:erase"],"workspace":"globex"}]
    "#);
}

#[tokio::test]
async fn a_caller_reads_its_own_permissions_and_the_local_one_has_all() {
    let (state, _sent) = state(&support::engine().await);
    insta::assert_snapshot!(call(&super::router(state.clone()), "GET /v1/caller").await, @r#"
    200 OK
    content-type: application/json
    {
      "grants": [
        {
          "permissions": [
            "callbacks:read",
            "callbacks:write",
            "deliveries:read",
            "deliveries:replay",
            "deliveries:erase",
            "signing-secret"
          ],
          "workspace": null
        }
      ],
      "id": "local",
      "name": "local administrator",
      "operator": true
    }
    "#);
    let without_role = json!({"sub": "5f3c", "email": "ada@example.com", "custom:workspace": "acme"});
    let api = api_of(&state, Some(Claims::from_verified_token(without_role.as_object().unwrap().clone())));
    insta::assert_snapshot!(call(&api, "GET /v1/caller").await, @r#"
    200 OK
    content-type: application/json
    {
      "grants": [],
      "id": "5f3c",
      "name": "ada@example.com",
      "operator": false
    }
    "#);
    assert!(call(&api, "POST /v1/caller").await.starts_with("405"));
    assert!(call(&api_of(&state, None), "GET /v1/caller").await.starts_with("401"));
}

/// Without this test, a new route would be denied to every caller without a visible reason.
#[test]
fn the_table_and_the_document_have_the_same_operations() {
    let documented: BTreeSet<_> = operations().into_iter().collect();
    let in_table = |asks: fn(&Rule) -> bool| -> BTreeSet<Operation> {
        let entries =
            ROUTES.iter().flat_map(|(route, methods)| methods.iter().map(move |(method, rule)| (route, method, rule)));
        let entries = entries.filter(|(_, _, rule)| asks(rule));
        entries.map(|(route, method, _)| (method.to_string(), (*route).to_owned())).collect()
    };
    let table = in_table(|_| true);
    assert_eq!(
        documented.difference(&table).collect::<Vec<_>>(),
        Vec::<&Operation>::new(),
        "add them to access/routes.rs"
    );
    let gone: Vec<_> = table.difference(&documented).collect();
    assert_eq!(gone, Vec::<&Operation>::new(), "these routes are in access/routes.rs only");

    let document: Value = serde_json::from_str(webhooks_api::openapi()).unwrap();
    for (method, route) in &documented {
        let operation = &document["paths"][route][method.to_lowercase()];
        let stands = |asks| in_table(asks).contains(&(method.clone(), route.clone()));
        let public = stands(|rule| *rule == Rule::Public);
        assert_eq!(operation["security"] == json!([{}]), public, "{method} {route}");
        assert_eq!(operation["responses"]["401"].is_null(), public, "{method} {route}");
        let needs = stands(|rule| matches!(rule, Rule::Needs(_) | Rule::Operator));
        assert_eq!(operation["responses"]["403"].is_object(), needs, "{method} {route}");
    }
}
