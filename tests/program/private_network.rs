//! Receivers in a private network: a network namespace of this machine, reached by a pair of virtual interfaces.

use std::fs::File;
use std::process::{Child, Command, Stdio};

use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant, sleep};

use crate::engine::Engine;
use crate::patience::PATIENCE;
use crate::system::System;

const PORT: u16 = 8080;

/// A network namespace with a receiver that responds 200.
struct PrivateNetwork {
    name: String,
    /// First three numbers of its addresses.
    prefix: String,
    folder: TempDir,
    receiver: Option<Child>,
}

impl PrivateNetwork {
    async fn create() -> Self {
        let (name, id) = (format!("iw{}", std::process::id()), std::process::id() % 250);
        let folder = TempDir::new().expect("a temporary directory");
        let mut network = Self { name, prefix: format!("10.213.{id}"), folder, receiver: None };
        let (name, prefix) = (network.name.clone(), network.prefix.clone());
        ip(&format!("netns add {name}"));
        ip(&format!("link add {name}h type veth peer name {name}p"));
        ip(&format!("link set {name}p netns {name}"));
        ip(&format!("addr add {prefix}.1/30 dev {name}h"));
        ip(&format!("link set {name}h up"));
        ip(&format!("-n {name} addr add {prefix}.2/30 dev {name}p"));
        ip(&format!("-n {name} link set {name}p up"));
        network.receive().await;
        network
    }

    /// Starts the receiver, and waits until it listens.
    async fn receive(&mut self) {
        let served = self.folder.path().join("served");
        std::fs::create_dir(&served).expect("a folder to serve");
        let log = File::create(self.log()).expect("a log");
        let address = format!("{}.2", self.prefix);
        self.receiver = Some(
            Command::new("ip")
                .args(["netns", "exec", &self.name, "python3", "-u", "-m", "http.server"])
                .args(["--bind", &address, "--directory"])
                .arg(served)
                .arg(PORT.to_string())
                .stdin(Stdio::null())
                .stdout(log.try_clone().expect("a second handle of the log"))
                .stderr(log)
                .spawn()
                .expect("a receiver in the network"),
        );
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect((&*address, PORT)).await.is_err() {
            assert!(Instant::now() < until, "the receiver does not listen: {}", self.requests());
            sleep(Duration::from_millis(20)).await;
        }
    }

    fn log(&self) -> std::path::PathBuf {
        self.folder.path().join("log")
    }

    /// Returns the receiver's log.
    fn requests(&self) -> String {
        std::fs::read_to_string(self.log()).expect("the log")
    }

    fn url(&self) -> String {
        format!("http://{}.2:{PORT}/", self.prefix)
    }

    fn cidr(&self) -> String {
        format!("{}.0/30", self.prefix)
    }
}

impl Drop for PrivateNetwork {
    fn drop(&mut self) {
        if let Some(mut receiver) = self.receiver.take() {
            drop(receiver.kill());
            drop(receiver.wait());
        }
        // With it go both interfaces.
        drop(Command::new("ip").args(["netns", "del", &self.name]).status());
    }
}

fn ip(arguments: &str) {
    let ran = Command::new("ip").args(arguments.split(' ')).output();
    let ran = ran.expect("`ip` of iproute2 makes the private network; install it");
    let error = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "ip {arguments}: {error}; a network namespace needs root");
}

#[tokio::test]
async fn a_receiver_in_a_private_network_is_called_only_where_it_is_allowed() {
    let network = PrivateNetwork::create().await;
    let (url, allowed) = (network.url(), network.cidr());

    let body = json!({"created": {"enabled": true, "urls": [&url]}});
    let system = System::start(Engine::Embedded).await;
    let (status, problem) = system.call(Method::PUT, "/callbacks", Some(&body)).await;
    assert_eq!((status, problem["type"].as_str()), (422, Some("urn:instance-webhooks:problem:address-not-allowed")));
    drop(system);

    let mut system = System::start_with(Engine::Embedded, &[("ALLOWED_NETWORKS", &allowed)]).await;
    system.call_back("default", std::slice::from_ref(&url)).await;
    system.writer().put("i-1", "Order").await;
    let delivery = system.until_delivery(&url, |delivery| !delivery.attempts.is_empty()).await;
    assert_eq!((delivery.attempts[0].status, delivery.attempts[0].reason.as_deref()), (Some(200), None));
    assert!(network.requests().contains("instanceID=i-1"), "{}", network.requests());
    system.program.kill().await;

    // A tighter setting holds for what is configured, too.
    system.set("ALLOWED_NETWORKS", "");
    system.start_again().await;
    system.writer().put("i-2", "Order").await;
    let rejected = |reason: Option<&str>| reason == Some("address-not-allowed");
    let delivery = system
        .until_any_delivery(&url, |delivery| delivery.attempts.iter().any(|it| rejected(it.reason.as_deref())))
        .await;
    assert_eq!(delivery.instance, "i-2");
    assert!(!network.requests().contains("instanceID=i-2"), "{}", network.requests());
}
