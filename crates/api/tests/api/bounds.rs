//! Limits on the cost of one call, counted at the engine.

use axum::Router;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;
use webhooks_api::ApiState;
use webhooks_model::attempt::Attempts;
use webhooks_model::delivery::{Delivery, Status};
use webhooks_model::event::{Event, EventType};
use webhooks_store::{Begun, Budget, DeliveryWrite, LogFilter, StorageState, Turn};

use super::deliveries::{A, B};
use super::support::fault_proxy::FaultProxy;
use super::{endpoint, event, id, json as get, now, state, support, workspace, write};

const LOG: &str = "/v1/workspaces/default/deliveries";

/// Writes completed deliveries, in batches.
async fn keep_all(state: &ApiState, events: &[Event], url: &str) {
    let endpoint = endpoint(url);
    let change = |event| {
        let (status, attempts) = (Status::Delivered, Attempts::default());
        let delivery = Delivery { event, endpoint: &endpoint, status, attempts, give_up_reason: None };
        DeliveryWrite { delivery, storage: StorageState::Completed, was: None }
    };
    let changes: Vec<_> = events.iter().map(change).collect();
    write(state, &changes).await;
}

/// Stores 5,000 deliveries of two endpoints and many instances. The three oldest are of another event type.
async fn five_thousand(state: &ApiState) {
    for (url, first) in [(A, 0), (B, 2_500)] {
        let event_type = |n| if n < 3 { EventType::Deleted } else { EventType::Updated };
        let events: Vec<_> =
            (first..first + 2_500).map(|n| event(n, event_type(n), &format!("i-{}", n % 97))).collect();
        keep_all(state, &events, url).await;
    }
}

/// Returns the deliveries of each page until the end, and the number of its queries.
async fn pages(api: &Router, proxy: &FaultProxy, query: &str) -> Vec<(Vec<String>, usize)> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        proxy.counted();
        let page = get(api, &format!("{LOG}?{query}{cursor}")).await;
        let ids = page["deliveries"].as_array().unwrap().iter().map(|it| it["eventID"].as_str().unwrap().to_owned());
        pages.push((ids.collect(), proxy.counted()["Query"]));
        match &page["next"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => return pages,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_the_log_takes_at_most_112_queries_wherever_its_matches_are() {
    let (client, address) = support::engine_at().await;
    five_thousand(&state(&client).0).await;
    let proxy = FaultProxy::start(&address).await;
    let api = super::router(state(&proxy.client()).0);
    let of_a = format!("endpointID={}&eventType=deleted&", id(A));
    let oldest = ["event-1", "event-2", "event-0"]; // ordered by id within a second
    for (filter, expected) in
        [("eventType=deleted&", &oldest[..]), (&of_a, &oldest), ("instanceID=i-1&eventType=deleted&", &oldest[..1])]
    {
        for limit in [1, 2, 200] {
            let pages = pages(&api, &proxy, &format!("{filter}limit={limit}")).await;
            assert!(pages.iter().all(|(ids, queries)| ids.len() <= limit && *queries <= 112), "{filter} {pages:?}");
            let found: Vec<_> = pages.into_iter().flat_map(|(ids, _)| ids).collect();
            assert_eq!(found, expected, "{filter} {limit} a page");
        }
    }
    let first = async |limit: usize| {
        proxy.counted();
        let page = get(&api, &format!("{LOG}?limit={limit}")).await;
        (page["deliveries"].as_array().unwrap().len(), proxy.counted()["Query"])
    };
    assert_eq!(
        [first(1).await, first(200).await],
        [(1, 64), (200, 64)],
        "without a filter each partition is read once"
    );
}

#[tokio::test]
async fn a_page_has_no_attempts_wherever_its_deliveries_are_stored() {
    let (state, _sent) = state(&support::engine().await);
    for (n, storage, status) in [
        (1, StorageState::Completed, Status::Delivered),
        (2, StorageState::Completed, Status::Failed),
        (3, StorageState::Deferred(super::at(60)), Status::Pending),
    ] {
        super::keep(&state, &event(n, EventType::Created, "i"), A, storage, status).await;
    }
    let filters = [
        LogFilter::default(),
        LogFilter { endpoints: vec![endpoint(A).id], ..LogFilter::default() },
        LogFilter { instance_id: Some("i".to_owned()), ..LogFilter::default() },
    ];
    for filter in filters {
        let page = state.deliveries.log(&workspace(), &filter, None, 10, &mut support::plenty()).await.unwrap();
        let attempts: Vec<_> =
            page.deliveries.iter().map(|it| (it.attempts.count(), it.attempts.kept().len())).collect();
        assert_eq!(attempts, [(1, 0), (1, 0), (2, 0)], "{filter:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_whose_budget_is_spent_ends_early_and_the_next_goes_on_from_there() {
    let (client, address) = support::engine_at().await;
    five_thousand(&state(&client).0).await;
    let proxy = FaultProxy::start(&address).await;
    let (state, _sent) = state(&proxy.client());
    let filter = LogFilter { event_types: vec![EventType::Deleted], ..LogFilter::default() };
    let plenty = support::plenty();
    let spent = [
        Budget { queries: 1, ..plenty },
        Budget { items: 1, ..plenty },
        Budget { until: Instant::now(), ..plenty },
        Budget { queries: 72, ..plenty },
    ];
    for budget in spent {
        let (mut found, mut cursor, mut pages) = (Vec::new(), None, Vec::new());
        loop {
            proxy.counted();
            let page = state.deliveries.log(&workspace(), &filter, cursor.as_ref(), 200, &mut budget.clone()).await;
            let page = page.unwrap();
            let queries = proxy.counted()["Query"];
            assert!(queries <= budget.queries.max(64), "{budget:?}: {queries}");
            pages.push((page.deliveries.len(), page.next.is_some()));
            found.extend(page.deliveries.into_iter().map(|it| it.event.id));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(found, ["event-1", "event-2", "event-0"], "{budget:?}");
        assert_eq!(pages[0], (0, true), "{budget:?}: an empty page that is not the last one");
        assert!(pages.len() < 20, "{budget:?}: each page comes further: {pages:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_endpoints_counts_the_first_20_backlogs() {
    let (_client, address) = support::engine_at().await;
    let proxy = FaultProxy::start(&address).await;
    let (state, _sent) = state(&proxy.client());
    let api = super::router(state.clone());
    let urls: Vec<_> = (0..50).map(|n| format!("https://{n}.example/")).collect();
    super::configure(&api, &urls.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for (n, url) in (0..).zip(&urls).filter(|(n, _)| n % 2 == 0) {
        let event = event(n, EventType::Created, "i");
        super::keep(&state, &event, url, StorageState::Pending(Turn::Next), Status::Pending).await;
        super::append(&state, &endpoint(url)).await;
    }
    proxy.counted();
    let listed = get(&api, "/v1/workspaces/default/endpoints").await;
    assert_eq!(proxy.counted(), [("Query".to_owned(), 1 + 20 * 16)].into());
    let backlogs: Vec<_> = listed["endpoints"].as_array().unwrap().iter().map(|it| it["backlog"].clone()).collect();
    let backlog = |pending: usize, capped: bool| json!({ "pending": pending, "capped": capped });
    let expected = (0..50).map(|n| match n {
        _ if n % 2 == 1 => backlog(0, false),
        0..40 => backlog(1, false),
        _ => backlog(0, true),
    });
    assert_eq!(backlogs, expected.collect::<Vec<_>>());
    let last = get(&api, &format!("/v1/workspaces/default/endpoints/{}", id(&urls[48]))).await;
    assert_eq!(last["backlog"], backlog(1, false), "asked for by itself it is counted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bulk_replay_that_finds_little_takes_few_queries() {
    let (client, address) = support::engine_at().await;
    five_thousand(&state(&client).0).await;
    let proxy = FaultProxy::start(&address).await;
    let api = super::router(state(&proxy.client()).0);
    let body = r#"{"eventType": "deleted", "dryRun": true}"#;
    let counted = super::post(&api, &format!("{LOG}/replay"), body).await;
    assert!(counted.contains(r#""matched": 3"#) && counted.contains(r#""truncated": false"#), "{counted}");
    let log_and_workspace = 64 + 1;
    assert_eq!(proxy.counted(), [("Query".to_owned(), log_and_workspace)].into());
}

#[tokio::test]
async fn a_page_of_the_audit_is_one_query() {
    let (_client, address) = support::engine_at().await;
    let proxy = FaultProxy::start(&address).await;
    let api = super::router(state(&proxy.client()).0);
    for n in 0..5 {
        super::configure(&api, &[&format!("https://{n}.example/")]).await;
    }
    proxy.counted();
    let page = get(&api, "/v1/workspaces/default/audit?limit=2").await;
    assert_eq!((page["entries"].as_array().unwrap().len(), page["next"].is_string()), (2, true));
    assert_eq!(proxy.counted(), [("Query".to_owned(), 1)].into());
}

#[tokio::test]
async fn a_body_of_nothing_but_refused_lines_is_answered_with_the_first_50() {
    let api = super::api().await;
    let lines: Vec<_> = (0..60_000).map(|n| format!("x{n}")).collect();
    let body = json!({"created": {"enabled": true, "urls": lines.join("\n")}}).to_string();
    for path in ["PUT callbacks", "POST callbacks/created/test"] {
        let (method, path) = path.split_once(' ').unwrap();
        let body = if method == "PUT" { body.clone() } else { json!({"urls": lines}).to_string() };
        let call = format!("{method} /v1/workspaces/default/{path}");
        let (status, problem) = problem(&api, &call, body).await;
        assert_eq!((status, problem["errors"].as_array().unwrap().len()), (422, 50), "{call}");
        // The text has one more line, which counts the others.
        assert_eq!(problem["errorsLeftOut"], 60_001 - 50, "{call}");
        assert!(problem["detail"].as_str().unwrap().ends_with("; and 59951 more"), "{call}");
        assert!(problem.to_string().len() < 20_000, "{call}: {}", problem.to_string().len());
    }
    let few = json!({"created": {"enabled": true, "urls": lines[..50]}}).to_string();
    let (_, problem) = problem(&api, "PUT /v1/workspaces/default/callbacks", few).await;
    assert!(problem["errors"].as_array().unwrap().len() == 50 && problem.get("errorsLeftOut").is_none());
}

#[tokio::test]
async fn a_problem_repeats_little_of_a_long_text_wherever_that_stands() {
    let api = super::api().await;
    let (long, wide) = ("x".repeat(100_000), "\u{fc}".repeat(100_000));
    let workspace = "/v1/workspaces/default";
    let mut calls = vec![
        (format!("PUT {workspace}/callbacks"), json!({ &long: 1 }).to_string()),
        (format!("PUT {workspace}/callbacks"), json!({"created": { &wide: 1 }}).to_string()),
        (format!("PUT {workspace}/callbacks"), json!({ "created": long }).to_string()),
        (format!("PUT {workspace}/callbacks"), json!({"replaces": { &long: "https://a.example/" }}).to_string()),
        (format!("PUT {workspace}/callbacks/created"), json!({"enabled": long}).to_string()),
        (format!("PUT {workspace}/endpoints/{}/signing-secret", id(A)), json!({"secret": long, &wide: 1}).to_string()),
        (format!("POST {workspace}/signing-secret/rotate"), json!({"overlapSeconds": wide}).to_string()),
        (format!("PATCH {workspace}/endpoints/{}", id(A)), json!({ "processNames": [wide] }).to_string()),
        (format!("POST {workspace}/deliveries/replay"), json!({ "status": long }).to_string()),
        (format!("POST {workspace}/deliveries/replay"), json!({ "since": wide }).to_string()),
        (format!("POST {workspace}/callbacks/created/test"), json!({ "urls": [{ &long: 1 }] }).to_string()),
    ];
    let long = "x".repeat(30_000);
    for path in [
        "deliveries?status=",
        "deliveries?since=",
        "deliveries?cursor=",
        "deliveries?",
        "audit?limit=",
        "callbacks/",
        "endpoints/",
        "deliveries/",
        "no/such/",
    ] {
        calls.push((format!("GET {workspace}/{path}{long}"), String::new()));
    }
    calls.push((format!("GET /v1/workspaces/{long}/callbacks"), String::new()));
    for (call, body) in calls {
        let (status, problem) = problem(&api, &call, body).await;
        let shown = problem.to_string();
        assert!(
            (400..500).contains(&status) && shown.chars().count() < 2_000,
            "{}: {shown}",
            &call[..60.min(call.len())]
        );
    }
}

async fn problem(api: &Router, call: &str, body: String) -> (u16, Value) {
    let response = super::send(api, call, &[("content-type", "application/json")], body).await;
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn a_workspace_has_one_bulk_replay_at_a_time() {
    let (state, _sent) = state(&support::engine().await);
    let api = super::router(state.clone());
    let replay = async |workspace: &str, body: &str| {
        super::post(&api, &format!("/v1/workspaces/{workspace}/deliveries/replay"), body.to_owned()).await
    };
    let all = r#"{"status": "failed"}"#;
    for _ in 0..2 {
        assert!(replay("default", all).await.starts_with("202"), "one that has ended is not in the way");
    }
    let now = Timestamp::from_millisecond(now().as_millisecond()).unwrap(); // the stored resolution
    let until = now + std::time::Duration::from_secs(30);
    let begin =
        async |owner: &'static str, now| state.bulk_replays.begin(&workspace(), owner, now, until).await.unwrap();
    assert_eq!(begin("one", now).await, Begun::Yes);
    assert_eq!(begin("two", now).await, Begun::After(std::time::Duration::from_secs(30)));
    let refused = replay("default", all).await;
    assert!(refused.starts_with("429") && refused.contains("retry-after: 1\n"), "{refused}");
    assert!(refused.contains("problem:replay-at-work") && refused.contains("nothing was replayed"), "{refused}");
    assert!(replay("default", r#"{"status": "failed", "dryRun": true}"#).await.starts_with("200"), "it only counts");
    assert!(replay("other", all).await.starts_with("202"), "another workspace's goes on");
    state.bulk_replays.end(&workspace(), "two").await.unwrap();
    assert_eq!(begin("two", now).await, Begun::After(std::time::Duration::from_secs(30)), "another's is not ended");
    assert_eq!(begin("two", until).await, Begun::Yes, "one that was cut off is over in time");
    state.bulk_replays.end(&workspace(), "two").await.unwrap();
    for wrong in [r#"{"status": "failed", "to": "8b1a9953c4611296a827abf8c47804d7"}"#, all] {
        let answer = replay("default", wrong).await;
        assert!(!answer.starts_with("429"), "one that fails ends, too: {answer}");
    }
}
