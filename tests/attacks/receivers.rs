//! Hostile receivers of other workspaces, all at once, and the effect on a workspace beside them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::hostile::{self, Hostile, Hostility};
use crate::patience::PATIENCE;
use crate::program::{Launch, Program};
use crate::receiver::{Receiver, Request};

/// URLs of each kind of hostile receiver. Each is an endpoint with its own connections.
const URLS: usize = 6;

/// Events of the observed workspace.
const EVENTS: usize = 20;

/// The program with hostile workspaces.
struct Stage {
    program: Program,
    http: reqwest::Client,
    hostile: Vec<(Hostility, Hostile)>,
    _launch: Launch,
}

impl Stage {
    /// Creates one workspace for each kind, with this number of URLs.
    async fn beside(kinds: impl IntoIterator<Item = Hostility>, urls: usize) -> Self {
        let mut launch = Launch::new(None);
        launch.set("CALLBACK_TIMEOUT_MS", "3000");
        launch.set("PRIVATE_CA", hostile::certificate());
        let program = launch.start().await;
        _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
        let hostile = kinds.into_iter().map(|kind| (kind, Hostile::start(kind))).collect();
        let stage = Self { program, http, hostile, _launch: launch };
        for (kind, hostile) in &stage.hostile {
            stage.call_back(&workspace(*kind), hostile.urls(urls)).await;
        }
        stage
    }

    async fn call_back(&self, workspace: &str, urls: Vec<String>) {
        let off = json!({"enabled": false, "urls": []});
        let all = json!({"created": {"enabled": true, "urls": urls}, "updated": off, "deleted": off});
        let put = self.http.put(self.api(workspace, "callbacks")).json(&all).send().await.expect("an answer");
        assert_eq!(put.status(), 200, "{:?}", put.text().await);
    }

    async fn create(&self, workspace: &str, instance: &str) {
        let url = format!("{}/local/instances/{instance}", self.program.api);
        let put = self.http.put(url).json(&json!({"processName": "p", "workspaceID": workspace}));
        let status = put.send().await.expect("an answer").status();
        assert!(status.is_success(), "{status}");
    }

    fn api(&self, workspace: &str, path: &str) -> String {
        format!("{}/v1/workspaces/{workspace}/{path}", self.program.api)
    }

    /// Waits until every hostile receiver is at work.
    async fn under_attack(&self) {
        for (kind, hostile) in &self.hostile {
            self.create(&workspace(*kind), &format!("hostile-{kind:?}")).await;
            let connected = async {
                while hostile.connections() == 0 {
                    sleep(Duration::from_millis(5)).await;
                }
            };
            timeout(PATIENCE, connected).await.unwrap_or_else(|_| panic!("{kind:?} is called"));
        }
    }

    /// Returns the outcome of the latest attempt of each of the workspace's deliveries, once all of them have one.
    async fn outcomes(&self, workspace: &str, deliveries: usize) -> Vec<Option<String>> {
        let all_have_one = async {
            loop {
                let got = self.http.get(self.api(workspace, "deliveries?limit=100")).send().await.expect("an answer");
                let page: Value = got.json().await.expect("JSON");
                let items = page["deliveries"].as_array().unwrap_or_else(|| panic!("{page}"));
                let attempted = items.iter().filter(|item| item["attemptCount"].as_u64() > Some(0));
                let reasons: Vec<_> = attempted.map(|item| item["lastReason"].as_str().map(str::to_owned)).collect();
                if reasons.len() >= deliveries {
                    return reasons;
                }
                sleep(Duration::from_millis(100)).await;
            }
        };
        timeout(PATIENCE, all_have_one).await.unwrap_or_else(|_| panic!("{workspace}: every delivery is attempted"))
    }
}

fn workspace(kind: Hostility) -> String {
    format!("hostile-{kind:?}").to_lowercase()
}

/// Groups requests by instance: the numbers of their attempts.
fn by_instance(requests: &[Request]) -> BTreeMap<String, Vec<String>> {
    let mut seen = BTreeMap::<_, Vec<_>>::new();
    for request in requests {
        seen.entry(request.instance()).or_default().push(request.header("webhook-attempt").to_owned());
    }
    seen
}

/// Checks that each event of a workspace arrives once, at the first attempt, in the order of its instance, while
/// receivers of all these kinds are at work, and that their deliveries end with these outcomes.
async fn others_are_served_beside(kinds: &[(Hostility, Option<&str>)]) {
    let stage = Stage::beside(kinds.iter().map(|(kind, _)| *kind), URLS).await;
    let victim = Receiver::healthy().await;
    stage.call_back("victim", vec![victim.url("/hook")]).await;
    stage.under_attack().await;
    for event in 0..EVENTS {
        stage.create("victim", &format!("i{event:02}")).await;
    }
    let expected: BTreeMap<_, _> = (0..EVENTS).map(|event| (format!("i{event:02}"), vec!["1".to_owned()])).collect();
    assert_eq!(by_instance(&victim.arrived(EVENTS).await), expected);
    for (kind, reason) in kinds {
        let outcomes = stage.outcomes(&workspace(*kind), URLS).await;
        assert!(outcomes.iter().all(|it| it.as_deref() == *reason), "{kind:?}: {outcomes:?}");
    }
    assert_eq!(by_instance(&victim.exactly(EVENTS).await), expected, "nothing comes twice");
}

const INVALID: Option<&str> = Some("invalid-response");
const TIMEOUT: Option<&str> = Some("timeout");

#[tokio::test]
async fn http1_receivers_without_an_end_leave_others_served() {
    others_are_served_beside(&[
        (Hostility::Hang, TIMEOUT),
        (Hostility::Head, INVALID),
        (Hostility::Lines, INVALID),
        (Hostility::LargeHead, TIMEOUT),
        (Hostility::LargeAnswer, None),
        (Hostility::Interim, TIMEOUT),
        (Hostility::Body, None),
        (Hostility::RejectedBody, Some("status")),
        (Hostility::ChunkExtension, None),
        (Hostility::Trailers, None),
        (Hostility::Surplus, None),
    ])
    .await;
}

#[tokio::test]
async fn http2_receivers_without_an_end_leave_others_served() {
    others_are_served_beside(&[
        (Hostility::Http2Hang, TIMEOUT),
        (Hostility::Continuation, INVALID),
        (Hostility::Http2Interim, INVALID),
        (Hostility::Priority, INVALID),
        (Hostility::Ping, INVALID),
        (Hostility::Settings, INVALID),
        (Hostility::EmptyData, None),
        (Hostility::Data, None),
    ])
    .await;
}
