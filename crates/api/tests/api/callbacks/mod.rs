//! The callbacks: set, read, reset, and every problem.

use super::{api, call, put, send, show};
use axum::Router;
use axum::body::Body;
use axum::http::header;

mod bodies;
mod versions;

const ALL: &str = "/v1/workspaces/default/callbacks";

const BODY: &str = r#"{"created": {"enabled": true, "urls": ["https://a.example/c"]},
    "updated": {"enabled": false, "urls": "https://a.example/u\n\nhttps://b.example/u\nhttps://a.example/u"},
    "deleted": {"enabled": true, "urls": []}}"#;

async fn etag(api: &Router) -> String {
    let response = send(api, &format!("GET {ALL}"), &[], Body::empty()).await;
    response.headers()[header::ETAG].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_workspace_never_set_has_all_off() {
    let api = api().await;
    insta::assert_snapshot!(call(&api, &format!("GET {ALL}")).await, @r#"
    200 OK
    content-type: application/json
    etag: "0"
    {
      "created": {
        "enabled": false,
        "urls": []
      },
      "deleted": {
        "enabled": false,
        "urls": []
      },
      "updated": {
        "enabled": false,
        "urls": []
      },
      "version": 0
    }
    "#);
    insta::assert_snapshot!(call(&api, &format!("GET {ALL}/created")).await, @r#"
    200 OK
    content-type: application/json
    etag: "0"
    {
      "enabled": false,
      "urls": [],
      "version": 0
    }
    "#);
}

#[tokio::test]
async fn what_is_put_is_what_is_got_without_blank_lines_and_repeats() {
    let api = api().await;
    let answer = put(&api, ALL, BODY).await;
    insta::assert_snapshot!(answer, @r#"
    200 OK
    content-type: application/json
    etag: "1
    {
      "created": {
        "enabled": true,
        "urls": [
          "https://a.example/c"
        ]
      },
      "deleted": {
        "enabled": true,
        "urls": []
      },
      "updated": {
        "enabled": false,
        "urls": [
          "https://a.example/u",
          "https://b.example/u"
        ]
      },
      "version": 1
    }
    "#);
    assert_eq!(call(&api, &format!("GET {ALL}")).await, answer);
    insta::assert_snapshot!(call(&api, &format!("GET {ALL}/updated")).await, @r#"
    200 OK
    content-type: application/json
    etag: "1
    {
      "enabled": false,
      "urls": [
        "https://a.example/u",
        "https://b.example/u"
      ],
      "version": 1
    }
    "#);
    insta::assert_snapshot!(call(&api, "GET /v1/workspaces/another/callbacks/updated").await, @r#"
    200 OK
    content-type: application/json
    etag: "0"
    {
      "enabled": false,
      "urls": [],
      "version": 0
    }
    "#);
}

#[tokio::test]
async fn one_event_type_is_set_and_reset_without_touching_the_others() {
    let api = api().await;
    put(&api, ALL, BODY).await;
    insta::assert_snapshot!(put(&api, &format!("{ALL}/deleted"), r#"{"enabled": true, "urls": "https://d.example"}"#).await, @r#"
    200 OK
    content-type: application/json
    etag: "2
    {
      "enabled": true,
      "urls": [
        "https://d.example/"
      ],
      "version": 2
    }
    "#);
    assert_eq!(call(&api, &format!("DELETE {ALL}/created")).await, "204 No Content");
    insta::assert_snapshot!(call(&api, &format!("GET {ALL}")).await, @r#"
    200 OK
    content-type: application/json
    etag: "3
    {
      "created": {
        "enabled": false,
        "urls": []
      },
      "deleted": {
        "enabled": true,
        "urls": [
          "https://d.example/"
        ]
      },
      "updated": {
        "enabled": false,
        "urls": [
          "https://a.example/u",
          "https://b.example/u"
        ]
      },
      "version": 3
    }
    "#);
}

#[tokio::test]
async fn a_deletion_leaves_the_workspace_as_never_set_and_may_be_repeated() {
    let api = api().await;
    let never_set = call(&api, &format!("GET {ALL}")).await;
    put(&api, ALL, BODY).await;
    for _ in 0..2 {
        assert_eq!(call(&api, &format!("DELETE {ALL}")).await, "204 No Content");
        assert_eq!(call(&api, &format!("GET {ALL}")).await, never_set);
    }
    assert_eq!(call(&api, &format!("DELETE {ALL}/created")).await, "204 No Content");
    assert_eq!(call(&api, &format!("GET {ALL}")).await, never_set);
}
