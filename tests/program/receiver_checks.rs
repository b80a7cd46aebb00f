//! Checks of the receivers themselves, on which the other tests depend.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::patience::PATIENCE;
use crate::receiver::{Behaviour, Gate, Receiver, Refusing, answer};

fn client() -> reqwest::Client {
    let none = reqwest::redirect::Policy::none();
    _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().redirect(none).timeout(PATIENCE).build().expect("an HTTP client")
}

async fn connect(receiver: &Receiver) -> TcpStream {
    let mut stream = TcpStream::connect(receiver.address()).await.expect("it listens");
    stream
        .write_all(b"GET /x?a=%2f&instanceID=i%201 HTTP/1.1\r\nHost: h\r\nwebhook-id: 7\r\n\r\n")
        .await
        .expect("sent");
    stream
}

/// Returns the bytes up to the connection's end, and the way it ended.
async fn read(stream: &mut TcpStream) -> (Vec<u8>, std::io::Result<usize>) {
    let mut bytes = Vec::new();
    let end = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the connection ends");
    (bytes, end)
}

#[tokio::test]
async fn a_receiver_records_what_was_on_the_wire() {
    let receiver = Receiver::healthy().await;
    let mut stream = connect(&receiver).await;
    let mut bytes = answer(200, "", "");
    stream.read_exact(&mut bytes).await.expect("an answer");
    assert_eq!(bytes, answer(200, "", ""));
    // the connection is kept
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.expect("sent");

    let requests = receiver.exactly(2).await;
    assert_eq!(requests[0].line(), "GET /x?a=%2f&instanceID=i%201 HTTP/1.1");
    assert_eq!((requests[0].instance().as_str(), requests[0].id()), ("i 1", "7"));
    assert_eq!((requests[0].connection, requests[1].connection), (0, 0));
    assert!(requests[0].answered_at.is_some());
}

#[tokio::test]
async fn receivers_answer_statuses_late_and_held() {
    let gate = Gate::closed();
    let receiver = Receiver::new(Behaviour::status(204)).await;
    assert_eq!(client().get(receiver.url("/")).send().await.expect("an answer").status(), 204);
    receiver.turn(Behaviour::Answer(answer(302, "location: /y\r\n", "")));
    let redirect = client().get(receiver.url("/")).send().await.expect("an answer");
    assert_eq!((redirect.status().as_u16(), &redirect.headers()["location"]), (302, &"/y".parse().expect("a value")));
    receiver.turn(Behaviour::Slow(Duration::from_millis(50), answer(200, "", "late")));
    assert_eq!(client().get(receiver.url("/")).send().await.expect("an answer").text().await.expect("a body"), "late");
    receiver.turn(Behaviour::Held(gate.clone(), answer(200, "", "held")));
    let held = tokio::spawn(client().get(receiver.url("/")).send());
    receiver.arrived(4).await;
    assert!(!held.is_finished());
    gate.open();
    assert_eq!(held.await.expect("no panic").expect("an answer").status(), 200);
}

#[tokio::test]
async fn receivers_hang_drip_and_flood_until_the_other_side_hangs_up() {
    for (behaviour, start) in [
        (Behaviour::Hang, ""),
        (Behaviour::drip_headers(), "HTTP/1.1 200 OK\r\nx-drip: xxx"),
        (Behaviour::drip_body(), "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nxxx"),
        (Behaviour::huge_body(200), "HTTP/1.1 200 Huge\r\ncontent-length: 1073741824\r\n\r\nxxx"),
    ] {
        let receiver = Receiver::new(behaviour).await;
        let mut stream = connect(&receiver).await;
        let mut bytes = vec![0; start.len()];
        stream.read_exact(&mut bytes).await.expect("it begins");
        assert_eq!(String::from_utf8_lossy(&bytes), start);
        assert!(receiver.log().hangups.is_empty());
        drop(stream);
        let log = receiver.until("hanging up", |log| log.hangups.len() == 1).await;
        assert_eq!(log.requests.len(), 1);
    }
}

#[tokio::test]
async fn receivers_reset_close_and_refuse() {
    let receiver = Receiver::new(Behaviour::Reset).await;
    let (bytes, end) = read(&mut connect(&receiver).await).await;
    let error = end.expect_err("a reset");
    assert_eq!((bytes.len(), error.kind()), (0, std::io::ErrorKind::ConnectionReset));

    receiver.turn(Behaviour::Close);
    let (bytes, end) = read(&mut connect(&receiver).await).await;
    assert!(bytes.is_empty() && end.is_ok(), "FIN, not RST");

    let refusing = Refusing::new();
    let error = client().get(refusing.url("/")).send().await.expect_err("no listener");
    assert!(error.is_connect(), "{error:?}");
}

#[tokio::test]
async fn a_tls_receiver_sees_that_it_is_not_trusted() {
    let receiver = Receiver::untrusted().await;
    // no TLS at all: the handshake fails as well
    let _ = read(&mut connect(&receiver).await).await;
    receiver.until("a failed handshake", |log| log.failed_handshakes == 1).await;
    assert!(receiver.requests().is_empty());

    let plain = Receiver::healthy().await;
    let mut stream = TcpStream::connect(plain.address()).await.expect("it listens");
    stream.write_all(b"\x16\x03\x01\x02\x00\x01").await.expect("sent");
    assert!(read(&mut stream).await.0.starts_with(b"HTTP/1.1 400 "));
    assert!(plain.requests().is_empty());
}
