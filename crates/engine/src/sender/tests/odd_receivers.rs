//! Unusual receivers that other clients accept.

use super::*;

#[tokio::test]
async fn odd_header_lines_are_no_failure() {
    let many: String = (0..150).map(|n| format!("x-{n}: y\r\n")).collect();
    for odd in [
        "Server : x\r\n",
        "x-folded: one\r\n two\r\n",
        "a line without a colon\r\n",
        "set-cookie: a=\x01b\r\n",
        "x y: z\r\n",
        "x-latin: \u{fc}\r\n",
        &many,
    ] {
        let attempt = attempt(answering(answer(200, odd, "ok")).await.address()).await;
        assert_eq!(shown(&attempt), (Some(200), None, "ok"), "{odd:?}");
    }
}

#[tokio::test]
async fn informational_answers_before_the_answer_are_passed_over() {
    let response = b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    assert_eq!(shown(&attempt(answering(response).await.address()).await), (Some(200), None, "ok"));
}

#[tokio::test]
async fn what_is_compressed_stays_as_it_came() {
    let response = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\nok";
    assert_eq!(shown(&attempt(answering(response).await.address()).await), (Some(200), None, "ok"));
}

/// Fills the queue of a port, so that further connections are dropped.
#[cfg(target_os = "linux")]
fn swallowing(address: SocketAddr) -> Vec<socket2::Socket> {
    use socket2::{Domain, Socket, Type};
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&address.into()).unwrap();
    listener.listen(0).unwrap();
    let mut sockets = vec![listener];
    for _ in 0..4 {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_nonblocking(true).unwrap();
        _ = socket.connect(&address.into());
        sockets.push(socket);
    }
    sockets
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_first_address_that_is_dead_leaves_time_for_the_second() {
    let receiver = answering(answer(200, "", "ok")).await;
    let address = receiver.address();
    let _swallowing = swallowing(SocketAddr::from(([127, 0, 0, 2], address.port())));
    let lookup = Lookup::Given(Arc::new(|_: &str| Ok(["127.0.0.2", "127.0.0.1"].map(|it| it.parse().unwrap()).into())));
    let settings = SenderSettings { timeout: Duration::from_secs(2), lookup, ..settings() };
    let attempt = Sender::new(settings)
        .unwrap()
        .attempt(acme(), Beside::Others, get(&format!("http://two.example:{}/", address.port())))
        .await;
    assert_eq!(shown(&attempt), (Some(200), None, "ok"));
    assert!(attempt.latency > Duration::from_millis(500), "the first one was tried: {attempt:?}");

    let alone = sender().attempt(acme(), Beside::Others, get(&format!("http://127.0.0.2:{}/", address.port()))).await;
    assert_eq!(shown(&alone).1, Some((Reason::Timeout, "no connection within 320ms")));
}

#[tokio::test]
async fn what_the_api_returns_is_what_is_on_the_wire() {
    use webhooks_model::callback_url::CallbackUrl;

    let echo = Receiver::deciding(|request| Behaviour::Answer(answer(200, "", request.line()))).await;
    let address = echo.address();
    for own in ["", "?", "/a/../b//c/./d", "/'?x='&&y={z}[]=1|^#f", "/%7e%2F{}|^?%zz", "/%2e%2e/x?a?b", "#only"] {
        let url = CallbackUrl::try_from(format!("HTTP://{address}{own}")).unwrap();
        let attempt = sender().attempt(acme(), Beside::Others, get(url.as_str())).await;
        assert_eq!(attempt.body, format!("GET {} HTTP/1.1", url.path_and_query()), "{own}");
    }
}
