//! Receivers whose names are never resolved: their name server does not respond.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::name_server::{NameServer, Reply};
use crate::patience::PATIENCE;
use crate::program::Launch;
use crate::victim::Victim;

/// Workspaces, each with as many names as an event type may have.
const ATTACKERS: usize = 2;
const NAMES: usize = 50;

fn workspace(number: usize) -> String {
    format!("attacker-{number}")
}

impl Victim {
    /// Configures callbacks to a workspace's names.
    async fn attack_with_names(&self, number: usize) {
        let urls: Vec<_> = (0..NAMES).map(|name| format!("http://{name}.{number}.silent.example/")).collect();
        let (on, off) = (json!({"enabled": true, "urls": urls}), json!({"enabled": false, "urls": []}));
        let all = json!({"created": on, "updated": off, "deleted": off});
        let path = format!("/v1/workspaces/{}/callbacks", workspace(number));
        let put = self.http.put(self.api(&path)).json(&all).send().await.expect("an answer");
        assert_eq!(put.status(), 200, "{:?}", put.text().await);
        let path = format!("/v1/workspaces/{}/signing-secret/rotate", workspace(number));
        assert_eq!(self.http.post(self.api(&path)).send().await.expect("an answer").status(), 200);
    }

    /// Creates an instance of the attacker's: an event for each name.
    async fn attack_with_instance(&self, number: usize, instance: &str) {
        let wanted = json!({"processName": "p", "workspaceID": workspace(number)});
        let path = format!("/local/instances/{}-{instance}", workspace(number));
        let put = self.http.put(self.api(&path)).json(&wanted).send().await.expect("an answer");
        assert!(put.status().is_success(), "{}", put.status());
    }

    async fn deliveries(&self, workspace: &str) -> Value {
        let path = format!("/v1/workspaces/{workspace}/deliveries");
        self.http.get(self.api(&path)).send().await.expect("an answer").json().await.expect("JSON")
    }
}

#[tokio::test]
async fn a_hundred_lookups_that_hang_leave_others_served() {
    let server = NameServer::start(|question| match question.name.ends_with("silent.example") {
        true => Reply::Silence,
        false => Reply::addresses(["127.0.0.1"]),
    })
    .await;
    let mut launch = Launch::new(None);
    launch.set("NAME_SERVERS", &server.address.to_string());
    // A lookup gets 24 of 60 seconds.
    launch.set("CALLBACK_TIMEOUT_MS", "60000");
    let mut victim = Victim::start_by(launch, "victim.example").await;
    join_all((0..ATTACKERS).map(|number| victim.attack_with_names(number))).await;
    let asked = server.asked().len();
    join_all((0..ATTACKERS).map(|number| victim.attack_with_instance(number, "i"))).await;
    // Until all are in progress.
    while server.asked().len() < asked + ATTACKERS * NAMES {
        sleep(std::time::Duration::from_millis(20)).await;
    }
    for number in 0..5 {
        victim.is_served(&format!("i{number}")).await;
    }
    let first_attempts = async || {
        let page = victim.deliveries("default").await;
        let deliveries = page["deliveries"].as_array().cloned().unwrap_or_default();
        let delivered = deliveries.iter().filter(|it| it["status"] == "delivered" && it["attemptCount"] == 1).count();
        (deliveries.len(), delivered, page)
    };
    let (mut all, mut delivered, mut page) = first_attempts().await;
    let until = Instant::now() + PATIENCE;
    // A delivery that has arrived may not be recorded yet.
    while delivered < 5 && Instant::now() < until {
        sleep(std::time::Duration::from_millis(100)).await;
        (all, delivered, page) = first_attempts().await;
    }
    assert_eq!((all, delivered), (5, 5), "{page}");
    let log = victim.deliveries(&workspace(0)).await;
    assert!(!log["deliveries"].as_array().expect("a list").is_empty(), "{log}");
}
