use super::*;

#[tokio::test]
async fn a_2xx_is_a_success_and_the_beginning_of_its_body_is_kept() {
    let receiver = answering(b"HTTP/1.1 201 Created\r\ncontent-length: 3\r\n\r\nyes").await;
    assert_eq!(shown(&attempt(receiver).await), (Some(201), None, "yes"));
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let (target, called) = receiver(|_| async {}).await;
    let answer = format!("HTTP/1.1 307 X\r\nlocation: http://{target}/\r\ncontent-length: 0\r\n\r\n").leak();
    let attempt = attempt(answering(answer.as_bytes()).await).await;
    let failure = (Reason::Redirect, "answered 307 Temporary Redirect; redirects are not followed");
    assert_eq!(shown(&attempt), (Some(307), Some(failure), ""));
    assert_eq!(called.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_a_timeout_that_says_it_was_connected() {
    let begun = Instant::now();
    let attempt = attempt(answering(b"").await).await;
    assert_eq!(shown(&attempt).1, Some((Reason::Timeout, "connected, but no answer within 400ms")));
    assert!(begun.elapsed() >= TIMEOUT && attempt.latency >= TIMEOUT);
}

#[tokio::test]
async fn headers_that_drip_are_a_timeout() {
    let drip = |mut stream: TcpStream| async move {
        request_on(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await.unwrap();
        while stream.write_all(b"x: y\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let (address, _) = receiver(drip).await;
    assert_eq!(shown(&attempt(address).await).1.unwrap().0, Reason::Timeout);
}

#[tokio::test]
async fn a_body_that_drips_is_cut_off_within_the_same_time_and_the_headers_have_decided() {
    let drip = |mut stream: TcpStream| async move {
        request_on(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await.unwrap();
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let (address, _) = receiver(drip).await;
    let begun = Instant::now();
    let attempt = attempt(address).await;
    assert!(attempt.is_success() && attempt.body.starts_with('x'), "{attempt:?}");
    assert!(attempt.latency < TIMEOUT && begun.elapsed() < 4 * TIMEOUT, "{attempt:?}");
}

#[tokio::test]
async fn of_an_endless_body_no_more_than_4_kib_are_read() {
    let sent = Arc::new(AtomicUsize::new(0));
    let count = sent.clone();
    let pour = move |mut stream: TcpStream| {
        let count = count.clone();
        async move {
            request_on(&mut stream).await;
            stream.write_all(b"HTTP/1.1 500 X\r\ncontent-length: 1073741824\r\n\r\n").await.unwrap();
            while let Ok(n) = stream.write(&[b'x'; 4096]).await {
                count.fetch_add(n, Ordering::SeqCst);
            }
        }
    };
    let (address, _) = receiver(pour).await;
    let begun = Instant::now();
    let attempt = attempt(address).await;
    assert_eq!((attempt.body.len(), attempt.status), (MAX_BODY_BYTES, Some(500)));
    assert!(begun.elapsed() < TIMEOUT, "it does not wait for the rest");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(sent.load(Ordering::SeqCst) < 64 * 1024 * 1024, "the connection is closed, not drained");
}

#[tokio::test]
async fn each_way_of_not_answering_has_its_reason() {
    let reason = async |address| shown(&attempt(address).await).1.map(|(reason, detail)| (reason, detail.to_owned()));
    let reset = |mut stream: TcpStream| async move {
        request_on(&mut stream).await;
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    };
    let close = |mut stream: TcpStream| async move { request_on(&mut stream).await };
    let (resetting, resets) = receiver(reset).await;
    let (closing, closes) = receiver(close).await;
    assert_eq!(reason(resetting).await.unwrap().0, Reason::ConnectionReset);
    assert_eq!(reason(closing).await.unwrap().0, Reason::ConnectionClosed);
    assert_eq!((resets.load(Ordering::SeqCst), closes.load(Ordering::SeqCst)), (1, 1), "the client never repeats");

    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(reason(closed).await.unwrap().0, Reason::ConnectionRefused);
    assert_eq!(reason(answering(b"SSH-2.0-OpenSSH_9.2\r\n").await).await.unwrap().0, Reason::InvalidResponse);

    // The system's resolver takes its time on a busy machine.
    let patient = Sender::new(SenderSettings { timeout: Duration::from_secs(10), ..settings() }).unwrap();
    let unknown = patient.attempt(acme(), get("http://does-not-exist.invalid/")).await;
    assert_eq!(shown(&unknown).1.unwrap().0, Reason::DnsFailure);
    let plain = answering(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    let tls = patient.attempt(acme(), get(&format!("https://{plain}/?token=secret"))).await;
    assert_eq!(shown(&tls).1.unwrap().0, Reason::TlsFailure);
}

#[tokio::test]
async fn a_reason_never_contains_the_url() {
    let plain = answering(b"nonsense\r\n\r\n").await;
    for url in [
        "http://does-not-exist.invalid/?token=secret".to_owned(),
        format!("http://{plain}/?token=secret"),
        format!("https://{plain}/?token=secret"),
        "http://127.0.0.1:1/?token=secret".to_owned(),
    ] {
        let attempt = sender().attempt(acme(), get(&url)).await;
        assert!(!format!("{attempt:?}").contains("secret"), "{attempt:?}");
    }
}

#[tokio::test]
async fn connections_are_reused() {
    let respond = |mut stream: TcpStream| async move {
        while stream.read(&mut [0; 4096]).await.unwrap_or(0) > 0 {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
        }
    };
    let (address, connections) = receiver(respond).await;
    let sender = sender();
    for _ in 0..20 {
        assert!(sender.attempt(acme(), get(&format!("http://{address}/"))).await.is_success());
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}
