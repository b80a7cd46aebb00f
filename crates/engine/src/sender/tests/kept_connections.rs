//! A kept connection may end just as the next request is sent.

use super::*;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Starts a receiver whose first connection responds once and ends at the second request, by a reset or a close.
///
/// The next connections respond, or reset at the first request.
async fn ends_at_the_second_request(reset: bool, then_answers: bool) -> (SocketAddr, Arc<AtomicUsize>) {
    let number = Arc::new(AtomicUsize::new(0));
    receiver(move |mut stream: TcpStream| {
        let is_first = number.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            if is_first || then_answers {
                request_on(&mut stream).await;
                stream.write_all(OK).await.unwrap();
            }
            request_on(&mut stream).await;
            if reset {
                socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
            }
        }
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
    for reset in [false, true] {
        let (address, connections) = ends_at_the_second_request(reset, true).await;
        let sender = on_this_thread();
        for _ in 0..2 {
            let attempt = sender.attempt_alone(acme(), get(&format!("http://{address}/"))).await;
            assert_eq!(shown(&attempt), (Some(200), None, "ok"), "reset: {reset}");
        }
        assert_eq!(connections_of(&connections), 2);
    }
}

#[tokio::test]
async fn it_is_sent_again_once_and_what_a_new_connection_does_counts() {
    let (address, connections) = ends_at_the_second_request(true, false).await;
    let sender = on_this_thread();
    assert!(sender.attempt_alone(acme(), get(&format!("http://{address}/"))).await.is_success());
    let attempt = sender.attempt_alone(acme(), get(&format!("http://{address}/"))).await;
    assert_eq!(attempt.failure.unwrap().reason, Reason::ConnectionReset);
    assert_eq!(connections_of(&connections), 2);
}

#[tokio::test]
async fn many_kept_connections_that_end_together_lose_no_request() {
    let (address, _) = receiver(|mut stream: TcpStream| async move {
        for _ in 0..2 {
            request_on(&mut stream).await;
            stream.write_all(OK).await.unwrap();
        }
        request_on(&mut stream).await;
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    })
    .await;
    let sender = on_this_thread();
    let url = format!("http://{address}/");
    for round in 0..6 {
        let attempts = futures_util::future::join_all((0..20).map(|_| sender.attempt_alone(acme(), get(&url)))).await;
        let failed: Vec<_> = attempts.iter().filter(|attempt| !attempt.is_success()).collect();
        assert!(failed.is_empty(), "round {round}: {failed:?}");
    }
}
