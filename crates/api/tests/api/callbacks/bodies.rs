//! Bodies that are refused, and the place that the problem names.

use super::*;

#[tokio::test]
async fn a_bad_line_is_rejected_by_event_type_line_and_reason() {
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
async fn what_can_never_work_says_what_to_do() {
    let api = api().await;
    let lines = [
        "https://a.example/, https://b.example/",
        "https://https://a.example/",
        "https://a..example/",
        "https://*.example/",
        &format!("https://{}.example/", "a".repeat(64)),
    ];
    let body = serde_json::json!({ "enabled": true, "urls": lines }).to_string();
    let problem = put(&api, &format!("{ALL}/created"), body).await;
    let (head, json) = problem.split_once("\n{").unwrap();
    assert_eq!(head, "422 Unprocessable Entity\ncontent-type: application/problem+json");
    let problem: serde_json::Value = serde_json::from_str(&format!("{{{json}")).unwrap();
    let errors = problem["errors"].as_array().unwrap();
    let details: Vec<_> = errors.iter().map(|error| error["detail"].as_str().unwrap()).collect();
    insta::assert_snapshot!(details.join("\n"), @"
    created, line 1: another URL begins at position 21; write one URL per line, or, if it is part of this URL, write %20
    created, line 2: the URL begins with two schemes; remove one of them
    created, line 3: no host has this name: there is nothing between two of its dots, or before the first one
    created, line 4: no host has this name: `*` stands for no host; write one URL for each host
    created, line 5: no host has this name: one of its parts has 64 characters; at most 63 are possible between two dots
    ");
    assert!(errors.iter().all(|error| error["type"] == "urn:instance-webhooks:problem:invalid-url"), "{errors:?}");
}

#[tokio::test]
async fn what_is_copied_along_unseen_is_dropped() {
    let api = api().await;
    let body =
        serde_json::json!({ "enabled": true, "urls": "\u{feff}https://a.example/\u{200b}\n\u{200b}\n" }).to_string();
    put(&api, &format!("{ALL}/created"), body).await;
    let stored = crate::json(&api, ALL).await;
    assert_eq!(stored["created"]["urls"], serde_json::json!(["https://a.example/"]));
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
}

#[tokio::test]
async fn a_value_of_another_type_is_refused_by_its_place() {
    let api = api().await;
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
    assert!(call(&api, &format!("GET {ALL}")).await.contains(r#""version": 0"#), "nothing of all that was kept");
}

#[tokio::test]
async fn a_field_that_is_unknown_or_missing_is_refused_by_its_place() {
    let api = api().await;
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
    assert!(call(&api, &format!("GET {ALL}")).await.contains(r#""version": 0"#), "nothing of all that was kept");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let api = api().await;
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
