//! What a caller who may not make a call learns.

use super::*;

#[tokio::test]
async fn a_caller_without_rights_does_not_learn_what_exists() {
    let (state, _sent) = state(&support::engine().await);
    let api = api_of(&state, None);
    let anonymous = call(&api, "GET /v1/workspaces/acme/callbacks").await;
    insta::assert_snapshot!(anonymous, @r#"
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
        assert_eq!(answer, anonymous, "{other}");
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
            let answer = show(crate::send(&api, "PUT /v1/workspaces/acme/callbacks", headers, body).await).await;
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

/// The router itself rejects requests, even if the layer above it forgets the claims.
#[tokio::test]
async fn without_a_caller_only_public_calls_are_answered() {
    let (state, _sent) = state(&support::engine().await);
    configure(&crate::router(state.clone()), &[URL]).await;
    let api = webhooks_api::router(state.clone());
    for operation in operations() {
        let status = answer(&api, request(&operation, "default", "x")).await.status().as_u16();
        let public = ["/health", "/openapi.json"].contains(&&*operation.1);
        assert_eq!(status, if public { 200 } else { 401 }, "{operation:?}");
    }
}
