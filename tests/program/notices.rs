//! What people are told about endpoints: on one machine in the log.

use reqwest::Method;
use serde_json::json;

use crate::engine::Engine;
use crate::receiver::{Behaviour, Receiver};
use crate::system::System;

const FAILED: &str = "Endpoint deliveries failed";

#[tokio::test]
async fn deliveries_that_failed_are_told_at_once_and_then_not_for_an_hour() {
    let choosy = Receiver::deciding(|request| match request.process().as_str() {
        "Rejected" => Behaviour::status(422),
        _ => Behaviour::ok(),
    })
    .await;
    let url = choosy.url("/");
    let settings = [("DEFERRED_EXPIRY_S", "1"), ("RETRY_DELAY_MS", "600")];
    let system = System::start_with(Engine::Embedded, &settings).await;
    system.call_back("default", std::slice::from_ref(&url)).await;
    let path = system.endpoint_path(&url).await;
    let (status, body) = system.call(Method::PATCH, &path, Some(&json!({"name": "Billing"}))).await;
    assert_eq!(status, 200, "{body}");

    let writer = system.writer();
    // The drain of a later delivery would tell what the earlier ones have left.
    for instance in ["a", "b", "c"] {
        writer.put(instance, "Rejected").await;
        system.until_any_delivery(&url, |it| it.instance == instance && it.status == "failed").await;
        system.program.until_logged("the first failure", |log| log.contains(FAILED)).await;
    }

    let log = system.program.log();
    let told: Vec<_> = log.lines().filter(|line| line.contains(FAILED)).collect();
    let [line] = told[..] else { panic!("{told:#?}") };
    let endpoint = body["endpointID"].as_str().expect("an id");
    let link = format!("{}/workspaces/default/endpoints/{endpoint}", system.program.api);
    assert!(line.contains("failed_deliveries") && line.contains("Billing") && line.contains(&link), "{line}");
}
