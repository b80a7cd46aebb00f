//! The request in a delivery's response: byte for byte the one that the receiver got.

use serde_json::Value;

use super::support::harness::Harness;
use super::support::receiver::{Behaviour, Receiver, Request};
use super::{api_on, json};

const ALL: &str = "/v1/workspaces/default/deliveries";

/// Formats a request as text: method and URL, then one header per line, as in HTTP/1.1.
fn as_text(request: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut lines = vec![format!("{} {}", text(&request["method"]), text(&request["url"]))];
    let headers = request["headers"].as_array().unwrap();
    lines.extend(headers.iter().map(|header| format!("{}: {}", text(&header["name"]), text(&header["value"]))));
    lines.join("\n")
}

/// Formats a received request in the same way, without the headers that differ between attempts.
fn received(request: &Request, receiver: &Receiver) -> String {
    let own = ["host", "webhook-timestamp", "webhook-signature"];
    let headers = request.headers().filter(|(name, _)| !own.contains(name));
    let headers = headers.map(|(name, value)| format!("\n{name}: {value}"));
    std::iter::once(format!("GET {}", receiver.url(request.target()))).chain(headers).collect()
}

#[tokio::test]
async fn a_delivery_has_the_request_of_its_next_or_last_attempt() {
    let mut room = Harness::new().await;
    let api = api_on(&room.client);
    let receiver = Receiver::new(Behaviour::status(500)).await;
    let url = receiver.url("/a/../b?token=%2f'&&y={z}#fragment");
    room.configure("default", std::slice::from_ref(&url)).await;
    let record = room.record("INSERT", "i 1/ü&", "default");
    room.batch(&[record], super::support::harness::PLENTY).await;

    let id = json(&api, ALL).await["deliveries"][0]["deliveryID"].as_str().unwrap().to_owned();
    let delivery = async || json(&api, &format!("{ALL}/{id}")).await;
    let missed = delivery().await;
    assert_eq!(missed["status"], "pending");
    let next = as_text(&missed["request"]);
    insta::assert_snapshot!(next.replace(&receiver.address().to_string(), "<receiver>"), @r#"
    GET http://<receiver>/b?token=%2f%27&&y={z}&instanceID=i%201%2F%C3%BC%26&processName=000001&eventType=created
    user-agent: instance-webhooks/0.1.0
    accept: */*
    webhook-id: event-1
    webhook-attempt: 3
    webhook-changed-at: 2023-11-14T22:13:20Z
    "#);

    receiver.turn(Behaviour::status(200));
    room.wake(&url).await;
    assert_eq!(received(&receiver.requests()[2], &receiver), next, "what was announced is what came");
    let over = delivery().await;
    assert_eq!(over["status"], "delivered");
    assert_eq!(as_text(&over["request"]), next, "and it was the last attempt");
    let numbers: Vec<_> = over["attempts"].as_array().unwrap().iter().map(|attempt| &attempt["number"]).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(receiver.attempts(), [1, 2, 3], "as the receiver sees them");
}
