//! HTTP/2 errors of requests without a response, in frames of RFC 9113.

use super::*;

const PREFACE: usize = 24;
const HEADERS: u8 = 1;
const NO_ERROR: u8 = 0;
const PROTOCOL_ERROR: u8 = 1;
const INTERNAL_ERROR: u8 = 2;
const REFUSED_STREAM: u8 = 7;
const CANCEL: u8 = 8;
const ENHANCE_YOUR_CALM: u8 = 0xb;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

fn ok(stream: u32) -> Vec<u8> {
    frame(HEADERS, 5, stream, &[0x88])
}

fn reset(stream: u32, code: u8) -> Vec<u8> {
    frame(3, 0, stream, &[0, 0, 0, code])
}

fn go_away(last_stream: u32, code: u8) -> Vec<u8> {
    frame(7, 0, 0, &[&last_stream.to_be_bytes()[..], &[0, 0, 0, code]].concat())
}

/// Starts an HTTP/2 receiver that writes `answer(requests before, stream)` to each request, and a sender that trusts
/// it.
async fn http2<F: Fn(usize, u32) -> Vec<u8> + Send + Sync + 'static>(answer: F) -> (Sender, String, Arc<AtomicUsize>) {
    let certified = localhost();
    let (answer, requests) = (Arc::new(answer), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&requests);
    let serve = move |mut stream: TlsStream<TcpStream>| {
        let (answer, requests) = (Arc::clone(&answer), Arc::clone(&requests));
        async move {
            stream.read_exact(&mut [0; PREFACE]).await.unwrap();
            stream.write_all(&frame(4, 0, 0, &[])).await.unwrap();
            let mut head = [0; 9];
            while stream.read_exact(&mut head).await.is_ok() {
                let [_, a, b, kind, _, c, d, e, f] = head;
                stream.read_exact(&mut vec![0; usize::from(u16::from_be_bytes([a, b]))]).await.unwrap();
                if kind == HEADERS {
                    let before = requests.fetch_add(1, Ordering::SeqCst);
                    stream.write_all(&answer(before, u32::from_be_bytes([c, d, e, f]))).await.unwrap();
                    stream.flush().await.unwrap();
                }
            }
        }
    };
    let (address, _) = sockets::start_tls(certified.acceptor(&[b"h2"]), serve).await;
    let settings =
        SenderSettings { extra_roots: vec![certified.certificate], timeout: Duration::from_secs(5), ..settings() };
    (Sender::new(settings).unwrap(), format!("https://localhost:{}/", address.port()), count)
}

#[tokio::test]
async fn a_refused_stream_is_sent_again_at_once() {
    let (sender, url, requests) =
        http2(|before, stream| if before == 0 { reset(stream, REFUSED_STREAM) } else { ok(stream) }).await;
    assert_eq!(shown(&sender.attempt(acme(), Beside::Others, get(&url)).await), (Some(200), None, ""));
    assert_eq!(number(&requests), 2);
}

#[tokio::test]
async fn what_a_goaway_leaves_out_is_sent_again_at_once() {
    let (sender, url, requests) =
        http2(|before, stream| if before == 1 { go_away(1, NO_ERROR) } else { ok(stream) }).await;
    for _ in 0..2 {
        assert_eq!(shown(&sender.attempt(acme(), Beside::Others, get(&url)).await), (Some(200), None, ""));
    }
    assert_eq!(number(&requests), 3);
}

#[tokio::test]
async fn every_http2_failure_has_a_reason_that_names_it() {
    let resets = [
        (INTERNAL_ERROR, "the receiver reset the request's stream (HTTP/2 INTERNAL_ERROR)"),
        (CANCEL, "the receiver reset the request's stream (HTTP/2 CANCEL)"),
        (PROTOCOL_ERROR, "the receiver reset the request's stream (HTTP/2 PROTOCOL_ERROR)"),
        (ENHANCE_YOUR_CALM, "the receiver reset the request's stream (HTTP/2 ENHANCE_YOUR_CALM)"),
        (REFUSED_STREAM, "refused unprocessed, each time it was sent (HTTP/2 REFUSED_STREAM)"),
    ];
    for (code, detail) in resets {
        let (sender, url, requests) = http2(move |_, stream| reset(stream, code)).await;
        let attempt = sender.attempt(acme(), Beside::Others, get(&url)).await;
        assert_eq!(shown(&attempt).1, Some((Reason::ConnectionReset, detail)));
        assert_eq!(number(&requests), if code == REFUSED_STREAM { 2 } else { 1 }, "{detail}");
    }
    for code in [ENHANCE_YOUR_CALM, INTERNAL_ERROR] {
        let (sender, url, _) = http2(move |_, _| go_away(0, code)).await;
        let attempt = sender.attempt(acme(), Beside::Others, get(&url)).await;
        let (reason, detail) = shown(&attempt).1.unwrap();
        assert_eq!(reason, Reason::ConnectionClosed);
        assert!(detail.starts_with("the receiver closed the connection (HTTP/2 GOAWAY, "), "{detail}");
    }
    let (sender, url, _) = http2(|_, stream| frame(HEADERS, 5, stream, &[0xff; 8])).await;
    let attempt = sender.attempt(acme(), Beside::Others, get(&url)).await;
    assert_eq!(shown(&attempt).1.unwrap().0, Reason::InvalidResponse, "{attempt:?}");
}

#[tokio::test]
async fn an_http2_answer_may_have_40_kb_of_headers() {
    let (sender, url, _) = http2(|_, stream| {
        // HPACK (RFC 7541): status 200, then four literal fields whose values have 10,000 bytes.
        let length = 10_000_u16 - 127;
        let field = [&[0, 3][..], b"x-y", &[127, (length & 0x7f) as u8 | 0x80, (length >> 7) as u8], &[b'v'; 10_000]];
        let block = [&[0x88][..], &field.concat().repeat(4)].concat();
        let (first, rest) = block.split_at(16_000);
        let (second, last) = rest.split_at(16_000);
        [frame(HEADERS, 1, stream, first), frame(9, 0, stream, second), frame(9, 4, stream, last)].concat()
    })
    .await;
    assert_eq!(shown(&sender.attempt(acme(), Beside::Others, get(&url)).await), (Some(200), None, ""));
}

#[tokio::test]
async fn what_an_answer_has_no_need_of_ends_the_connection_when_it_is_too_much() {
    // 103, which is not in HPACK's static table: `:status` by its index, the value as a literal.
    let interim = |stream| frame(HEADERS, 4, stream, &[8, 3, b'1', b'0', b'3']);
    let (ping, settings, priority) = (frame(6, 0, 0, &[0; 8]), frame(4, 0, 0, &[]), frame(2, 0, 1, &[0, 0, 0, 3, 1]));
    for needless in [interim(1), ping, settings, priority, frame(0xbe, 0, 0, &[])] {
        for (times, answered) in [(200, true), (1_000, false)] {
            let needless = needless.repeat(times);
            let (sender, url, requests) = http2(move |_, stream| [&needless[..], &ok(stream)].concat()).await;
            let attempt = sender.attempt(acme(), Beside::Others, get(&url)).await;
            let detail = "the connection was ended, for what came is not valid: the receiver sent more HTTP/2 frames than an \
                answer needs";
            let too_many = Some((Reason::InvalidResponse, detail));
            let expected = if answered { (Some(200), None, "") } else { (None, too_many, "") };
            assert_eq!(shown(&attempt), expected);
            assert_eq!(number(&requests), 1, "what a receiver says is not asked again");
        }
    }
}
