//! One connection: HTTP/1.1, with a time limit for each part.

use super::body::{Answering, Timely};
use super::places::Place;
use super::stall::Stall;
use axum::{Router, body::Body};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{rt::TokioIo, rt::TokioTimer, service::TowerToHyperService};
use std::{
    convert::Infallible,
    pin::pin,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

/// Time limit for the whole head of a request, from the opening of the connection or the end of its last response: also
/// the longest time that a connection may be idle.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// Serves the connection's requests until `stop`, or until another connection needs its place; then finishes the one in
/// progress.
pub(super) async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    place: Arc<Place>,
    stop: CancellationToken,
) {
    let at = Arc::clone(&place);
    let answer = service_fn(move |request: hyper::Request<Incoming>| {
        let busy = at.begin();
        let request = request.map(|body| Body::new(Timely::new(Body::new(body), &at)));
        let router = TowerToHyperService::new(router.clone());
        async move {
            let answer = hyper::service::Service::call(&router, request).await?;
            Ok::<_, Infallible>(answer.map(|body| Answering::new(body, busy)))
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
    let stream = Stall::new(stream);
    let is_sending = stream.has_pending();
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), answer));
    // Errors of a connection are its caller's: one that disconnected, was too slow, or does not speak HTTP.
    tokio::select! {
        _ = connection.as_mut() => return,
        // Data that is handed over and not read yet is not waited for: its reader may never read it.
        () = place.needed() => is_sending.store(false, Relaxed),
        () = stop.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    if place.is_busy() || is_sending.load(Relaxed) {
        _ = connection.await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::Places;
    use axum::routing::{any, get, post};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex},
        task::JoinHandle,
        time::Instant,
    };

    /// Returns the caller's end of a connection whose other end is served.
    async fn connect(places: &Arc<Places>, stop: &CancellationToken) -> (DuplexStream, JoinHandle<()>) {
        let (caller, server) = duplex(1024);
        let router = Router::new()
            .route("/", get(async || "hello"))
            .route("/large", get(async || "a".repeat(1 << 20)))
            .route("/read", post(async |body: String| body))
            .route("/hang", any(std::future::pending::<&str>));
        let place = Arc::clone(places).take().await;
        (caller, tokio::spawn(serve(server, router, place, stop.clone())))
    }

    async fn alone() -> (DuplexStream, JoinHandle<()>) {
        connect(&Places::new(1), &CancellationToken::new()).await
    }

    async fn ask(caller: &mut DuplexStream, path: &str) -> String {
        caller.write_all(format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = vec![0; 1024];
        let length = caller.read(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer[..length]).into_owned()
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_does_not_come_in_time_ends_the_connection() {
        for sent in ["", "GET / HTTP/1.1\r\nhost: a\r\nx-"] {
            let began = Instant::now();
            let (mut caller, server) = alone().await;
            caller.write_all(sent.as_bytes()).await.unwrap();
            server.await.unwrap();
            assert_eq!(began.elapsed().as_secs(), HEAD_TIME.as_secs(), "{sent:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_drips_does_not_get_more_time() {
        let began = Instant::now();
        let (mut caller, server) = alone().await;
        caller.write_all(b"GET / HTTP/1.1\r\nx: ").await.unwrap();
        while caller.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        server.await.unwrap();
        assert!(began.elapsed() <= HEAD_TIME + Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_requests_ends() {
        let (mut caller, server) = alone().await;
        assert!(ask(&mut caller, "/").await.ends_with("hello"));
        tokio::time::sleep(HEAD_TIME / 2).await;
        assert!(ask(&mut caller, "/").await.ends_with("hello"), "it is used again before");
        let began = Instant::now();
        server.await.unwrap();
        assert_eq!(began.elapsed().as_secs(), HEAD_TIME.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_is_refused_in_time() {
        let began = Instant::now();
        let (caller, server) = alone().await;
        let (mut answers, mut requests) = tokio::io::split(caller);
        requests.write_all(b"POST /read HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n").await.unwrap();
        let dripping = tokio::spawn(async move {
            while requests.write_all(b"a").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        let mut answer = String::new();
        answers.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        assert!(answer.contains("did not come within 30 seconds"), "{answer}");
        server.await.unwrap();
        dripping.await.unwrap();
        assert!(began.elapsed() <= super::super::body::TIME + Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_not_read_ends_the_connection() {
        let began = Instant::now();
        let (mut caller, server) = alone().await;
        caller.write_all(b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        server.await.unwrap();
        assert_eq!(began.elapsed().as_secs(), super::super::stall::TIME.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn half_sent_requests_and_unread_answers_make_room_for_others() {
        for half in [
            "GET / HTTP/1.1\r\n",
            "POST /read HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\na",
            "GET /large HTTP/1.1\r\nhost: a\r\n\r\n",
        ] {
            let (places, stop) = (Places::new(4), CancellationToken::new());
            let mut attackers = Vec::new();
            for _ in 0..20 {
                let (mut attacker, _) = connect(&places, &stop).await;
                attacker.write_all(half.as_bytes()).await.unwrap();
                attackers.push(attacker);
                let (mut caller, _) = connect(&places, &stop).await;
                assert!(ask(&mut caller, "/").await.ends_with("hello"), "{half:?}");
            }
        }
    }

    #[tokio::test]
    async fn at_the_end_a_running_request_alone_is_waited_for() {
        let (places, stop) = (Places::new(3), CancellationToken::new());
        let (mut half, half_served) = connect(&places, &stop).await;
        half.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        let (mut large, large_served) = connect(&places, &stop).await;
        assert!(ask(&mut large, "/large").await.starts_with("HTTP/1.1 200"));
        stop.cancel();
        half_served.await.unwrap();
        let mut rest = Vec::new();
        large.read_to_end(&mut rest).await.unwrap();
        large_served.await.unwrap();
        assert!(rest.len() >= (1 << 20) - 1024);
    }
}
