//! Callbacks that are rejected because they must not be called.

use std::net::{IpAddr, UdpSocket};
use std::sync::Arc;

use axum::Router;
use tokio::time::timeout;
use webhooks_engine::sender::{Lookup, Sender, SenderSettings};
use webhooks_model::address::OutboundPolicy;

use super::support::patience::PATIENCE;
use super::{call, put, router, state_with, support};

const ALL: &str = "/v1/workspaces/default/callbacks";

/// Returns the API of a deployment that allows no private network.
async fn api_of_a_cloud(policy: OutboundPolicy) -> Router {
    let lookup = |name: &str| match name {
        "public.example" => Ok(addresses(&["1.1.1.1", "2606:4700::1111"])),
        "internal.example" => Ok(addresses(&["10.11.12.13"])),
        "mixed.example" => Ok(addresses(&["1.1.1.1", "::ffff:169.254.169.254"])),
        _ => Err(std::io::Error::other("no such name")),
    };
    router(state_with(&support::engine().await, policy, lookup).0)
}

fn addresses(addresses: &[&str]) -> Vec<IpAddr> {
    addresses.iter().map(|address| address.parse().unwrap()).collect()
}

fn created(urls: &[&str]) -> String {
    serde_json::json!({"created": {"enabled": true, "urls": urls}}).to_string()
}

#[tokio::test]
async fn every_spelling_of_an_address_that_may_not_be_called_is_refused() {
    let api = api_of_a_cloud(OutboundPolicy::default()).await;
    let (mut refused, mut by_address) = (0, 0);
    for line in support::refused_urls() {
        let (expected, url) = line.split_once(' ').unwrap();
        let url = url.replace("PORT", "8080");
        let answer = put(&api, ALL, created(&[&url])).await;
        let expected = format!("\"type\": \"urn:instance-webhooks:problem:{expected}\"");
        assert!(answer.starts_with("422") && answer.contains(&expected), "{line}: {answer}");
        refused += 1;
        by_address += usize::from(line.starts_with("address-not-allowed"));
    }
    assert!(call(&api, &format!("GET {ALL}")).await.contains(r#""version": 0"#), "nothing of all that was kept");
    assert!(by_address >= 60);
    println!("{refused} spellings refused when configured, {by_address} of them by their address");
}

#[tokio::test]
async fn a_refusal_names_every_line_and_neither_the_url_nor_the_address_of_a_name() {
    let api = api_of_a_cloud(OutboundPolicy::default()).await;
    let body = serde_json::json!({
        "created": {"enabled": true, "urls":
            "https://public.example/?token=secret\n\nhttps://Internal.example/?token=secret\nhttp://0x7f.1/?token=secret"},
        "deleted": {"enabled": false, "urls":
            ["nonsense", "https://mixed.example/?token=secret", "https://unknown.example/"]},
    });
    let answer = put(&api, ALL, body.to_string()).await;
    insta::assert_snapshot!(answer, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "nothing was changed: created, line 3: the host name leads to an address that may not be called: private use; use a host on the internet, or have the operator allow its network (ALLOWED_NETWORKS); created, line 4: the host's address may not be called: loopback (RFC 1122, section 3.2.1.3); use one on the internet, or have the operator allow its network (ALLOWED_NETWORKS); deleted, line 1: a callback URL begins with http:// or https://; deleted, line 2: the host name leads to an address that may not be called: a cloud's metadata service; use a host on the internet, or have the operator allow its network (ALLOWED_NETWORKS)",
      "errors": [
        {
          "detail": "created, line 3: the host name leads to an address that may not be called: private use; use a host on the internet, or have the operator allow its network (ALLOWED_NETWORKS)",
          "eventType": "created",
          "line": 3,
          "type": "urn:instance-webhooks:problem:address-not-allowed"
        },
        {
          "detail": "created, line 4: the host's address may not be called: loopback (RFC 1122, section 3.2.1.3); use one on the internet, or have the operator allow its network (ALLOWED_NETWORKS)",
          "eventType": "created",
          "line": 4,
          "type": "urn:instance-webhooks:problem:address-not-allowed"
        },
        {
          "detail": "deleted, line 1: a callback URL begins with http:// or https://",
          "eventType": "deleted",
          "line": 1,
          "type": "urn:instance-webhooks:problem:unsupported-scheme"
        },
        {
          "detail": "deleted, line 2: the host name leads to an address that may not be called: a cloud's metadata service; use a host on the internet, or have the operator allow its network (ALLOWED_NETWORKS)",
          "eventType": "deleted",
          "line": 2,
          "type": "urn:instance-webhooks:problem:address-not-allowed"
        }
      ],
      "status": 422,
      "title": "Address not allowed",
      "type": "urn:instance-webhooks:problem:address-not-allowed"
    }
    "#);
    for hidden in ["secret", "10.11.12.13", "169.254", "example"] {
        assert!(!answer.contains(hidden), "{hidden}");
    }
    assert!(call(&api, &format!("GET {ALL}")).await.contains(r#""version": 0"#), "nothing of it was kept");
}

#[tokio::test]
async fn a_name_that_is_public_or_unknown_may_be_configured() {
    let api = api_of_a_cloud(OutboundPolicy::default()).await;
    let body = created(&["https://public.example/", "https://unknown.example/", "https://9.9.9.9/"]);
    assert!(put(&api, ALL, body).await.starts_with("200"));
    let one = r#"{"enabled": true, "urls": "https://internal.example/"}"#;
    assert!(put(&api, &format!("{ALL}/updated"), one).await.starts_with("422"), "one event type alone, too");
}

#[tokio::test]
async fn an_allowed_network_may_be_configured_and_a_metadata_service_in_it_may_not() {
    let policy =
        OutboundPolicy { allowed_networks: "10.0.0.0/8,169.254.0.0/16".parse().unwrap(), ..OutboundPolicy::default() };
    let api = api_of_a_cloud(policy).await;
    assert!(put(&api, ALL, created(&["https://internal.example/", "http://10.1/"])).await.starts_with("200"));
    for url in ["https://mixed.example/", "http://169.254.169.254/", "http://127.0.0.1/"] {
        assert!(put(&api, ALL, created(&[url])).await.starts_with("422"), "{url}");
    }
}

#[tokio::test]
async fn https_and_ports_can_be_required() {
    let policy =
        OutboundPolicy { https_only: true, allowed_ports: "443,8443".parse().unwrap(), ..OutboundPolicy::default() };
    let api = api_of_a_cloud(policy).await;
    let urls = ["http://public.example/", "https://public.example:8080/", "https://public.example:8443/"];
    insta::assert_snapshot!(put(&api, ALL, created(&urls)).await, @r#"
    422 Unprocessable Entity
    content-type: application/problem+json
    {
      "detail": "nothing was changed: created, line 1: only https may be called here (HTTPS_ONLY); use the receiver's https:// URL; created, line 2: port 8080 may not be called here; use one of 443, 8443, or have the operator allow it (ALLOWED_PORTS)",
      "errors": [
        {
          "detail": "created, line 1: only https may be called here (HTTPS_ONLY); use the receiver's https:// URL",
          "eventType": "created",
          "line": 1,
          "type": "urn:instance-webhooks:problem:https-required"
        },
        {
          "detail": "created, line 2: port 8080 may not be called here; use one of 443, 8443, or have the operator allow it (ALLOWED_PORTS)",
          "eventType": "created",
          "line": 2,
          "type": "urn:instance-webhooks:problem:port-not-allowed"
        }
      ],
      "status": 422,
      "title": "HTTPS required",
      "type": "urn:instance-webhooks:problem:https-required"
    }
    "#);
    assert!(put(&api, ALL, created(&urls[2..])).await.starts_with("200"));
}

#[tokio::test]
async fn names_that_are_not_resolved_in_time_do_not_hold_the_answer() {
    let (client, silent) = (support::engine().await, UdpSocket::bind("127.0.0.1:0").unwrap());
    let lookup = Lookup::NameServers(silent.local_addr().unwrap().to_string().parse().unwrap());
    // A lookup alone may take two fifths of that.
    let settings = SenderSettings { timeout: 10 * PATIENCE, lookup, ..SenderSettings::default() };
    let (mut state, _) = state_with(&client, OutboundPolicy::default(), |_| unreachable!("it asks the name server"));
    state.sender = Arc::new(Sender::new(settings).unwrap());
    let answer = timeout(PATIENCE, put(&router(state), ALL, created(&["https://slow.example/"]))).await;
    assert!(answer.expect("an answer before the lookup's").starts_with("200"));
}
