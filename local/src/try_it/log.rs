//! The requests to the built-in receiver, and their outcomes.

use super::behaviour::Behaviour;
use super::query;
use axum::http::{HeaderMap, Method, Uri};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use webhooks_model::workspace::WorkspaceId;

/// Number of requests that are kept, more than a user reads.
const KEPT: usize = 500;

/// A request.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Noted {
    /// Number of the request since the start of the program, from 1.
    number: u64,
    at: Timestamp,
    method: String,
    path: String,
    /// Query as it was sent.
    query: Option<String>,
    #[serde(rename = "instanceID")]
    instance_id: Option<String>,
    process_name: Option<String>,
    event_type: Option<String>,
    headers: BTreeMap<String, String>,
    outcome: Outcome,
    /// Status of the response.
    status: Option<u16>,
    /// Time until the outcome, in milliseconds.
    after_ms: Option<u64>,
    /// State of the log at the last change of this request.
    #[serde(skip)]
    state: u64,
    /// Workspace of the callback, which the console writes into the receiver's URL.
    #[serde(skip)]
    workspace: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    /// The request waits for its response.
    Waiting,
    Answered,
    /// The caller disconnected before the response.
    HungUp,
}

/// The part of the log that a reader does not have yet.
#[derive(Debug, Serialize)]
pub(super) struct News {
    behaviour: Behaviour,
    /// Requests that arrived or ended since then, the oldest first.
    requests: Vec<Noted>,
    /// State to request the next part with.
    last: u64,
}

/// Log of requests, the oldest first, and the receiver's behaviour. Each change of either is a new state, by number.
#[derive(Debug, Default)]
pub(super) struct Log {
    requests: VecDeque<Noted>,
    behaviour: Behaviour,
    numbered: u64,
    state: u64,
}

impl Log {
    /// Records a request; returns its number.
    pub(super) fn note(&mut self, method: &Method, uri: &Uri, headers: &HeaderMap, at: Timestamp) -> u64 {
        self.numbered += 1;
        self.state += 1;
        let mut parameters = query::decoded(uri.query().unwrap_or_default());
        self.requests.push_back(Noted {
            number: self.numbered,
            at,
            method: method.to_string(),
            path: uri.path().to_owned(),
            query: uri.query().map(str::to_owned),
            instance_id: parameters.remove("instanceID"),
            process_name: parameters.remove("processName"),
            event_type: parameters.remove("eventType"),
            headers: shown(headers),
            outcome: Outcome::Waiting,
            status: None,
            after_ms: None,
            state: self.state,
            workspace: parameters.remove("workspace").unwrap_or_else(|| WorkspaceId::default_workspace().into()),
        });
        if self.requests.len() > KEPT {
            self.requests.pop_front();
        }
        self.numbered
    }

    /// Records the outcome of a request: its status, or `None` if the caller disconnected.
    pub(super) fn end(&mut self, number: u64, status: Option<u16>, after_ms: u64) {
        self.state += 1;
        // The request may have been removed from the log in the meantime.
        let Ok(at) = self.requests.binary_search_by_key(&number, |request| request.number) else { return };
        let request = &mut self.requests[at];
        request.outcome = if status.is_some() { Outcome::Answered } else { Outcome::HungUp };
        (request.status, request.after_ms, request.state) = (status, Some(after_ms), self.state);
    }

    /// Removes the requests of a workspace, or all.
    pub(super) fn clear(&mut self, workspace: Option<&str>) {
        self.state += 1;
        self.requests.retain(|request| workspace.is_some_and(|workspace| request.workspace != workspace));
    }

    pub(super) fn behave(&mut self, behaviour: Behaviour) {
        self.state += 1;
        self.behaviour = behaviour;
    }

    pub(super) fn behaviour(&self) -> Behaviour {
        self.behaviour
    }

    pub(super) fn state(&self) -> u64 {
        self.state
    }

    /// Returns the news of a workspace, or of all.
    pub(super) fn since(&self, state: u64, workspace: Option<&str>) -> News {
        let requests = self.requests.iter().filter(|request| request.state > state);
        let requests = requests.filter(|request| workspace.is_none_or(|workspace| request.workspace == workspace));
        News { behaviour: self.behaviour, requests: requests.cloned().collect(), last: self.state }
    }
}

/// Returns headers by name; several with the same name are joined (RFC 9110, section 5.3).
fn shown(headers: &HeaderMap) -> BTreeMap<String, String> {
    let values = |name| {
        let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        values.collect::<Vec<_>>().join(", ")
    };
    headers.keys().map(|name| (name.to_string(), values(name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn came(log: &mut Log, target: &'static str) -> u64 {
        log.note(&Method::GET, &Uri::from_static(target), &HeaderMap::new(), Timestamp::UNIX_EPOCH)
    }

    fn since(log: &Log, state: u64) -> Value {
        serde_json::to_value(log.since(state, None)).unwrap()
    }

    #[test]
    fn a_workspace_sees_and_clears_its_own_requests() {
        let mut log = Log::default();
        for target in ["/a", "/a?workspace=acme", "/a?workspace=a%20b%2Fc", "/a?workspace=default"] {
            came(&mut log, target);
        }
        let numbers = |log: &Log, workspace| {
            let requests = log.since(0, workspace).requests;
            requests.iter().map(|request| request.number).collect::<Vec<_>>()
        };
        assert_eq!(numbers(&log, Some("default")), [1, 4]);
        assert_eq!(numbers(&log, Some("acme")), [2]);
        assert_eq!(numbers(&log, Some("a b/c")), [3]);
        log.clear(Some("default"));
        assert_eq!(numbers(&log, None), [2, 3]);
    }

    #[test]
    fn a_request_is_shown_as_it_was_sent_and_with_its_parameters_decoded() {
        let mut log = Log::default();
        let mut headers = HeaderMap::new();
        headers.append("accept", "a".parse().unwrap());
        headers.append("accept", "b".parse().unwrap());
        let target = "/local/receiver/a%20b?token=abc&instanceID=4711&processName=Order%20intake%2B&eventType=created";
        log.note(&Method::GET, &Uri::from_static(target), &headers, Timestamp::UNIX_EPOCH);
        let expected = json!({"number": 1, "at": "1970-01-01T00:00:00Z", "method": "GET", "path": "/local/receiver/a%20b",
            "query": "token=abc&instanceID=4711&processName=Order%20intake%2B&eventType=created",
            "instanceID": "4711", "processName": "Order intake+", "eventType": "created",
            "headers": {"accept": "a, b"}, "outcome": "waiting", "status": null, "afterMs": null});
        assert_eq!(since(&log, 0)["requests"], json!([expected]));
    }

    #[test]
    fn a_reader_gets_what_is_new_to_them() {
        let mut log = Log::default();
        let (first, second) = (came(&mut log, "/a"), came(&mut log, "/b"));
        let seen = log.state();
        assert_eq!(since(&log, seen)["requests"], json!([]));
        log.end(first, Some(200), 7);
        let news = since(&log, seen);
        assert_eq!(news["requests"].as_array().unwrap().len(), 1, "{news}");
        assert_eq!(news["requests"][0]["path"], "/a");
        assert_eq!(news["requests"][0]["outcome"], "answered");
        assert_eq!((&news["requests"][0]["status"], &news["requests"][0]["afterMs"]), (&json!(200), &json!(7)));
        let seen = news["last"].as_u64().unwrap();
        log.end(second, None, 9);
        assert_eq!(since(&log, seen)["requests"][0]["outcome"], "hung-up");
        let seen = log.state();
        log.behave(Behaviour::Hang);
        assert!(log.state() > seen, "who waits for news hears of another behaviour");
        assert_eq!(since(&log, seen)["behaviour"], json!({"answer": "hang"}));
    }

    #[test]
    fn the_oldest_are_forgotten_and_their_end_is_no_news_then() {
        let mut log = Log::default();
        let first = came(&mut log, "/a");
        for _ in 0..KEPT {
            came(&mut log, "/b");
        }
        log.end(first, Some(200), 1);
        let news = since(&log, 0);
        let numbers: Vec<_> = news["requests"].as_array().unwrap().iter().map(|it| it["number"].as_u64()).collect();
        assert_eq!((numbers.len(), numbers[0], numbers[KEPT - 1]), (KEPT, Some(2), Some(501)));
        log.clear(None);
        assert_eq!(since(&log, 0)["requests"], json!([]));
        assert_eq!(came(&mut log, "/c"), 502, "numbers go on");
    }
}
