//! Entity tags, and changes at the same moment.

use super::*;

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
async fn if_none_match_star_sets_only_what_was_never_set() {
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
async fn unconditional_changes_of_different_event_types_all_stand() {
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
