use webhooks_test_support::receiver::Refusing;

use super::*;

#[tokio::test]
async fn a_2xx_is_a_success_and_the_beginning_of_its_body_is_kept() {
    let receiver = answering(b"HTTP/1.1 201 Created\r\ncontent-length: 3\r\n\r\nyes").await;
    assert_eq!(shown(&attempt(receiver.address()).await), (Some(201), None, "yes"));
}

#[tokio::test]
async fn only_a_failed_attempt_keeps_the_headers() {
    let headers = "x-request-id: 7\r\nset-cookie: secret\r\n";
    let kept = async |status| attempt(answering(answer(status, headers, "")).await.address()).await.headers;
    assert_eq!(kept(200).await, "");
    assert_eq!(kept(500).await, "x-request-id: 7\ncontent-length: 0\n");
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let target = Receiver::healthy().await;
    let location = format!("location: {}\r\n", target.url("/"));
    let attempt = attempt(answering(answer(307, &location, "")).await.address()).await;
    let detail = format!("answered 307 Temporary Redirect to {}; redirects are not followed", target.url("/"));
    assert_eq!(shown(&attempt), (Some(307), Some((Reason::Redirect, &*detail)), ""));
    assert_eq!(target.log().connections, 0);
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_a_timeout_that_says_it_was_connected() {
    let begun = Instant::now();
    let attempt = attempt(Receiver::new(Behaviour::Hang).await.address()).await;
    assert_eq!(shown(&attempt).1, Some((Reason::Timeout, "connected, but no answer within 400ms")));
    assert!(begun.elapsed() >= TIMEOUT && attempt.latency >= TIMEOUT);
}

#[tokio::test]
async fn headers_that_drip_are_a_timeout() {
    let dripping = Receiver::new(Behaviour::drip_headers()).await;
    assert_eq!(shown(&attempt(dripping.address()).await).1.unwrap().0, Reason::Timeout);
}

#[tokio::test]
async fn a_body_that_drips_is_cut_off_within_the_same_time_and_the_headers_have_decided() {
    let dripping = Receiver::new(Behaviour::drip_body()).await;
    let begun = Instant::now();
    let attempt = attempt(dripping.address()).await;
    assert!(attempt.is_success() && attempt.body.starts_with('x'), "{attempt:?}");
    assert!(attempt.latency < TIMEOUT && begun.elapsed() < 4 * TIMEOUT, "{attempt:?}");
}

#[tokio::test]
async fn of_an_endless_body_no_more_than_4_kib_are_read() {
    let huge = Receiver::new(Behaviour::huge_body(500)).await;
    let begun = Instant::now();
    let attempt = attempt(huge.address()).await;
    assert_eq!((attempt.body.len(), attempt.status), (MAX_BODY_BYTES, Some(500)));
    assert!(begun.elapsed() < TIMEOUT, "it does not wait for the rest");
    let log = huge.until("a closed connection", |log| !log.hangups.is_empty()).await;
    assert!(log.flooded < 64 * 1024 * 1024, "the connection is closed, not drained: {}", log.flooded);
}

#[tokio::test]
async fn each_way_of_not_answering_has_its_reason() {
    let reason = async |address| shown(&attempt(address).await).1.map(|(reason, detail)| (reason, detail.to_owned()));
    for (end, expected) in [(Behaviour::Reset, Reason::ConnectionReset), (Behaviour::Close, Reason::ConnectionClosed)] {
        let receiver = Receiver::new(end).await;
        assert_eq!(reason(receiver.address()).await.unwrap().0, expected);
        assert_eq!(receiver.log().connections, 1, "the client never repeats");
    }

    assert_eq!(reason(Refusing::new().address()).await.unwrap().0, Reason::ConnectionRefused);
    assert_eq!(reason(answering(b"SSH-2.0-OpenSSH_9.2\r\n").await.address()).await.unwrap().0, Reason::InvalidResponse);

    // The system's resolver takes its time on a busy machine.
    let patient = Sender::new(SenderSettings { timeout: Duration::from_secs(10), ..settings() }).unwrap();
    let unknown = patient.attempt(acme(), Beside::Others, get("http://does-not-exist.invalid/")).await;
    assert_eq!(shown(&unknown).1.unwrap().0, Reason::DnsFailure);
    let plain = Receiver::healthy().await;
    let tls = patient.attempt(acme(), Beside::Others, get(&format!("https://{}/?token=secret", plain.address()))).await;
    assert_eq!(shown(&tls).1.unwrap().0, Reason::TlsFailure);
}

#[tokio::test]
async fn a_reason_never_contains_the_url() {
    let receiver = answering(b"nonsense\r\n\r\n").await;
    let plain = receiver.address();
    for url in [
        "http://does-not-exist.invalid/?token=secret".to_owned(),
        format!("http://{plain}/?token=secret"),
        format!("https://{plain}/?token=secret"),
        "http://127.0.0.1:1/?token=secret".to_owned(),
    ] {
        let attempt = sender().attempt(acme(), Beside::Others, get(&url)).await;
        assert!(!format!("{attempt:?}").contains("secret"), "{attempt:?}");
    }
}

#[tokio::test]
async fn connections_are_reused() {
    let (receiver, sender) = (Receiver::healthy().await, sender());
    for _ in 0..20 {
        assert!(sender.attempt(acme(), Beside::Others, get(&receiver.url("/"))).await.is_success());
    }
    assert_eq!(receiver.log().connections, 1);
}
