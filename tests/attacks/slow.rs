//! Callers that send half of a request and wait, or do not read the response.

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::victim::Victim;

/// Number of connections, more than the program allows.
const ATTACKERS: usize = 300;

async fn attack(address: &str, half: &str) -> Vec<TcpStream> {
    let address = address.trim_start_matches("http://");
    let mut open = Vec::new();
    for _ in 0..ATTACKERS {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        // Connections that made room for others are closed.
        _ = stream.write_all(half.as_bytes()).await;
        open.push(stream);
    }
    open
}

#[tokio::test]
async fn half_sent_heads_at_both_ports_leave_others_served() {
    let mut victim = Victim::start().await;
    let half = "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Half: ";
    let _api = attack(&victim.program.api, half).await;
    victim.is_served("i1").await;
    let _dynamodb = attack(&victim.program.dynamodb, half).await;
    victim.is_served("i2").await;
}

#[tokio::test]
async fn half_sent_bodies_at_both_ports_leave_others_served() {
    let mut victim = Victim::start().await;
    let head = "Host: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{";
    let path = "/v1/workspaces/default/callbacks";
    let _api = attack(&victim.program.api, &format!("PUT {path} HTTP/1.1\r\n{head}")).await;
    victim.is_served("i1").await;
    let _dynamodb = attack(&victim.program.dynamodb, &format!("POST / HTTP/1.1\r\n{head}")).await;
    victim.is_served("i2").await;
}

#[tokio::test]
async fn callers_of_a_receiver_that_hangs_leave_others_served() {
    let mut victim = Victim::start().await;
    let hang = serde_json::json!({"answer": "hang"});
    let told = victim.http.put(victim.api("/local/receiver-behaviour")).json(&hang).send().await.expect("an answer");
    assert_eq!(told.status(), 200, "{:?}", told.text().await);
    let _hanging = attack(&victim.program.api, "GET /local/receiver/a HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    victim.is_served("i1").await;
}
