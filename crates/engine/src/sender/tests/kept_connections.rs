//! A kept connection may end just as the next request is sent.

use super::*;

fn ok() -> Behaviour {
    Behaviour::Answer(answer(200, "", "ok"))
}

/// Starts a receiver whose first connection responds once and ends like this at the second request.
///
/// The next connections respond, or end at the first request.
async fn ends_at_the_second_request(end: Behaviour, then_answers: bool) -> Receiver {
    Receiver::deciding(move |request| match request {
        Arrived { connection: 0, number: 0, .. } => ok(),
        Arrived { connection: 1.., .. } if then_answers => ok(),
        _ => end.clone(),
    })
    .await
}

/// Returns a sender that serves connections on the test's thread. On threads of their own, an idle connection may overtake one that is
/// being opened, see `Progress`.
fn on_this_thread() -> Sender {
    Sender::new(SenderSettings { timeout: Duration::from_secs(10), one_batch_at_a_time: true, ..settings() }).unwrap()
}

#[tokio::test]
async fn a_request_that_a_kept_connection_lost_is_sent_again_at_once() {
    for end in [Behaviour::Close, Behaviour::Reset] {
        let receiver = ends_at_the_second_request(end.clone(), true).await;
        let sender = on_this_thread();
        for _ in 0..2 {
            let attempt = sender.attempt(acme(), Beside::ItsOwn, get(&receiver.url("/"))).await;
            assert_eq!(shown(&attempt), (Some(200), None, "ok"), "{end:?}");
        }
        assert_eq!(receiver.log().connections, 2);
    }
}

#[tokio::test]
async fn it_is_sent_again_once_and_what_a_new_connection_does_counts() {
    let receiver = ends_at_the_second_request(Behaviour::Reset, false).await;
    let sender = on_this_thread();
    assert!(sender.attempt(acme(), Beside::ItsOwn, get(&receiver.url("/"))).await.is_success());
    let attempt = sender.attempt(acme(), Beside::ItsOwn, get(&receiver.url("/"))).await;
    assert_eq!(attempt.failure.unwrap().reason, Reason::ConnectionReset);
    assert_eq!(receiver.log().connections, 2);
}

#[tokio::test]
async fn many_kept_connections_that_end_together_lose_no_request() {
    let receiver = Receiver::deciding(|request| if request.number < 2 { ok() } else { Behaviour::Reset }).await;
    let sender = on_this_thread();
    let url = receiver.url("/");
    for round in 0..6 {
        let attempts =
            futures_util::future::join_all((0..20).map(|_| sender.attempt(acme(), Beside::ItsOwn, get(&url)))).await;
        let failed: Vec<_> = attempts.iter().filter(|attempt| !attempt.is_success()).collect();
        assert!(failed.is_empty(), "round {round}: {failed:?}");
    }
}

#[tokio::test]
async fn a_lost_request_is_sent_again_over_a_connection_of_its_own() {
    let gate = Gate::closed();
    let first = Behaviour::held(&gate);
    let receiver =
        Receiver::deciding(move |request| if request.number == 0 { first.clone() } else { Behaviour::Reset }).await;
    let (sender, url) = (on_this_thread(), receiver.url("/"));
    let attempt = || sender.attempt(acme(), Beside::ItsOwn, get(&url));
    let opened = async {
        receiver.arrived(3).await;
        gate.open();
    };
    tokio::join!(attempt(), attempt(), attempt(), opened);
    assert_eq!(receiver.log().connections, 3, "all of them are kept, and end at their next request");

    assert!(attempt().await.is_success());
    let log = receiver.log();
    assert_eq!((log.connections, log.requests.len()), (4, 5), "no other kept connection is tried");
}
