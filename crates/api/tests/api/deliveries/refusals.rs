//! Calls for deliveries that are not answered with any.

use super::*;
use axum::Router;

#[tokio::test]
async fn a_delivery_that_is_not_there_is_unknown() {
    let (state, _sent) = state(&support::engine().await);
    let api = crate::router(state.clone());
    let id = keep(&state, &event(0, EventType::Created, "i"), A, StorageState::Completed, Status::Delivered).await;
    insta::assert_snapshot!(call(&api, &format!("GET {ALL}/x")).await, @r#"
    404 Not Found
    content-type: application/problem+json
    {
      "detail": "there is no such delivery in this workspace; the log keeps completed ones for 30 days, unless the deployment sets another time",
      "status": 404,
      "title": "Unknown delivery",
      "type": "urn:instance-webhooks:problem:unknown-delivery"
    }
    "#);
    let others = [
        format!("{ALL}/{}", id.replace("1000", "1001")),
        format!("/v1/workspaces/another/deliveries/{id}"),
        format!("{ALL}/{id}{}", "0".repeat(2_000)),
        format!("{ALL}/{}", id.replace("1000", "")),
    ];
    for path in others {
        assert!(call(&api, &format!("GET {path}")).await.starts_with("404"), "{path}");
    }
}

async fn get(api: &Router, query: &str) -> String {
    call(api, &format!("GET {ALL}?{query}")).await
}

#[tokio::test]
async fn a_parameter_that_is_unknown_or_repeated_is_refused_by_name() {
    let api = api().await;
    insta::assert_snapshot!(get(&api, "stauts=failed").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter stauts: unknown field `stauts`, expected one of `status`, `eventType`, `endpointID`, `instanceID`, `processName`, `eventID`, `reason`, `statusCode`, `search`, `since`, `until`, `limit`, `cursor`",
      "field": "stauts",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get(&api, "status=failed&status=pending").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter status: it is given more than once",
      "field": "status",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
}

#[tokio::test]
async fn a_value_that_is_none_of_those_there_are_is_refused() {
    let api = api().await;
    insta::assert_snapshot!(get(&api, "status=lost").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter status: unknown variant `lost`, expected one of `pending`, `delivered`, `failed`, `superseded`",
      "field": "status",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get(&api, "eventType=").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter eventType: unknown variant ``, expected one of `created`, `updated`, `deleted`",
      "field": "eventType",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get(&api, "endpointID=abc").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter endpointID: an endpoint id has 32 hexadecimal digits, in lower case",
      "field": "endpointID",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
}

#[tokio::test]
async fn a_time_that_cannot_be_read_is_refused_with_an_example() {
    let api = api().await;
    insta::assert_snapshot!(get(&api, "since=yesterday").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter since: invalid value: string \"yesterday\", expected a time such as 2026-01-31T12:00:00Z or 2026-01-31T13:00:00+01:00 (RFC 3339; in a query, + is written %2B)",
      "field": "since",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get(&api, "until=2026-01-31T12:00:00+01:00").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter until: invalid value: string \"2026-01-31T12:00:00 01:00\", expected a time such as 2026-01-31T12:00:00Z or 2026-01-31T13:00:00+01:00 (RFC 3339; in a query, + is written %2B)",
      "field": "until",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
}

#[tokio::test]
async fn a_limit_out_of_range_and_a_cursor_of_no_page_are_refused() {
    let api = api().await;
    insta::assert_snapshot!(get(&api, "limit=0").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter limit: invalid value: integer `0`, expected a number from 1 to 200",
      "field": "limit",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get(&api, "limit=201").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter limit: invalid value: integer `201`, expected a number from 1 to 200",
      "field": "limit",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get(&api, "limit=ten").await, @r#"
    400 Bad Request
    content-type: application/problem+json
    {
      "detail": "the parameter limit: invalid value: string \"ten\", expected a number from 1 to 200",
      "field": "limit",
      "status": 400,
      "title": "Invalid parameter",
      "type": "urn:instance-webhooks:problem:invalid-parameter"
    }
    "#);
    insta::assert_snapshot!(get(&api, "cursor=10").await, @r#"
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
}

#[tokio::test]
async fn a_parameter_that_is_as_documented_is_accepted() {
    let api = api().await;
    for good in
        ["limit=200", "until=2026-01-31T12:00:00%2B01:00", "since=2026-01-31T12:00:00.5Z", "instanceID=%C3%BC+x"]
    {
        assert!(get(&api, good).await.starts_with("200"), "{good}");
    }
}

#[tokio::test]
async fn a_log_that_cannot_be_read_is_a_503() {
    let api = api_on(&support::client("http://127.0.0.1:1"));
    assert!(call(&api, &format!("GET {ALL}")).await.starts_with("503"));
}
