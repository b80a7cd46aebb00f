//! The callbacks: set, read, reset, and every problem.

use axum::Router;
use axum::body::Body;
use axum::http::header;

use super::{api, call, put, send, show};

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

#[tokio::test]
async fn a_change_of_something_other_than_what_was_seen_is_refused() {
    let api = api().await;
    put(&api, ALL, BODY).await;
    let seen = etag(&api).await;
    let conditional = async |call: &str, etag: &str| {
        let headers = [("content-type", "application/json"), ("if-match", etag)];
        show(send(&api, call, &headers, r#"{"enabled": true}"#).await).await
    };
    assert!(conditional(&format!("PUT {ALL}/created"), &seen).await.starts_with("200"));
    insta::assert_snapshot!(conditional(&format!("PUT {ALL}/created"), &seen).await, @r#"
    412 Precondition Failed
    content-type: application/problem+json
    {
      "detail": "the callbacks are at version 2 now, not what this change was made for; nothing was changed: read them again and decide again",
      "status": 412,
      "title": "Changed in the meantime",
      "type": "urn:instance-webhooks:problem:precondition-failed"
    }
    "#);
    for call in [
        "PUT /v1/workspaces/default/callbacks/updated",
        "DELETE /v1/workspaces/default/callbacks",
        "DELETE /v1/workspaces/default/callbacks/created",
    ] {
        assert!(conditional(call, &seen).await.starts_with("412"), "{call}");
    }
    assert!(
        conditional(&format!("PUT {ALL}/created"), &format!("W/{}", etag(&api).await)).await.starts_with("412"),
        "RFC 9110: If-Match compares strongly"
    );
    assert!(conditional(&format!("PUT {ALL}/created"), "*").await.starts_with("200"));
    insta::assert_snapshot!(conditional(&format!("PUT {ALL}/created"), "not-quoted").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the header if-match has to be * or entity tags in quotation marks, such as the ETag of a GET",
      "status": 400,
      "title": "Invalid precondition",
      "type": "urn:instance-webhooks:problem:invalid-precondition"
    }
    "#);
    for list in ["", "\"a b\"", "\"a", "\"a\" \"b\"", "\"a\",", "w/\"a\"", "*, \"a\""] {
        assert!(conditional(&format!("PUT {ALL}/created"), list).await.starts_with("400"), "{list}");
    }
    assert!(conditional(&format!("PUT {ALL}/created"), "\"a,b\" ,W/\"c\"").await.starts_with("412"));
}

#[tokio::test]
async fn an_etag_from_before_a_deletion_never_fits_again() {
    let api = api().await;
    put(&api, ALL, BODY).await;
    let before = etag(&api).await;
    call(&api, &format!("DELETE {ALL}")).await;
    put(&api, ALL, BODY).await;
    let headers = [("content-type", "application/json"), ("if-match", &*before)];
    assert_eq!(send(&api, &format!("PUT {ALL}"), &headers, BODY).await.status(), 412);
}

#[tokio::test]
async fn the_version_in_a_body_guards_as_if_match_does() {
    let api = api().await;
    assert!(put(&api, ALL, r#"{"version": 0}"#).await.starts_with("200"));
    assert!(put(&api, ALL, r#"{"version": 0}"#).await.starts_with("412"));
    assert!(put(&api, &format!("{ALL}/created"), r#"{"version": 1, "enabled": false}"#).await.starts_with("200"));
}

#[tokio::test]
async fn an_unchanged_representation_is_not_sent_again() {
    let api = api().await;
    put(&api, ALL, BODY).await;
    let seen = etag(&api).await;
    let response = send(&api, &format!("GET {ALL}"), &[("if-none-match", &seen)], Body::empty()).await;
    assert_eq!((response.status().as_u16(), response.headers()[header::ETAG].to_str().unwrap()), (304, &*seen));
    put(&api, ALL, BODY).await;
    assert_eq!(etag(&api).await, seen, "the same once more is no change");
    put(&api, &format!("{ALL}/updated"), r#"{"enabled": true}"#).await;
    assert_eq!(send(&api, &format!("GET {ALL}"), &[("if-none-match", &seen)], Body::empty()).await.status(), 200);
}

#[tokio::test]
async fn if_none_match_star_sets_only_what_nobody_has_set() {
    let api = api().await;
    let headers = [("content-type", "application/json"), ("if-none-match", "*")];
    assert_eq!(send(&api, &format!("PUT {ALL}"), &headers, BODY).await.status(), 200);
    assert_eq!(send(&api, &format!("PUT {ALL}"), &headers, BODY).await.status(), 412);
}

#[tokio::test]
async fn of_many_administrators_with_the_same_etag_exactly_one_wins() {
    let api = api().await;
    put(&api, ALL, BODY).await;
    let seen = etag(&api).await;
    let changes = (0..16).map(|i| {
        let (api, seen) = (api.clone(), seen.clone());
        tokio::spawn(async move {
            let body = format!(r#"{{"created": {{"enabled": true, "urls": ["https://{i}.example"]}}}}"#);
            let headers = [("content-type", "application/json"), ("if-match", &*seen)];
            send(&api, &format!("PUT {ALL}"), &headers, body).await.status().as_u16()
        })
    });
    let mut statuses = Vec::new();
    for change in changes.collect::<Vec<_>>() {
        statuses.push(change.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200], vec![412; 15]].concat());
}

#[tokio::test]
async fn unconditional_changes_of_different_event_types_at_the_same_moment_all_stand() {
    let api = api().await;
    let changes = ["created", "updated", "deleted"].map(|event_type| {
        let api = api.clone();
        tokio::spawn(async move { put(&api, &format!("{ALL}/{event_type}"), r#"{"enabled": true}"#).await })
    });
    for change in changes {
        assert!(change.await.unwrap().starts_with("200"));
    }
    let now = call(&api, &format!("GET {ALL}")).await;
    assert_eq!(now.matches(r#""enabled": true"#).count(), 3, "{now}");
    assert!(now.contains(r#""version": 3"#), "{now}");
}

#[tokio::test]
async fn a_bad_line_is_refused_by_event_type_line_and_reason_and_nothing_is_kept() {
    let api = api().await;
    put(&api, ALL, BODY).await;
    let before = call(&api, &format!("GET {ALL}")).await;
    let bad = r#"{"created": {"enabled": true, "urls": "https://good.example\n\nhttps://a b"},
        "updated": {"enabled": true, "urls": ["ftp://h", "https://u:p@h", "//h"]}, "deleted": {"enabled": true, "urls": []}}"#;
    insta::assert_snapshot!(put(&api, ALL, bad).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "nothing was changed: created, line 3: the character ' ' at position 10 is not allowed in a URL (RFC 3986); no host name has it; updated, line 1: a callback URL begins with http:// or https://, not ftp:; updated, line 2: a callback URL must not carry a user or password before the host; put a token into the path or the query; updated, line 3: a callback URL begins with http:// or https://",
      "errors": [
        {
          "detail": "created, line 3: the character ' ' at position 10 is not allowed in a URL (RFC 3986); no host name has it",
          "eventType": "created",
          "line": 3,
          "type": "urn:instance-webhooks:problem:invalid-url"
        },
        {
          "detail": "updated, line 1: a callback URL begins with http:// or https://, not ftp:",
          "eventType": "updated",
          "line": 1,
          "type": "urn:instance-webhooks:problem:unsupported-scheme"
        },
        {
          "detail": "updated, line 2: a callback URL must not carry a user or password before the host; put a token into the path or the query",
          "eventType": "updated",
          "line": 2,
          "type": "urn:instance-webhooks:problem:user-info-in-url"
        },
        {
          "detail": "updated, line 3: a callback URL begins with http:// or https://",
          "eventType": "updated",
          "line": 3,
          "type": "urn:instance-webhooks:problem:unsupported-scheme"
        }
      ],
      "status": 422,
      "title": "Invalid URL",
      "type": "urn:instance-webhooks:problem:invalid-url"
    }
    "#);
    insta::assert_snapshot!(put(&api, &format!("{ALL}/created"), r#"{"enabled": true, "urls": ["https://good.example", "x"]}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "nothing was changed: created, line 2: a callback URL begins with http:// or https://",
      "errors": [
        {
          "detail": "created, line 2: a callback URL begins with http:// or https://",
          "eventType": "created",
          "line": 2,
          "type": "urn:instance-webhooks:problem:unsupported-scheme"
        }
      ],
      "status": 422,
      "title": "Unsupported scheme",
      "type": "urn:instance-webhooks:problem:unsupported-scheme"
    }
    "#);
    assert_eq!(call(&api, &format!("GET {ALL}")).await, before);
}

#[tokio::test]
async fn each_limit_has_its_own_problem() {
    let api = api().await;
    let many: String = (0..51).map(|i| format!("https://h.example/{i}\\n")).collect();
    insta::assert_snapshot!(put(&api, &format!("{ALL}/created"), format!(r#"{{"enabled": true, "urls": "{many}"}}"#)).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "nothing was changed: created, line 51: this is one URL too many; 51 are given and at most 50 are allowed",
      "errors": [
        {
          "detail": "created, line 51: this is one URL too many; 51 are given and at most 50 are allowed",
          "eventType": "created",
          "line": 51,
          "type": "urn:instance-webhooks:problem:too-many-urls"
        }
      ],
      "status": 422,
      "title": "Too many URLs",
      "type": "urn:instance-webhooks:problem:too-many-urls"
    }
    "#);
    let long = format!("https://h.example/{}", "x".repeat(2031));
    insta::assert_snapshot!(put(&api, &format!("{ALL}/created"), format!(r#"{{"enabled": true, "urls": ["{long}"]}}"#)).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "nothing was changed: created, line 1: the URL has 2049 characters; at most 2048 are allowed",
      "errors": [
        {
          "detail": "created, line 1: the URL has 2049 characters; at most 2048 are allowed",
          "eventType": "created",
          "line": 1,
          "type": "urn:instance-webhooks:problem:url-too-long"
        }
      ],
      "status": 422,
      "title": "URL too long",
      "type": "urn:instance-webhooks:problem:url-too-long"
    }
    "#);
    let full: Vec<_> = (0..50).map(|i| format!("https://h.example/{i:0>2030}")).collect();
    let full = serde_json::json!({"enabled": true, "urls": full});
    let body = serde_json::json!({"created": full, "updated": full, "deleted": full}).to_string();
    assert!(put(&api, ALL, body).await.starts_with("200"), "the largest callbacks that are allowed fit");
}

#[tokio::test]
async fn a_body_that_cannot_be_read_says_where() {
    let api = api().await;
    insta::assert_snapshot!(put(&api, ALL, "{").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the body is not JSON: EOF while parsing an object at line 1 column 1",
      "status": 400,
      "title": "Malformed JSON",
      "type": "urn:instance-webhooks:problem:malformed-json"
    }
    "#);
    insta::assert_snapshot!(put(&api, ALL, "{} {}").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the body is not JSON: trailing characters at line 1 column 4",
      "status": 400,
      "title": "Malformed JSON",
      "type": "urn:instance-webhooks:problem:malformed-json"
    }
    "#);
    insta::assert_snapshot!(put(&api, ALL, b"\"\xff\"".to_vec()).await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the body is not JSON: invalid unicode code point at line 1 column 2",
      "status": 400,
      "title": "Malformed JSON",
      "type": "urn:instance-webhooks:problem:malformed-json"
    }
    "#);
    insta::assert_snapshot!(put(&api, ALL, "[]").await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in the body: invalid type: sequence, expected an object at line 1 column 0",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(put(&api, ALL, r#"{"created": [true]}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in created: invalid type: sequence, expected an object at line 1 column 12",
      "field": "created",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(put(&api, ALL, r#"{"created": {"enabled": true, "version": 1}}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in created.version: unknown field `version`, expected `enabled` or `urls` at line 1 column 39",
      "field": "created.version",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    assert!(call(&api, &format!("GET {ALL}")).await.contains(r#""version": 0"#), "nothing of all that was kept");
    insta::assert_snapshot!(put(&api, ALL, r#"{"craeted": {"enabled": true}}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in craeted: unknown field `craeted`, expected one of `created`, `updated`, `deleted`, `version`, `replaces` at line 1 column 10",
      "field": "craeted",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(put(&api, ALL, r#"{"created": {"enabled": true, "url": "https://h"}}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in created.url: unknown field `url`, expected `enabled` or `urls` at line 1 column 35",
      "field": "created.url",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(put(&api, ALL, r#"{"created": {"urls": []}}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in created: missing field `enabled` at line 1 column 24",
      "field": "created",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(put(&api, ALL, r#"{"created": {"enabled": "yes"}}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in created.enabled: invalid type: string \"yes\", expected a boolean at line 1 column 29",
      "field": "created.enabled",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(put(&api, ALL, r#"{"created": {"enabled": true, "urls": {"a": 1}}}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in created.urls: invalid type: map, expected a list of URLs, or one string with a URL a line at line 1 column 39",
      "field": "created.urls",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(put(&api, ALL, r#"{"created": {"enabled": true, "urls": ["https://h", 5]}}"#).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "in created.urls[1]: invalid type: integer `5`, expected a string at line 1 column 53",
      "field": "created.urls[1]",
      "status": 422,
      "title": "Invalid field",
      "type": "urn:instance-webhooks:problem:invalid-field"
    }
    "#);
    insta::assert_snapshot!(put(&api, ALL, "x".repeat(1024 * 1024 + 1)).await, @r#"
    413 Payload Too Large
    content-type: application/problem+json
    {
      "detail": "the body is larger than 1048576 bytes, and no valid one is",
      "status": 413,
      "title": "Body too large",
      "type": "urn:instance-webhooks:problem:body-too-large"
    }
    "#);
}

#[tokio::test]
async fn a_body_that_is_not_declared_as_json_is_refused() {
    let api = api().await;
    let send = async |headers: &[(&str, &str)]| show(send(&api, &format!("PUT {ALL}"), headers, BODY).await).await;
    insta::assert_snapshot!(send(&[("content-type", "application/x-www-form-urlencoded")]).await, @r#"
    415 Unsupported Media Type
    content-type: application/problem+json
    {
      "detail": "the body has to be JSON: send it with the header `content-type: application/json`",
      "status": 415,
      "title": "Unsupported media type",
      "type": "urn:instance-webhooks:problem:unsupported-media-type"
    }
    "#);
    assert!(send(&[]).await.starts_with("415"));
    assert!(send(&[("content-type", "Application/JSON; charset=utf-8")]).await.starts_with("200"));
}

#[tokio::test]
async fn an_encoded_body_is_refused_as_such() {
    let api = api().await;
    for encoding in ["gzip", "br", "deflate", "identity, gzip", "nonsense", ""] {
        let headers = [("content-type", "application/json"), ("content-encoding", encoding)];
        let answer = show(send(&api, &format!("PUT {ALL}"), &headers, BODY).await).await;
        assert!(answer.starts_with("415 Unsupported Media Type\n"), "{encoding:?}: {answer}");
        assert!(answer.contains("the body is encoded (content-encoding): send it as it is"), "{encoding:?}: {answer}");
        // Also for calls with an optional body.
        let test = format!("POST {ALL}/created/test");
        assert!(show(send(&api, &test, &headers, "").await).await.starts_with("415 "), "{encoding:?}");
    }
    for encoding in ["identity", " Identity "] {
        let headers = [("content-type", "application/json"), ("content-encoding", encoding)];
        let answer = show(send(&api, &format!("PUT {ALL}"), &headers, BODY).await).await;
        assert!(answer.starts_with("200 OK\n") || answer.starts_with("201 "), "{encoding:?}: {answer}");
    }
}

#[tokio::test]
async fn a_byte_order_mark_before_json_is_passed_over() {
    let api = api().await;
    let json = [("content-type", "application/json")];
    let marked = format!("\u{feff}{BODY}");
    let answer = show(send(&api, &format!("PUT {ALL}"), &json, marked.clone()).await).await;
    assert!(answer.starts_with("200 OK\n") || answer.starts_with("201 "), "{answer}");
    let twice = show(send(&api, &format!("PUT {ALL}"), &json, format!("\u{feff}{marked}")).await).await;
    assert!(twice.starts_with("400 ") && twice.contains("malformed-json"), "one of them: {twice}");
}
