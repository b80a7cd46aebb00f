//! Filters, and pages of what matches them.

use super::*;

/// Returns the deliveries of all pages in order.
async fn all_pages(api: &axum::Router, query: &str, limit: usize) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = json(api, &format!("{ALL}?{query}limit={limit}{cursor}")).await;
        let deliveries = page["deliveries"].as_array().unwrap();
        assert!(deliveries.len() <= limit, "{query}");
        ids.extend(deliveries.iter().map(|delivery| delivery["deliveryID"].as_str().unwrap().to_owned()));
        match &page["next"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => return ids,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_combination_of_filters_pages_through_what_matches() {
    let (state, _sent) = state(&support::engine().await);
    let api = crate::router(state.clone());
    let model = model(&state).await;
    let statuses = [None, Some(Status::Pending), Some(Status::Delivered), Some(Status::Failed)];
    let mut combinations = 0;
    for status in statuses {
        for url in [None, Some(A), Some(B)] {
            for event_type in [None, Some(EventType::Updated)] {
                for instance in [None, Some("i-3")] {
                    // Seconds 5 (including its first event) to 21 (exclusive).
                    for range in [None, Some((50, 210))] {
                        let mut query = String::new();
                        query += &status.map_or(String::new(), |it: Status| format!("status={}&", it.as_str()));
                        query += &url.map_or(String::new(), |url| format!("endpointID={}&", id(url)));
                        query += &event_type.map_or(String::new(), |it: EventType| format!("eventType={it}&"));
                        query += &instance.map_or(String::new(), |it| format!("instanceID={it}&"));
                        query += &range.map_or(String::new(), |_| format!("since={}&until={}&", at(5), at(21)));
                        let matches = |kept: &&Kept| {
                            status.is_none_or(|it| it == kept.status)
                                && url.is_none_or(|it| it == kept.url)
                                && event_type.is_none_or(|it| it == kept.event_type)
                                && instance.is_none_or(|it| it == kept.instance)
                                && range.is_none_or(|(from, to)| (from..to).contains(&kept.n))
                        };
                        let expected: Vec<_> = model.iter().filter(matches).map(|kept| kept.id.clone()).collect();
                        let limit = [200, 90, 40][combinations % 3];
                        assert_eq!(all_pages(&api, &query, limit).await, expected, "{query} {limit} a page");
                        combinations += 1;
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn small_pages_through_ties_neither_repeat_nor_leave_out_a_delivery() {
    let (state, _sent) = state(&support::engine().await);
    let api = crate::router(state.clone());
    for n in 0..10 {
        for url in [A, B] {
            let storage = if n % 2 == 0 { StorageState::Completed } else { StorageState::Pending(Turn::Next) };
            let status = if n % 2 == 0 { Status::Delivered } else { Status::Pending };
            keep(&state, &event(n, EventType::Created, &format!("i-{n}")), url, storage, status).await;
        }
    }
    for query in ["", "status=pending&", &format!("endpointID={}&", id(A))] {
        let at_once = all_pages(&api, query, 200).await;
        for limit in [1, 2, 3, 7] {
            assert_eq!(all_pages(&api, query, limit).await, at_once, "{query} {limit} a page");
        }
    }
}

#[tokio::test]
async fn a_delivery_in_backlog_and_log_is_listed_once_as_completed() {
    let (state, _sent) = state(&support::engine().await);
    let api = crate::router(state.clone());
    let event = event(0, EventType::Created, "i");
    keep(&state, &event, A, StorageState::Pending(Turn::Next), Status::Pending).await;
    keep(&state, &event, A, StorageState::Completed, Status::Delivered).await;
    for query in ["", &format!("endpointID={}", id(A)), "instanceID=i"] {
        let page = json(&api, &format!("{ALL}?{query}")).await;
        let statuses: Vec<_> = page["deliveries"].as_array().unwrap().iter().map(|it| &it["status"]).collect();
        assert_eq!(statuses, ["delivered"], "{query}");
    }
}

#[tokio::test]
async fn times_beyond_any_event_are_times_all_the_same() {
    let (state, _sent) = state(&support::engine().await);
    let api = crate::router(state.clone());
    keep(&state, &event(0, EventType::Created, "i"), A, StorageState::Completed, Status::Delivered).await;
    for (query, found) in [
        ("since=2290-01-01T00:00:00Z", 0),
        ("since=9999-01-01T00:00:00Z", 0),
        ("until=9999-01-01T00:00:00Z", 1),
        ("until=2290-01-01T00:00:00Z", 1),
        ("since=1900-01-01T00:00:00Z", 1),
        ("until=1900-01-01T00:00:00Z", 0),
        ("since=2030-01-01T00:00:00Z&until=2020-01-01T00:00:00Z", 0),
    ] {
        let page = json(&api, &format!("{ALL}?{query}")).await;
        assert_eq!(page["deliveries"].as_array().unwrap().len(), found, "{query}");
        assert_eq!(page["next"], Value::Null, "{query}");
    }
}
