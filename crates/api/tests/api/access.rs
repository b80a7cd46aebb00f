//! Permissions of each call, as in the documentation's table, and isolation of tenants: they cannot see, count or guess
//! one another.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, Response};
use axum::{Extension, Router};
use serde_json::{Value, json};
use webhooks_api::ApiState;
use webhooks_model::access::routes::{Asked, ROUTES, Rule, asked};
use webhooks_model::access::{Claims, Permission};
use webhooks_model::delivery::Status;
use webhooks_model::event::EventType;
use webhooks_store::StorageState;

use super::{call, configure, event, id, keep, show, state, support};

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
        let scopes = ["callbacks:read", "callbacks:write", "deliveries:read", "deliveries:replay"];
        scopes.map(|scope| format!("{workspace}{scope}")).join(" ")
    };
    let of_user =
        json!({"sub": "5f3c", "username": "u", "client_id": "web", "scope": all(""), "custom:workspace": "acme"});
    let garbage = json!({"sub": "5f3c", "cognito:groups": {"Administrator": 1}, "custom:workspace": 7, "scope": ["["]});
    let flat = [("sub", "5f3c"), ("cognito:groups", "[Administrator"), ("custom:workspace", "[acme")];
    let flat = flat.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    vec![
        ("nobody", None),
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
        ("machine with all four scopes", machine(&all(""), "acme")),
        ("machine with acme/callbacks:read and so on, all four, without a workspace claim", machine(&all("acme/"), "")),
        ("Administrator of another workspace", user(json!(["Administrator"]), "globex")),
        ("machine with all four scopes in another workspace", machine(&all(""), "globex")),
        ("machine with globex/callbacks:read and so on, all four", machine(&all("globex/"), "")),
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

#[tokio::test]
async fn who_may_call_what() {
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
            if operation.1.ends_with("/test") {
                (state, _sent) = super::state(&support::engine().await); // a new state, because test calls are limited per minute
            }
            let delivery = furnish(&state, "acme").await;
            let response = answer(&api_of(&state, claims.clone()), request(&operation, "acme", &delivery)).await;
            write!(table, " {}", response.status().as_u16()).unwrap();
        }
        table.push('\n');
    }
    insta::assert_snapshot!(table, @r#"
    A  nobody
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
    N  machine with all four scopes
    O  machine with acme/callbacks:read and so on, all four, without a workspace claim
    P  Administrator of another workspace
    Q  machine with all four scopes in another workspace
    R  machine with globex/callbacks:read and so on, all four

    … is /v1/workspaces/acme                                   A   B   C   D   E   F   G   H   I   J   K   L   M   N   O   P   Q   R
    GET    /health                                           200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
    GET    /openapi.json                                     200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
    GET    /v1/caller                                        401 401 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200 200
    GET    …/callbacks                                       401 401 403 403 403 403 403 200 200 200 403 403 403 200 200 403 403 403
    PUT    …/callbacks                                       401 401 403 403 403 403 403 200 200 403 200 403 403 200 200 403 403 403
    DELETE …/callbacks                                       401 401 403 403 403 403 403 204 204 403 204 403 403 204 204 403 403 403
    GET    …/callbacks/{eventType}                           401 401 403 403 403 403 403 200 200 200 403 403 403 200 200 403 403 403
    PUT    …/callbacks/{eventType}                           401 401 403 403 403 403 403 200 200 403 200 403 403 200 200 403 403 403
    DELETE …/callbacks/{eventType}                           401 401 403 403 403 403 403 204 204 403 204 403 403 204 204 403 403 403
    POST   …/callbacks/{eventType}/test                      401 401 403 403 403 403 403 200 200 403 200 403 403 200 200 403 403 403
    GET    …/endpoints                                       401 401 403 403 403 403 403 200 200 200 403 403 403 200 200 403 403 403
    GET    …/endpoints/{endpointID}                          401 401 403 403 403 403 403 200 200 200 403 403 403 200 200 403 403 403
    PATCH  …/endpoints/{endpointID}                          401 401 403 403 403 403 403 200 200 403 200 403 403 200 200 403 403 403
    POST   …/endpoints/{endpointID}/resume                   401 401 403 403 403 403 403 202 202 403 202 403 403 202 202 403 403 403
    GET    …/deliveries                                      401 401 403 403 403 403 403 200 200 403 403 200 403 200 200 403 403 403
    POST   …/deliveries/replay                               401 401 403 403 403 403 403 202 202 403 403 403 202 202 202 403 403 403
    GET    …/deliveries/{deliveryID}                         401 401 403 403 403 403 403 200 200 403 403 200 403 200 200 403 403 403
    POST   …/deliveries/{deliveryID}/replay                  401 401 403 403 403 403 403 202 202 403 403 403 202 202 202 403 403 403
    GET    …/statistics                                      401 401 403 403 403 403 403 200 200 403 403 200 403 200 200 403 403 403
    GET    …/signing-secret                                  401 401 403 403 403 403 403 404 404 403 403 403 403 403 403 403 403 403
    PUT    …/signing-secret                                  401 401 403 403 403 403 403 200 200 403 403 403 403 403 403 403 403 403
    POST   …/signing-secret/rotate                           401 401 403 403 403 403 403 200 200 403 403 403 403 403 403 403 403 403
    GET    …/audit                                           401 401 403 403 403 403 403 200 200 200 403 403 403 200 200 403 403 403
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
    nobody: 401
    a token without a subject: 401
    garbage for claims: "5f3c" []
    an authorizer's list, cut off: "5f3c" []
    a user in no group: "5f3c" []
    a user in another group: "5f3c" []
    a user in no group, whose token has all scopes: "5f3c" []
    Administrator: "5f3c" [{"permissions":["callbacks:read","callbacks:write","deliveries:read","deliveries:replay","signing-secret"],"workspace":"acme"}]
    Developer: "5f3c" [{"permissions":["callbacks:read","callbacks:write","deliveries:read","deliveries:replay","signing-secret"],"workspace":"acme"}]
    machine with callbacks:read: "m1" [{"permissions":["callbacks:read"],"workspace":"acme"}]
    machine with callbacks:write: "m1" [{"permissions":["callbacks:write"],"workspace":"acme"}]
    machine with deliveries:read: "m1" [{"permissions":["deliveries:read"],"workspace":"acme"}]
    machine with deliveries:replay: "m1" [{"permissions":["deliveries:replay"],"workspace":"acme"}]
    machine with all four scopes: "m1" [{"permissions":["callbacks:read","callbacks:write","deliveries:read","deliveries:replay"],"workspace":"acme"}]
    machine with acme/callbacks:read and so on, all four, without a workspace claim: "m1" [{"permissions":["callbacks:read","callbacks:write","deliveries:read","deliveries:replay"],"workspace":"acme"}]
    Administrator of another workspace: "5f3c" [{"permissions":["callbacks:read","callbacks:write","deliveries:read","deliveries:replay","signing-secret"],"workspace":"globex"}]
    machine with all four scopes in another workspace: "m1" [{"permissions":["callbacks:read","callbacks:write","deliveries:read","deliveries:replay"],"workspace":"globex"}]
    machine with globex/callbacks:read and so on, all four: "m1" [{"permissions":["callbacks:read","callbacks:write","deliveries:read","deliveries:replay"],"workspace":"globex"}]
    "#);
}

#[tokio::test]
async fn whoever_is_signed_in_is_told_who_they_are_and_the_local_administrator_may_do_everything_everywhere() {
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
            "signing-secret"
          ],
          "workspace": null
        }
      ],
      "id": "local",
      "name": "local administrator"
    }
    "#);
    let nobody_special = json!({"sub": "5f3c", "email": "ada@example.com", "custom:workspace": "acme"});
    let api = api_of(&state, Some(Claims::from_verified_token(nobody_special.as_object().unwrap().clone())));
    insta::assert_snapshot!(call(&api, "GET /v1/caller").await, @r#"
    200 OK
    content-type: application/json
    {
      "grants": [],
      "id": "5f3c",
      "name": "ada@example.com"
    }
    "#);
    assert!(call(&api, "POST /v1/caller").await.starts_with("405"));
    assert!(call(&api_of(&state, None), "GET /v1/caller").await.starts_with("401"));
}

/// Without this test, a new route would be denied to every caller without a visible reason.
#[test]
fn every_operation_of_the_document_stands_in_the_table_and_the_document_says_so() {
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
        let needs = stands(|rule| matches!(rule, Rule::Needs(_)));
        assert_eq!(operation["responses"]["403"].is_object(), needs, "{method} {route}");
    }
}

#[tokio::test]
async fn nobody_is_told_what_there_is() {
    let (state, _sent) = state(&support::engine().await);
    let api = api_of(&state, None);
    let nobody = call(&api, "GET /v1/workspaces/acme/callbacks").await;
    insta::assert_snapshot!(nobody, @r#"
    401 Unauthorized
    content-type: application/problem+json
    www-authenticate: Bearer
    {
      "detail": "sign in, and send the token as `Authorization: Bearer …`",
      "status": 401,
      "title": "Not signed in",
      "type": "urn:instance-webhooks:problem:unauthenticated"
    }
    "#);
    // Existing and missing paths, methods, valid and invalid ids and bodies: the responses are the same.
    for other in [
        "GET /v1/nothing",
        "POST /v1/workspaces/acme/callbacks",
        "OPTIONS /v1/workspaces/acme/callbacks",
        "POST /health",
        "GET /v1/workspaces/a%0Ab/callbacks",
        "GET /v1/workspaces/%ff/callbacks",
        "PUT /v1/workspaces/acme/callbacks/renamed",
        "GET /v1/workspaces/acme/deliveries?stauts=failed",
        "GET /v1/workspaces/acme/deliveries/x",
    ] {
        let answer = call(&api, other).await;
        // The router lists the methods of a path. So does the document, which is public.
        let answer = answer.lines().filter(|line| !line.starts_with("allow: ")).collect::<Vec<_>>().join("\n");
        assert_eq!(answer, nobody, "{other}");
    }
    assert!(call(&api, "HEAD /health").await.starts_with("200"));
}

#[tokio::test]
async fn who_is_known_is_told_what_is_missing() {
    let (state, _sent) = state(&support::engine().await);
    let token = |claims: Value| api_of(&state, Some(Claims::from_verified_token(claims.as_object().unwrap().clone())));
    let get = "GET /v1/workspaces/acme/callbacks";
    insta::assert_snapshot!(call(&token(json!({"sub": "5f3c"})), get).await, @r#"
    403 Forbidden
    content-type: application/problem+json
    {
      "detail": "this needs membership of the group Administrator or Developer, and the claim cognito:groups names neither: have an administrator add you, then sign in again",
      "status": 403,
      "title": "Forbidden",
      "type": "urn:instance-webhooks:problem:forbidden"
    }
    "#);
    insta::assert_snapshot!(call(&token(json!({"sub": "m1", "client_id": "m1"})), get).await, @r#"
    403 Forbidden
    content-type: application/problem+json
    {
      "detail": "this needs the scope callbacks:read, or {workspace}/callbacks:read with the workspace of the path: have it granted to the client",
      "status": 403,
      "title": "Forbidden",
      "type": "urn:instance-webhooks:problem:forbidden"
    }
    "#);
    insta::assert_snapshot!(call(&of(&state, "globex"), get).await, @r#"
    403 Forbidden
    content-type: application/problem+json
    {
      "detail": "the claim custom:workspace of this token does not name the workspace of the path: use a token that names it (a user's is the ID token), or have an administrator add it",
      "status": 403,
      "title": "Forbidden",
      "type": "urn:instance-webhooks:problem:forbidden"
    }
    "#);
    insta::assert_snapshot!(call(&token(json!({"cognito:groups": ["Administrator"]})), get).await, @r#"
    401 Unauthorized
    content-type: application/problem+json
    www-authenticate: Bearer
    {
      "detail": "the token names no caller: its claim sub is missing",
      "status": 401,
      "title": "Not signed in",
      "type": "urn:instance-webhooks:problem:unauthenticated"
    }
    "#);
    let api = of(&state, "acme");
    assert!(call(&api, "GET /v1/nothing").await.starts_with("404"));
    insta::assert_snapshot!(call(&api, "PATCH /v1/workspaces/acme/callbacks").await, @r#"
    405 Method Not Allowed
    content-type: application/problem+json
    allow: GET,HEAD,PUT,DELETE
    {
      "detail": "PATCH is not possible at /v1/workspaces/acme/callbacks; the Allow header names what is",
      "status": 405,
      "title": "Method not allowed",
      "type": "urn:instance-webhooks:problem:method-not-allowed"
    }
    "#);
}

#[tokio::test]
async fn a_caller_is_refused_before_anything_else_of_the_request_is_looked_at() {
    let (state, _sent) = state(&support::engine().await);
    for (api, status) in [(api_of(&state, None), "401"), (of(&state, "globex"), "403")] {
        for (headers, body) in [
            (&[("content-type", "application/json")][..], "{".to_owned()),
            (&[("content-type", "text/plain")][..], "{}".to_owned()),
            (&[("content-type", "application/json")][..], "x".repeat(2 << 20)),
            (&[("content-type", "application/json"), ("if-match", "x")][..], "{}".to_owned()),
        ] {
            let answer = show(super::send(&api, "PUT /v1/workspaces/acme/callbacks", headers, body).await).await;
            assert!(answer.starts_with(status), "{answer}");
        }
        for path in
            ["a%0Ab/callbacks", "%ff/callbacks", "acme/callbacks/renamed", "acme/deliveries/x", "acme/deliveries?x=y"]
        {
            let answer = call(&api, &format!("GET /v1/workspaces/{path}")).await;
            assert!(answer.starts_with(status), "{path}: {answer}");
        }
    }
}

/// The decision uses the router's decoding of the workspace, whatever its spelling.
#[tokio::test]
async fn a_workspace_is_the_one_that_the_path_means() {
    let (state, _sent) = state(&support::engine().await);
    let api = of(&state, "acme");
    for same in ["acme", "%61cme", "%61%63%6d%65"] {
        assert!(call(&api, &format!("GET /v1/workspaces/{same}/callbacks")).await.starts_with("200"), "{same}");
    }
    for other in ["Acme", "acme%20", "acme%00", "acme%2f", "acme%2f..%2fglobex", "..%2facme", "acme,globex", "%2561cme"]
    {
        assert!(call(&api, &format!("GET /v1/workspaces/{other}/callbacks")).await.starts_with("403"), "{other}");
    }
    for nowhere in ["acme/../globex", "./acme", "/acme", "acme/"] {
        assert!(call(&api, &format!("GET /v1/workspaces/{nowhere}/callbacks")).await.starts_with("404"), "{nowhere}");
    }
}

#[tokio::test]
async fn another_workspaces_token_learns_nothing_of_a_workspace_not_even_whether_there_is_one() {
    let (state, _sent) = state(&support::engine().await);
    let delivery = furnish(&state, "acme").await;
    let elsewhere = callers().split_off(15);
    assert!(elsewhere.iter().all(|(name, _)| name.contains("another") || name.contains("globex")), "{elsewhere:?}");
    for operation in operations().iter().filter(|(_, route)| route.contains("{workspace}")) {
        for (name, claims) in &elsewhere {
            let api = api_of(&state, claims.clone());
            let exists = bytes(answer(&api, request(operation, "acme", &delivery)).await).await;
            let empty = bytes(answer(&api, request(operation, "nobodys", &delivery)).await).await;
            assert_eq!(exists.0, 403, "{operation:?} {name}: {exists:?}");
            assert_eq!(exists, empty, "{operation:?} {name}");
            for clue in ["acme", "globex", "nobodys", URL, &delivery] {
                assert!(!exists.2.contains(clue), "{operation:?} {name} tells {clue}: {}", exists.2);
            }
        }
    }
    let kept = call(&of(&state, "acme"), "GET /v1/workspaces/acme/callbacks").await;
    assert!(kept.contains(URL), "and it changes nothing: {kept}");
}

/// A name with a blank or a comma is recognized only in a list: in a text each word is a name.
#[tokio::test]
async fn a_workspace_whose_name_has_a_blank_is_opened_by_a_list_only() {
    let (state, _sent) = state(&support::engine().await);
    let token = |workspaces: Value| {
        let claims = json!({"sub": "5f3c", "cognito:groups": ["Administrator"], "custom:workspace": workspaces});
        Claims::from_verified_token(claims.as_object().unwrap().clone())
    };
    let gateway = |workspaces: &str| {
        let claims = [("sub", "5f3c"), ("cognito:groups", "[Administrator]"), ("custom:workspace", workspaces)];
        Claims::from_authorizer(&claims.map(|(name, value)| (name.to_owned(), value.to_owned())).into(), None)
    };
    let opened = async |claims: &Claims| {
        let api = api_of(&state, Some(claims.clone()));
        let mut opened = Vec::new();
        for workspace in ["Acme%20Corp", "Acme,Corp", "Acme", "Corp"] {
            let answer = call(&api, &format!("GET /v1/workspaces/{workspace}/callbacks")).await;
            match &answer[..3] {
                "200" => opened.push(workspace),
                _ => assert!(answer.starts_with("403"), "{answer}"),
            }
        }
        opened
    };
    for (name, written) in [("Acme Corp", "Acme%20Corp"), ("Acme,Corp", "Acme,Corp")] {
        // As a text, and as a gateway passes on a list, it is two workspaces.
        assert_eq!(opened(&token(json!(name))).await, ["Acme", "Corp"], "{name}");
        assert_eq!(opened(&gateway(name)).await, ["Acme", "Corp"], "{name}");
        assert_eq!(opened(&gateway(&format!("[{name}]"))).await, ["Acme", "Corp"], "{name}");
        // In a list of the token itself, and in a JSON array as text from any source, it is taken literally.
        assert_eq!(opened(&token(json!([name]))).await, [written]);
        assert_eq!(opened(&token(json!(json!([name]).to_string()))).await, [written]);
        assert_eq!(opened(&gateway(&json!([name]).to_string())).await, [written]);
    }
}

#[tokio::test]
async fn what_one_workspace_was_given_opens_nothing_in_another() {
    let (state, _sent) = state(&support::engine().await);
    let delivery = furnish(&state, "acme").await;
    let globex = of(&state, "globex");
    let (endpoint, there) = (id(URL), "/v1/workspaces/globex");
    for missing in [
        format!("GET {there}/deliveries/{delivery}"),
        format!("POST {there}/deliveries/{delivery}/replay"),
        format!("GET {there}/endpoints/{endpoint}"),
        format!("POST {there}/endpoints/{endpoint}/resume"),
    ] {
        let answer = call(&globex, &missing).await;
        assert!(answer.starts_with("404") && !answer.contains(URL), "{missing}: {answer}");
    }
    for query in ["", "?status=failed", &format!("?endpointID={endpoint}"), "?instanceID=i"] {
        let page = call(&globex, &format!("GET {there}/deliveries{query}")).await;
        assert!(page.contains(r#""deliveries": []"#), "{query}: {page}");
    }
    let dry_run = r#"{"status": "failed", "dryRun": true}"#;
    let counted = super::post(&globex, &format!("{there}/deliveries/replay"), dry_run).await;
    assert!(counted.contains(r#""matched": 0"#), "{counted}");
}

#[tokio::test]
async fn a_cursor_is_good_in_the_workspace_that_gave_it_only() {
    let (state, _sent) = state(&support::engine().await);
    for workspace in ["acme", "globex"] {
        for n in 0..3 {
            let mut event = event(n * 10, EventType::Created, "i");
            event.workspace = workspace.to_owned().try_into().unwrap();
            keep(&state, &event, URL, StorageState::Completed, Status::Failed).await;
        }
    }
    let path = |workspace: &str| format!("/v1/workspaces/{workspace}/deliveries?limit=1");
    let page = super::json(&of(&state, "acme"), &path("acme")).await;
    let cursor = page["next"].as_str().unwrap();
    let next = call(&of(&state, "acme"), &format!("GET {}&cursor={cursor}", path("acme"))).await;
    assert!(next.starts_with("200") && next.contains(r#""eventID": "event-10""#), "{next}");
    insta::assert_snapshot!(call(&of(&state, "globex"), &format!("GET {}&cursor={cursor}", path("globex"))).await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter cursor: this is not the `next` of a page of this workspace; leave it out to begin with the newest delivery",
      "field": "cursor",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    // Nor is a forged or modified one.
    let forged = [
        cursor.rsplit_once('.').unwrap().0.to_owned(),
        format!("{cursor}0"),
        cursor.replacen('1', "2", 1),
        cursor.to_uppercase(),
        format!("{}.00000000", cursor.rsplit_once('.').unwrap().0),
    ];
    for forged in forged {
        let answer = call(&of(&state, "acme"), &format!("GET {}&cursor={forged}", path("acme"))).await;
        assert!(answer.starts_with("400"), "{forged}: {answer}");
    }
}

#[tokio::test]
async fn so_is_a_cursor_of_the_audit() {
    let (state, _sent) = state(&support::engine().await);
    for workspace in ["acme", "globex"] {
        for urls in [json!([URL]), json!([]), json!([URL])] {
            let path = format!("/v1/workspaces/{workspace}/callbacks/created");
            let body = json!({"enabled": true, "urls": urls}).to_string();
            assert!(super::put(&of(&state, workspace), &path, body).await.starts_with("200"));
        }
    }
    let path = |workspace: &str| format!("/v1/workspaces/{workspace}/audit?limit=1");
    let page = super::json(&of(&state, "acme"), &path("acme")).await;
    let cursor = page["next"].as_str().unwrap();
    let next = call(&of(&state, "acme"), &format!("GET {}&cursor={cursor}", path("acme"))).await;
    assert!(next.starts_with("200"), "{next}");
    let elsewhere = call(&of(&state, "globex"), &format!("GET {}&cursor={cursor}", path("globex"))).await;
    assert!(elsewhere.starts_with("400") && elsewhere.contains("page of this workspace"), "{elsewhere}");
}

/// The router itself rejects requests, even if the layer above it forgets the claims.
#[tokio::test]
async fn a_router_to_which_nobody_says_who_calls_answers_only_what_is_public() {
    let (state, _sent) = state(&support::engine().await);
    configure(&super::router(state.clone()), &[URL]).await;
    let api = webhooks_api::router(state.clone());
    for operation in operations() {
        let status = answer(&api, request(&operation, "default", "x")).await.status().as_u16();
        let public = ["/health", "/openapi.json"].contains(&&*operation.1);
        assert_eq!(status, if public { 200 } else { 401 }, "{operation:?}");
    }
}
