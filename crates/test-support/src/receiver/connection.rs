//! One connection of a receiver, from its first request to its end.

use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Behaviour, Hangup, Request, Shared, answer};

/// End of a connection.
enum End {
    /// The other side closed it.
    HungUp,
    Rst,
    Fin,
}

/// What follows the bytes of a response.
enum Then {
    Keep,
    Close,
    Drip,
    Flood,
}

pub(super) async fn serve(mut stream: TcpStream, connection: usize, shared: &Shared) {
    shared.log.send_modify(|log| log.connections += 1);
    let _ = stream.set_nodelay(true);
    let end = match &shared.tls {
        None => requests(&mut stream, connection, shared).await,
        Some(acceptor) => match acceptor.accept(&mut stream).await {
            Ok(mut stream) => requests(&mut stream, connection, shared).await,
            Err(_) => {
                shared.log.send_modify(|log| log.failed_handshakes += 1);
                End::Fin
            }
        },
    };
    match end {
        End::HungUp => shared.log.send_modify(|log| log.hangups.push(Hangup { connection, at: Instant::now() })),
        End::Rst => drop(stream.set_zero_linger()),
        End::Fin => {}
    }
}

/// Serves requests until the connection ends.
async fn requests(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), connection: usize, shared: &Shared) -> End {
    let mut unread = Vec::new();
    for number in 0.. {
        let head = match read_head(stream, &mut unread).await {
            Head::Whole(head) => head,
            Head::NotHttp => {
                shared.log.send_modify(|log| log.failed_handshakes += 1);
                let _ = stream.write_all(&answer(400, "connection: close\r\n", "this port speaks plain HTTP")).await;
                return End::Fin;
            }
            Head::HungUp => return End::HungUp,
        };
        let request = Request::new(&head, connection, number);
        let decide = shared.decide.lock().expect("no panic while held").clone();
        let behaviour = decide(&request);
        let whole_head = behaviour.sends_a_whole_head();
        let place = shared.arrived(request);
        let (bytes, then) = match response(behaviour, stream, &mut unread).await {
            Ok(response) => response,
            Err(end) => {
                let closed_at = (!matches!(end, End::HungUp)).then(Instant::now);
                shared.ended(place, |request| request.closed_at = closed_at);
                return end;
            }
        };
        let answered_at = Instant::now();
        shared.ended(place, |_| {});
        if stream.write_all(&bytes).await.is_err() {
            return End::HungUp;
        }
        if whole_head {
            shared.record(place, |request| request.answered(answered_at, &bytes));
        }
        match then {
            Then::Keep => {}
            Then::Close => return closed(stream).await,
            Then::Drip => return drip(stream, &mut unread).await,
            Then::Flood => return flood(stream, shared).await,
        }
    }
    End::Fin
}

/// Waits for the time of the response; returns its bytes, or the end of a connection without one.
async fn response(
    behaviour: Behaviour,
    stream: &mut (impl AsyncRead + Unpin),
    unread: &mut Vec<u8>,
) -> Result<(Vec<u8>, Then), End> {
    match behaviour {
        Behaviour::Answer(bytes) => Ok((bytes, Then::Keep)),
        Behaviour::Slow(delay, bytes) => match timeout(delay, hung_up(stream, unread)).await {
            Ok(()) => Err(End::HungUp),
            Err(_) => Ok((bytes, Then::Keep)),
        },
        Behaviour::Held(gate, bytes) => {
            gate.opened().await;
            Ok((bytes, Then::Keep))
        }
        Behaviour::AnswerThenClose(bytes) => Ok((bytes, Then::Close)),
        Behaviour::Drip(bytes) => Ok((bytes, Then::Drip)),
        Behaviour::Flood(bytes) => Ok((bytes, Then::Flood)),
        Behaviour::Hang => {
            hung_up(stream, unread).await;
            Err(End::HungUp)
        }
        Behaviour::Reset => Err(End::Rst),
        Behaviour::Close => Err(End::Fin),
    }
}

enum Head {
    Whole(Vec<u8>),
    /// The first byte is not a letter: a TLS `ClientHello`, for example.
    NotHttp,
    HungUp,
}

/// Reads up to the empty line; bytes after it stay in `unread`, and would be the next request.
async fn read_head(stream: &mut (impl AsyncRead + Unpin), unread: &mut Vec<u8>) -> Head {
    loop {
        if unread.first().is_some_and(|byte| !byte.is_ascii_alphabetic()) {
            return Head::NotHttp;
        }
        if let Some(end) = unread.windows(4).position(|window| window == b"\r\n\r\n") {
            let rest = unread.split_off(end + 4);
            return Head::Whole(std::mem::replace(unread, rest));
        }
        match stream.read_buf(unread).await {
            Ok(0) | Err(_) => return Head::HungUp,
            Ok(_) => {}
        }
    }
}

/// Returns when the other side closes the connection.
async fn hung_up(stream: &mut (impl AsyncRead + Unpin), unread: &mut Vec<u8>) {
    while !matches!(stream.read_buf(unread).await, Ok(0) | Err(_)) {}
}

async fn drip(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), unread: &mut Vec<u8>) -> End {
    while stream.write_all(b"x").await.is_ok() {
        if timeout(Duration::from_millis(50), hung_up(stream, unread)).await.is_ok() {
            break;
        }
    }
    End::HungUp
}

async fn flood(stream: &mut (impl AsyncWrite + Unpin), shared: &Shared) -> End {
    let chunk = vec![b'x'; 64 * 1024];
    while let Ok(written) = stream.write(&chunk).await {
        shared.log.send_modify(|log| log.flooded += written as u64);
    }
    End::HungUp
}

/// Sends FIN and waits until the other side has closed as well.
async fn closed(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> End {
    let _ = stream.shutdown().await;
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    End::HungUp
}
