//! What a receiver does with a request.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// Behaviour of a receiver towards a request.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// Sends these bytes and keeps the connection.
    Answer(Vec<u8>),
    /// Sends these bytes after a while and keeps the connection.
    Slow(Duration, Vec<u8>),
    /// Sends these bytes once the gate opens and keeps the connection.
    Held(Gate, Vec<u8>),
    /// Sends these bytes, without `Connection: close`, and closes.
    AnswerThenClose(Vec<u8>),
    /// Sends no response, for ever.
    Hang,
    /// Sends these bytes, then one more byte at a time, for ever.
    Drip(Vec<u8>),
    /// Sends these bytes, then as many as the other side reads.
    Flood(Vec<u8>),
    /// Ends the connection with RST.
    Reset,
    /// Ends the connection with FIN.
    Close,
}

impl Behaviour {
    /// Responds with this status and no body.
    pub fn status(status: u16) -> Self {
        Self::Answer(answer(status, "", ""))
    }

    pub fn ok() -> Self {
        Self::status(200)
    }

    /// Responds with 200 after a while.
    pub fn slow(delay: Duration) -> Self {
        Self::Slow(delay, answer(200, "", ""))
    }

    /// Responds with 200 once the gate opens.
    pub fn held(gate: &Gate) -> Self {
        Self::Held(gate.clone(), answer(200, "", ""))
    }

    /// Sends a status line and a header that never ends.
    pub fn drip_headers() -> Self {
        Self::Drip(b"HTTP/1.1 200 OK\r\nx-drip: ".to_vec())
    }

    /// Sends a complete head at once, and a body that never ends.
    pub fn drip_body() -> Self {
        Self::Drip(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n".to_vec())
    }

    /// Sends a complete head that announces 1 GiB, and the bytes for it.
    pub fn huge_body(status: u16) -> Self {
        Self::Flood(format!("HTTP/1.1 {status} Huge\r\ncontent-length: 1073741824\r\n\r\n").into_bytes())
    }

    pub(super) fn sends_a_whole_head(&self) -> bool {
        match self {
            Self::Drip(bytes) => bytes.ends_with(b"\r\n\r\n"),
            _ => true,
        }
    }
}

/// Builds a response with `content-length`; `headers` are whole lines.
pub fn answer(status: u16, headers: &str, body: &str) -> Vec<u8> {
    // RFC 9110 section 8.6: no content-length in a 204
    let length = if status == 204 { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    let body = if status == 204 { "" } else { body };
    format!("HTTP/1.1 {status} Status\r\n{headers}{length}\r\n{body}").into_bytes()
}

/// Gate that holds responses until it is opened, for all at once.
#[derive(Clone, Debug)]
pub struct Gate(Arc<watch::Sender<bool>>);

impl Gate {
    pub fn closed() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    pub fn open(&self) {
        self.0.send_replace(true);
    }

    pub(super) async fn opened(&self) {
        // the sender lives in `self`
        let _ = self.0.subscribe().wait_for(|open| *open).await;
    }
}
