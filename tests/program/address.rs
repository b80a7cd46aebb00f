//! The URLs that are allowed as callbacks.

use reqwest::Method;
use serde_json::{Value, json};

use crate::engine::Engine;
use crate::receiver::Receiver;
use crate::system::System;

/// Configures callbacks with this URL; returns the API's status and problem.
async fn configure(system: &System, url: &str) -> (u16, String) {
    let body = json!({"created": {"enabled": true, "urls": [url]}});
    let (status, answer) = system.call(Method::PUT, "/callbacks", Some(&body)).await;
    (
        status,
        answer["type"].as_str().unwrap_or_default().trim_start_matches("urn:instance-webhooks:problem:").to_owned(),
    )
}

#[tokio::test]
async fn the_machine_itself_may_be_called_and_its_network_only_where_it_is_allowed() {
    let system = System::start(Engine::Embedded).await;
    for url in ["http://127.0.0.1:1/", "http://[::1]:1/", "http://localhost:1/", "https://1.1.1.1/"] {
        assert_eq!(configure(&system, url).await.0, 200, "{url}");
    }
    for url in ["http://10.1.2.3/", "http://169.254.169.254/", "http://[::ffff:10.1.2.3]/", "http://0xa010203/"] {
        assert_eq!(configure(&system, url).await, (422, "address-not-allowed".to_owned()), "{url}");
    }

    let system = System::start_with(Engine::Embedded, &[("ALLOWED_NETWORKS", "10.0.0.0/8")]).await;
    for url in ["http://127.0.0.1:1/", "http://10.1.2.3/", "http://0xa010203/"] {
        assert_eq!(configure(&system, url).await.0, 200, "{url}");
    }
}

#[tokio::test]
async fn what_may_no_longer_be_called_is_not_and_says_so() {
    let receiver = Receiver::healthy().await;
    let mut system = System::start(Engine::Embedded).await;
    system.call_back("default", &[receiver.url("/hook?token=secret")]).await;
    system.program.kill().await;

    system.set("HTTPS_ONLY", "true");
    system.start_again().await;
    system.writer().put("i-1", "Order").await;

    let url = receiver.url("/hook?token=secret");
    let delivery = system.until_delivery(&url, |delivery| !delivery.attempts.is_empty()).await;
    let attempt = &delivery.attempts[0];
    assert_eq!((attempt.reason.as_deref(), attempt.status), (Some("address-not-allowed"), None));
    let detail = attempt.detail.as_deref().unwrap_or_default();
    assert_eq!(detail, "only https may be called here (HTTPS_ONLY); use the receiver's https:// URL");
    assert_eq!(receiver.log().connections, 0);

    // The dialog can still be used: the problem names the line to remove.
    assert_eq!(configure(&system, &url).await, (422, "https-required".to_owned()));
    let (status, callbacks) = system.call(Method::GET, "/callbacks", None).await;
    assert_eq!((status, &callbacks["created"]["urls"][0]), (200, &Value::from(url)));
}

#[tokio::test]
async fn a_proxy_in_the_environment_is_not_used() {
    let (receiver, proxy) = (Receiver::healthy().await, Receiver::healthy().await);
    let address = proxy.url("");
    let settings = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
        .map(|variable| (variable, address.as_str()));
    let system = System::start_with(Engine::Embedded, &settings).await;
    system.call_back("default", &[receiver.url("/hook")]).await;
    system.writer().put("i-1", "Order").await;
    receiver.exactly(1).await;
    assert_eq!(proxy.log().connections, 0);
}

#[tokio::test]
async fn a_private_ca_is_trusted_although_its_line_breaks_are_lost() {
    let (receiver, certificate) = Receiver::with_certificate().await;
    let setting = certificate.lines().collect::<Vec<_>>().join(" ");
    let system = System::start_with(Engine::Embedded, &[("PRIVATE_CA", &setting)]).await;
    system.call_back("default", &[receiver.url("/hook")]).await;
    system.writer().put("i-1", "Order").await;
    receiver.exactly(1).await;
}
