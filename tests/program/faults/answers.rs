//! The effect of a receiver's response on its delivery and on the endpoint's health, as the API shows them.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::engine::{Engine, on_both_engines};
use crate::receiver::{Behaviour, QUIET, Receiver, answer};
use crate::system::System;

on_both_engines!(each_answer_ends_in_its_state);

const SETTINGS: [(&str, &str); 2] = [("CALLBACK_TIMEOUT_MS", "4000"), ("BACKOFF_STEPS_S", "1,3600")];
const JUST_UNDER: Duration = Duration::from_millis(3200);
const JUST_OVER: Duration = Duration::from_millis(4800);

/// `Retry-After` of an overloaded receiver, in seconds.
const PATIENCE_S: i64 = 1200;

struct Case {
    name: &'static str,
    receiver: Receiver,
    /// The delivery's status, number of attempts, reason of the last one, and reason for giving up.
    delivery: (&'static str, usize, Option<&'static str>, Option<&'static str>),
    state: &'static str,
}

impl Case {
    async fn new(
        name: &'static str,
        behaviour: Behaviour,
        delivery: (&'static str, usize, Option<&'static str>, Option<&'static str>),
        state: &'static str,
    ) -> Self {
        Self { name, receiver: Receiver::new(behaviour).await, delivery, state }
    }

    /// Waits for the delivery, and checks what the API shows of it and of its endpoint.
    async fn check(&self, system: &System, url: &str) {
        let name = self.name;
        let (status, attempts, reason, give_up_reason) = self.delivery;
        let settled = |it: &crate::deliveries::Delivery| it.status == status && it.attempts.len() == attempts;
        system.until_delivery(url, settled).await;
        // The drain that recorded the delivery updates the endpoint's health a moment later.
        let step = attempts - 1;
        let endpoint = system
            .until_endpoint(url, |it| {
                it["health"]["state"] == self.state && (self.state != "failing" || it["health"]["failedProbes"] == step)
            })
            .await;
        let id = endpoint["endpointID"].as_str().expect("an id");
        let logged = system.logged(&format!("endpointID={id}")).await;
        let [delivery] = &logged[..] else { panic!("{name}: one delivery, not {logged:#?}") };
        let seen = ["status", "attemptCount", "lastReason", "giveUpReason"].map(|field| delivery[field].clone());
        assert_eq!(seen, [json!(status), json!(attempts), json!(reason), json!(give_up_reason)], "{name}: {delivery}");
        match name {
            "seconds" | "date" => {
                let asked = in_seconds(&endpoint["health"]["probeAt"]);
                assert!((PATIENCE_S - 60..=PATIENCE_S + 5).contains(&asked), "{name}: again in {asked} s");
            }
            "410" => {
                assert_eq!(endpoint["health"]["reason"], "gone", "{endpoint}");
                let failed = system.logged("status=failed").await;
                assert_eq!(failed.len(), 1, "it is listed: {failed:#?}");
            }
            _ if status == "pending" => {
                let due = in_seconds(&delivery["dueAt"]);
                assert!((3500..=3970).contains(&due), "{name}: again in {due} s");
            }
            _ => {}
        }
    }
}

async fn each_answer_ends_in_its_state(engine: Engine) {
    let date = (Timestamp::now() + Duration::from_secs(PATIENCE_S as u64)).strftime("%a, %d %b %Y %H:%M:%S GMT");
    let asks = |value: &str| Behaviour::Answer(answer(429, &format!("retry-after: {value}\r\n"), "later"));
    let taken = ("delivered", 1, None, None);
    // At once, after a second, and after the first backoff step: then it waits for the second step, an hour.
    let waits = |reason| ("pending", 4, Some(reason), None);
    let invalid = Behaviour::AnswerThenClose(b"220 mail.example ESMTP\r\n\r\n".to_vec());
    let cases = [
        Case::new("under", Behaviour::slow(JUST_UNDER), taken, "healthy").await,
        Case::new("over", Behaviour::slow(JUST_OVER), waits("timeout"), "healthy").await,
        Case::new("drip", Behaviour::drip_body(), taken, "healthy").await,
        Case::new("huge", Behaviour::huge_body(200), taken, "healthy").await,
        Case::new("seconds", asks(&PATIENCE_S.to_string()), ("pending", 1, Some("status"), None), "failing").await,
        Case::new("date", asks(&date.to_string()), ("pending", 1, Some("status"), None), "failing").await,
        Case::new("503", Behaviour::status(503), waits("status"), "healthy").await,
        Case::new("410", Behaviour::status(410), ("failed", 1, Some("status"), Some("endpoint-disabled")), "disabled")
            .await,
        Case::new("invalid", invalid, waits("invalid-response"), "healthy").await,
        Case::new("closes", Behaviour::Close, waits("connection-closed"), "healthy").await,
    ];
    let system = System::start_with(engine, &SETTINGS).await;
    let urls: Vec<_> = cases.iter().map(|case| case.receiver.url("/")).collect();
    system.call_back("default", &urls).await;

    system.writer().put("i-1", "Order").await;

    for (case, url) in cases.iter().zip(&urls) {
        case.check(&system, url).await;
    }
    tokio::time::sleep(QUIET).await;
    for case in &cases {
        assert_eq!(case.receiver.look(|log| log.requests.len()), case.delivery.1, "{}", case.name);
    }
    let observed: Vec<_> = cases.iter().zip(&urls).map(|(case, url)| (&case.receiver, url.as_str())).collect();
    system.check_history(&observed).await;
}

fn in_seconds(at: &Value) -> i64 {
    let at: Timestamp = at.as_str().expect("a time").parse().expect("a time");
    at.duration_since(Timestamp::now()).as_secs()
}
