//! Redirects, large bodies, broken connections and the time limit of an attempt.

use super::*;

#[tokio::test]
async fn no_kind_of_redirect_is_followed() {
    let target = Receiver::healthy().await;
    let location = target.url("/elsewhere");
    let receiver = Receiver::deciding(move |request| {
        let path = request.target().split('?').next().expect("a path");
        match path.strip_prefix("/relative/") {
            Some(status) => {
                Behaviour::Answer(answer(status.parse().expect("a status"), "location: /elsewhere\r\n", ""))
            }
            None => {
                let status = path[1..].parse().expect("a status");
                Behaviour::Answer(answer(status, &format!("location: {location}\r\n"), ""))
            }
        }
    })
    .await;
    let statuses = [300, 301, 302, 303, 307, 308];
    let urls: Vec<_> = statuses
        .iter()
        .flat_map(|status| [receiver.url(&format!("/{status}")), receiver.url(&format!("/relative/{status}"))])
        .collect();
    let system = System::start_with(Engine::Embedded, &SETTINGS).await;
    system.call_back("default", &urls).await;

    system.writer().put("i-1", "Order").await;

    for url in &urls {
        let delivery = system.until_pending(url, 1).await.remove(0);
        let attempt = &delivery.attempts[0];
        assert_eq!(attempt.reason.as_deref(), Some("redirect"), "{url}: {attempt:?}");
        assert!(attempt.status.is_some_and(|status| url.ends_with(&status.to_string())), "{url}: {attempt:?}");
    }
    receiver.exactly(urls.len() * TRIES_IN_PLACE).await;
    assert_eq!(target.log().connections, 0);
}

#[tokio::test]
async fn of_a_refusals_body_4_kib_are_read_and_kept() {
    let long = "é".repeat(10_000);
    let chatty = Receiver::new(Behaviour::Answer(answer(500, "", &long))).await;
    let huge = Receiver::new(Behaviour::huge_body(500)).await;
    let system = System::start_with(Engine::Embedded, &SETTINGS).await;
    system.call_back("default", &[chatty.url("/"), huge.url("/")]).await;

    system.writer().put("i-1", "Order").await;

    let delivery = system.until_pending(&chatty.url("/"), 1).await.remove(0);
    assert_eq!(delivery.attempts[0].body.as_deref(), Some("é".repeat(2048).as_str()));
    let delivery = system.until_pending(&huge.url("/"), 1).await.remove(0);
    assert_eq!(delivery.attempts[0].body.as_deref(), Some("x".repeat(4096).as_str()));
    let log = huge.until("a connection that was hung up", |log| !log.hangups.is_empty()).await;
    let took = log.flooded;
    assert!(took < 64 << 20, "{took} of 1 GiB were taken, more than the sockets hold");
}

#[tokio::test]
async fn of_a_success_a_gigabyte_of_body_is_not_read() {
    let huge = Receiver::new(Behaviour::huge_body(200)).await;
    let system = System::start_with(Engine::Embedded, &SETTINGS).await;
    system.call_back("default", &[huge.url("/")]).await;

    system.writer().put("i-1", "Order").await;

    let log = huge.until("a connection that was hung up", |log| !log.hangups.is_empty()).await;
    let took = log.flooded;
    assert!(took < 64 << 20, "{took} of 1 GiB were taken, more than the sockets hold");
}

#[tokio::test]
async fn a_kept_connection_that_breaks_is_no_attempt_of_its_own() {
    for behaviour in [Behaviour::Reset, Behaviour::Close] {
        let receiver = Receiver::healthy().await;
        let url = receiver.url("/");
        let system = System::start_with(Engine::Embedded, &SETTINGS).await;
        system.call_back("default", std::slice::from_ref(&url)).await;
        let writer = system.writer();
        writer.put("i-1", "Order").await;
        receiver.arrived(1).await;

        receiver.turn(behaviour);
        writer.put("i-2", "Order").await;

        let delivery = system.until_any_delivery(&url, |it| it.attempts.len() == TRIES_IN_PLACE).await;
        assert_eq!((delivery.instance.as_str(), delivery.status.as_str()), ("i-2", "pending"));
        let requests = receiver.exactly(5).await;
        let numbers: Vec<_> = requests.iter().map(|request| request.header("webhook-attempt")).collect();
        assert_eq!(numbers, ["1", "1", "1", "2", "3"]);
        assert_eq!(requests[1].connection, 0, "it was the same connection: {requests:#?}");
        assert_ne!(requests[2].connection, 0, "and then, at once, another: {requests:#?}");
    }
}

#[tokio::test]
async fn an_attempt_is_cut_off_after_ten_seconds_and_not_before() {
    let (hanging, dripping) = (Receiver::new(Behaviour::Hang).await, Receiver::new(Behaviour::drip_headers()).await);
    // Its response would be in time if another timeout were added to the first one.
    let late = Receiver::new(Behaviour::slow(Duration::from_secs(18))).await;
    let receivers = [&hanging, &dripping, &late];
    let system = System::start(Engine::Embedded).await;
    system.call_back("default", &receivers.map(|receiver| receiver.url("/"))).await;

    system.writer().put("i-1", "Order").await;

    for receiver in receivers {
        let log = receiver.until("the end of the attempt", |log| !log.hangups.is_empty()).await;
        assert_eq!(log.requests.len(), 1, "{log:#?}");
        let delivery = system.until_delivery(&receiver.url("/"), |it| !it.attempts.is_empty()).await;
        let attempt = &delivery.attempts[0];
        assert_eq!(attempt.reason.as_deref(), Some("timeout"));
        // By the program's own clock, which no load can speed up.
        assert!(attempt.latency_ms >= 9_900, "{attempt:?}");
    }
}
